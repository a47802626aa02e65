"""Remove texts of low quality by published rules, and by a classifier of one's own.

    stages:
      - stage: language
      - stage: quality
        gopher: datatrove                   # or paper, dolma
        fineweb: {languages: [en]}          # only for documents in English
        rules:
          gopher.words: {min: 30}           # keeps the upper bound
          gopher.stop_words: false          # switches a rule off
        model: {path: quality.npz, min_score: 0.3}    # of `corpus train-quality GOOD BAD`

Every text is measured once: its signals are kept in the cache, whatever rules are set. A changed
bound, or another set, therefore reads no text again. The first broken rule is the reason for the
removal, `gopher_words`, and the evidence has the signal, its value and the bound.

The rules are those of C4, Gopher, FineWeb, FineWeb-2, RefinedWeb and DCLM. A classifier's score is
the probability that a text is like its good documents, if good and bad ones were equally frequent;
a text without words has no score, and is kept. The page docs/quality-model.md says how to train a
classifier, and how to read its report.

Rules with English stop words remove texts in other languages. Limit such a set with `languages`,
which needs the stage `language` before this one, or switch the rule off. The page docs/quality.md
lists every rule, its source, and what differs between the variants.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from corpus.arrow_buffers import number_column
from corpus.documents import LANGUAGE, TEXT, optional, remove
from corpus.errors import hint
from corpus.observations import Observation
from corpus.signals import rules as published
from corpus.signals.fineweb2 import FINEWEB2, LANGUAGES
from corpus.signals.language_fit import language_metrics, with_language
from corpus.signals.names import SCHEMA, STOP_WORDS_BY_LANGUAGE, column_name
from corpus.signals.observation import QualitySignals, RedPajamaSignals
from corpus.signals.rule import Rule
from corpus.signals.rules import RULE_SETS
from corpus.sources.columns.observation import Column
from corpus.stages.base import ThresholdStage
from corpus.stages.quality_settings import (
    LOW_SCORE,
    C4Selection,
    C4Variant,
    GopherSelection,
    GopherVariant,
    ModelSelection,
    RuleBounds,
    Selection,
)
from corpus.stages.thresholds import Threshold


class Quality(ThresholdStage):
    """Remove texts of low quality by published rules, or by a classifier of one's own."""

    reasons: ClassVar[dict[str, str]] = published.reasons() | {
        LOW_SCORE: "the score of the quality classifier is below min_score",
    }

    stage: Literal["quality"] = "quality"

    c4: bool | C4Variant | C4Selection = False
    """The rules of C4, judged on the lines that C4 keeps; the text keeps all of its lines.
    `any_end` for lines that may end in any character, or `{variant: any_end, languages: [en]}`."""

    gopher: bool | GopherVariant | GopherSelection = False
    """The rules of Gopher for quality and repetition: `paper` (the default for `true`),
    `datatrove` or `dolma`, or `{variant: dolma, languages: [en]}`."""

    fineweb: bool | Selection = False
    """FineWeb's own rules: marks at the ends of lines, short lines, repeated lines, line breaks."""

    fineweb2: bool | Selection = False
    """The rules of FineWeb-2, with the bounds of each document's language; documents in languages
    without bounds are kept. Needs the stage `language`."""

    refinedweb: bool | Selection = False
    """The rules of RefinedWeb for whole documents: those of Gopher's paper, repetition first."""

    dclm: bool | Selection = False
    """The rules of DCLM's code for whole documents."""

    redpajama: bool = False
    """Also measure RedPajama-v2's signals of natural language, for `output: {signals: true}`. No
    document is removed for them."""

    rules: dict[str, RuleBounds | Literal[False]] = Field(default_factory=dict)
    """Other bounds for single rules, `{gopher.words: {min: 30}}`; `false` switches a rule off."""

    model: Path | ModelSelection | None = None
    """A classifier of one's own, made by `corpus train-quality`, and the minimum score:
    `{path: quality.npz, min_score: 0.3, languages: [en]}`. A path alone only scores."""

    _folder: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _rules_exist(self, info: ValidationInfo) -> Self:
        """Refuse bounds for rules that are not in use, and bounds that nothing can be within."""
        self._folder = Path((info.context or {}).get("folder", "."))
        in_use: dict[str, list[tuple[tuple[str, ...] | None, Rule]]] = {}
        for name, languages, rule in self._rules_in_use(original=True):
            in_use.setdefault(name, []).append((languages, rule))
        for name, bounds in self.rules.items():
            if name not in in_use:
                known = hint(name, in_use) if in_use else "no rule set is selected"
                raise ValueError(f"no rule {name!r} is in use; {known}")
            if bounds is False:
                continue
            if bounds.min is None and bounds.max is None:
                raise ValueError(f"{name} has no bound: give min, max or both")
            for languages, published_rule in in_use[name]:
                rule = _with_bounds(published_rule, bounds)
                if rule.min is not None and rule.max is not None and rule.max < rule.min:
                    where = f" of {', '.join(languages)}" if languages else ""
                    raise ValueError(
                        f"{name}: max ({rule.max:g}) is below min ({rule.min:g}): no document"
                        f"{where} would be kept; give both bounds, or name languages"
                    )
        return self

    @field_validator("fineweb2")
    @classmethod
    def _has_bounds(cls, fineweb2: bool | Selection) -> bool | Selection:
        """Refuse languages for which FineWeb-2 has published no bounds."""
        languages = fineweb2.languages if isinstance(fineweb2, Selection) else None
        unknown = [language for language in languages or () if language not in FINEWEB2]
        if unknown:
            raise ValueError(
                f"FineWeb-2 has no bounds for {', '.join(unknown)}; it has some for "
                + ", ".join(FINEWEB2)
            )
        return fineweb2

    def files(self) -> tuple[Path, ...]:
        """Return the model file. Raises ConfigError or InputError if it is not a model."""
        return (self._model.observation(self._folder).model,) if self._model else ()

    def kernels(self) -> None:
        """Load the model; compile the kernels, or load them from the cache."""
        from corpus.signals.measure import measure_signals
        from corpus.signals.redpajama_kernel import measure_redpajama_signals

        words = pa.array(["word"], pa.large_string())
        documents = pa.record_batch({TEXT: words})
        if self._measures_signals:
            measure_signals(words)
        if self.redpajama:
            measure_redpajama_signals(words)
        if self._model:
            self._model.observation(self._folder).columns(documents)

    def observes(self) -> tuple[Observation, ...]:
        """Return every signal, the score, and the language where no earlier stage decides it.

        With a classifier alone, only the score is measured.
        """
        signals = (QualitySignals(),) if self._measures_signals else ()
        more = (RedPajamaSignals(),) if self.redpajama else ()
        score = (self._model.observation(self._folder),) if self._model else ()
        return (*signals, _LANGUAGE, *more, *score)

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return the bounds of the rules in use; the stop words of FineWeb-2 have no column."""
        rules = tuple(
            Threshold(
                reason_of(name),
                f"rules.{name}",
                column_name(rule.signal),
                rule.signal.replace("_", " "),
                rule.min,
                rule.max,
                languages=languages,
            )
            for name, languages, rule in self._rules_in_use()
            if column_name(rule.signal) in SCHEMA.names
        )
        return rules + (self._model.thresholds(self._folder) if self._model else ())

    def judge(self, measured: pa.RecordBatch) -> pa.RecordBatch:
        """Return the measurements; rows that break a rule are marked, with the measured value."""
        rows: dict[tuple[str, ...] | None, pa.Array | pa.Scalar | None] = {}
        for name, languages, rule in self._rules_in_use():
            if languages not in rows:
                rows[languages] = _rows_in(measured, languages)
            where = rows[languages]
            if where is None:
                continue
            values = _values(measured, rule.signal)
            for bound, broken, side in (
                (rule.min, pc.less, "at least"),
                (rule.max, pc.greater, "at most"),
            ):
                if bound is None:
                    continue
                out = pc.and_(pc.fill_null(broken(values, bound), fill_value=False), where)
                measured = _mark(measured, out, rule, name, f"{side} {bound:g}")
        if self._model:
            where = _rows_in(measured, self._model.languages)
            measured = self._model.mark(measured, self._folder, where)
        return measured

    def required_columns(self) -> Mapping[Column, str]:
        """Return the language, if a selected set or the model judges documents by it."""
        by_language = [
            name
            for name in (*RULE_SETS, "model")
            if name == "fineweb2" or getattr(getattr(self, name), "languages", None)
            if getattr(self, name)
        ]
        if not by_language:
            return {}
        why = (
            f"no document has a language here, and {', '.join(by_language)} would judge none; put "
            "the stage 'language' before this one"
        )
        return {_LANGUAGE: why}

    def decisions(self, judged: pa.RecordBatch) -> pa.RecordBatch:
        """Return what `judge` decided on each row, with the language that it judged by."""
        return with_language(super().decisions(judged), _languages_of(judged))

    def metrics(self, decisions: Iterable[pa.RecordBatch]) -> dict[str, object]:
        """Return how many documents met rules that were not made for their language."""
        sets = {name: getattr(self, name) for name in RULE_SETS}
        selected = {
            name: getattr(each, "languages", None)
            for name, each in sets.items()
            if each is not False
        }
        in_use = {name for name, _, _ in self._rules_in_use()}
        return language_metrics(selected, in_use, decisions)

    @property
    def _model(self) -> ModelSelection | None:
        return ModelSelection(path=self.model) if isinstance(self.model, Path) else self.model

    @property
    def _measures_signals(self) -> bool:
        """Whether the signals are measured: not for a classifier alone."""
        return self.model is None or any(self._selections())

    def _selections(self) -> Iterator[tuple[str, tuple[str, ...] | None, tuple[Rule, ...]]]:
        """Yield the name, the languages and the rules of each selected set."""
        for name, variants in RULE_SETS.items():
            selected = getattr(self, name)
            if selected is False:
                continue
            variant, languages = next(iter(variants)), None
            if isinstance(selected, str):
                variant = selected
            elif isinstance(selected, Selection):
                languages = selected.languages
                variant = getattr(selected, "variant", variant)
            if name != "fineweb2":
                yield name, languages, variants[variant]
                continue
            for language, rules in FINEWEB2.items():
                if languages is None or language in languages:
                    yield name, (language,), rules

    def _rules_in_use(
        self, *, original: bool = False
    ) -> Iterator[tuple[str, tuple[str, ...] | None, Rule]]:
        """Yield the name, languages and bounds of each rule; `original` with published bounds."""
        for name, languages, rules in self._selections():
            for rule in rules:
                full_name = f"{name}.{rule.name}"
                bounds = None if original else self.rules.get(full_name)
                if bounds is False:
                    continue
                yield full_name, languages, _with_bounds(rule, bounds) if bounds else rule


_LANGUAGE = Column(name=LANGUAGE, kind="text")


def reason_of(rule: str) -> str:
    """Return the reason for which a rule removes documents: `gopher_words` for `gopher.words`."""
    return rule.replace(".", "_")


def _with_bounds(rule: Rule, bounds: RuleBounds) -> Rule:
    """Return the rule with other bounds; one that is not given keeps its published value."""
    return rule._replace(
        min=rule.min if bounds.min is None else bounds.min,
        max=rule.max if bounds.max is None else bounds.max,
    )


def _rows_in(
    measured: pa.RecordBatch, languages: tuple[str, ...] | None
) -> pa.Array | pa.Scalar | None:
    """Return which rows are in one of these languages; None if no row is."""
    if languages is None:
        return pa.scalar(True)
    where = pc.is_in(_languages_of(measured), pa.array(languages, pa.string()))
    return where if pc.any(where).as_py() else None


def _languages_of(measured: pa.RecordBatch) -> pa.Array:
    """Return the language that an earlier stage decided, or else that of the source."""
    observed = optional(measured, _LANGUAGE.column, pa.string())
    return pc.coalesce(optional(measured, LANGUAGE, pa.string()), observed)


def _values(measured: pa.RecordBatch, signal: str) -> pa.Array:
    """Return the values of a signal, as numbers."""
    name, _, language = signal.partition("_fineweb2_")
    if name != "stop_words" or not language:
        return measured.column(column_name(signal))
    packed = measured.column(column_name(STOP_WORDS_BY_LANGUAGE))
    counts = np.frombuffer(packed.buffers()[1], np.uint8).reshape(-1, len(LANGUAGES))
    rows = counts[packed.offset : packed.offset + len(packed)]
    return number_column(rows[:, LANGUAGES.index(language)].astype(np.int64))


def _mark(
    measured: pa.RecordBatch, out: pa.Array, rule: Rule, name: str, bound: str
) -> pa.RecordBatch:
    """Return the measurements; rows at `out` are marked, with signal, value and bound."""
    if not pc.any(out).as_py():
        return measured
    values = _values(measured, rule.signal)
    broken = pc.round(values.filter(out), 6).cast(pa.string())
    texts = pc.binary_join_element_wise(f"{rule.signal}=", broken, f", {bound}", "")
    evidence = pc.replace_with_mask(pa.nulls(len(out), pa.string()), out, texts)
    return remove(measured, out, because=reason_of(name), evidence=evidence, score=values)
