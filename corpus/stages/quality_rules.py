"""The rules that the stage `quality` uses: of selected sets, for some languages, with bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from corpus.errors import hint
from corpus.signals.fineweb2 import FINEWEB2
from corpus.signals.rule import Rule
from corpus.signals.rules import RULE_SETS
from corpus.stages.quality_settings import RuleBounds, Selection
from corpus.terminal import format_bound

SelectedSets = Mapping[str, bool | str | Selection]
"""What is selected of each set in `RULE_SETS`: nothing, its default, a variant, or languages."""

Bounds = Mapping[str, RuleBounds | Literal[False]]
"""Other bounds for rules, by name; False for a rule that is switched off."""


class RuleInUse(NamedTuple):
    """A rule of a selected set."""

    name: str
    """With its set: `gopher.words`."""

    languages: tuple[str, ...] | None
    """The languages whose documents must follow it; None for all documents."""

    rule: Rule

    @property
    def reason(self) -> str:
        """The reason for which it removes documents: `gopher_words`."""
        return self.name.replace(".", "_")


def languages_of_set(selected: bool | str | Selection) -> tuple[str, ...] | None:
    """Return the languages that a set is limited to; None for all."""
    return selected.languages if isinstance(selected, Selection) else None


def published_rules(sets: SelectedSets) -> Iterator[RuleInUse]:
    """Yield each rule of the selected sets, with its published bounds."""
    for name, languages, rules in _selected(sets):
        for rule in rules:
            yield RuleInUse(f"{name}.{rule.name}", languages, rule)


def rules_in_use(sets: SelectedSets, bounds: Bounds) -> Iterator[RuleInUse]:
    """Yield each rule of the selected sets that is not switched off, with the bounds to use."""
    for each in published_rules(sets):
        own = bounds.get(each.name)
        if own is not False:
            yield each._replace(rule=_with_bounds(each.rule, own)) if own else each


def check_bounds(sets: SelectedSets, bounds: Bounds) -> None:
    """Raise ValueError for rules that are not in use, and bounds that nothing can be within."""
    published: dict[str, list[RuleInUse]] = {}
    for each in published_rules(sets):
        published.setdefault(each.name, []).append(each)
    for name, own in bounds.items():
        if name not in published:
            known = hint(name, published) if published else "no rule set is selected"
            raise ValueError(f"no rule {name!r} is in use; {known}")
        if own is False:
            continue
        if own.min is None and own.max is None:
            raise ValueError(f"{name} has no bound: give min, max or both")
        for each in published[name]:
            _refuse_empty(each._replace(rule=_with_bounds(each.rule, own)))


def _refuse_empty(each: RuleInUse) -> None:
    """Raise ValueError if no value is within the bounds of a rule."""
    low, high = each.rule.min, each.rule.max
    if low is not None and high is not None and high < low:
        where = f" of {', '.join(each.languages)}" if each.languages else ""
        raise ValueError(
            f"{each.name}: max ({format_bound(high)}) is below min ({format_bound(low)}): no "
            f"document{where} would be kept; give both bounds, or name languages"
        )


def _selected(
    sets: SelectedSets,
) -> Iterator[tuple[str, tuple[str, ...] | None, Iterable[Rule]]]:
    """Yield the name, the languages and the rules of each selected set."""
    for name, variants in RULE_SETS.items():
        selected = sets[name]
        if selected is False:
            continue
        languages = languages_of_set(selected)
        if name == "fineweb2":
            for language, rules in FINEWEB2.items():
                if languages is None or language in languages:
                    yield name, (language,), rules
            continue
        variant = selected if isinstance(selected, str) else getattr(selected, "variant", None)
        yield name, languages, variants[variant or next(iter(variants))]


def _with_bounds(rule: Rule, bounds: RuleBounds) -> Rule:
    """Return the rule with other bounds; one that is not given keeps its published value."""
    return rule._replace(
        min=rule.min if bounds.min is None else bounds.min,
        max=rule.max if bounds.max is None else bounds.max,
    )
