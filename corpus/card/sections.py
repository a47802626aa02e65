"""Make everything that the template of the dataset card shows: rows, sentences and code blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from corpus.card.descriptions import METRICS, METRICS_NOT_ON_CARD, METRICS_OF_STAGE
from corpus.card.hub import configs
from corpus.card.limits import limits
from corpus.card.reasons import reason_descriptions
from corpus.card.tables import dates, example, fields, name_tables
from corpus.contamination.coverage import coverage_of, describe_skipped
from corpus.markup import Markdown, code, count_of, fenced, markdown, markdown_with_code, visible
from corpus.mixture.report import (
    MAX_GROUPS_IN_TABLE,
    epochs_of,
    missed_targets_notice,
    mixture_of,
)

Manifest = Mapping[str, Any]
Audit = Mapping[str, Any]
About = Mapping[str, Any]

HEADINGS = {
    "collection": "Origin of the texts",
    "uses": "Intended uses",
    "out_of_scope": "Uses to avoid",
    "limitations": "Biases and gaps",
    "funding": "Funding",
}
"""Card settings that have a section of their own, with its heading."""


ROW_COUNTS = ("documents", "matches")
"""The counts of a row of what was redacted."""


class FunnelRow(NamedTuple):
    """A step from the records read to the documents kept; numbers of removals are negative."""

    stage: str
    reason: Markdown
    documents: int
    characters: int | None = None


class CoverageRow(NamedTuple):
    """A benchmark whose items were searched for in the documents."""

    benchmark: str
    version: Markdown
    items: int
    indexed: int
    answers: int
    skipped: Markdown
    documents: int | None


class MixtureRow(NamedTuple):
    """A group of training documents, and how much of it is used."""

    group: str
    documents: int
    size: int
    target: int
    reached: int
    epochs: str
    kept: int
    uses: int


class MixtureTable(NamedTuple):
    """The mixture of the training documents."""

    by: str
    unit: str
    rows: list[MixtureRow]
    reached: int
    """The size of all groups that is used."""
    more: int
    """The number of groups that are not listed."""
    missed: Markdown
    """Which groups are smaller than wanted; empty if none is."""
    repeats: bool
    """Whether a document is used more than once."""


class Step(NamedTuple):
    """A stage of the build, with its settings and metrics."""

    stage: str
    settings: Markdown
    metrics: list[Markdown]


def sections(manifest: Manifest, audit: Audit, about: About) -> dict[str, Any]:
    """Return all variables of the template; text that is not `Markdown` is escaped there."""
    return {
        "manifest": manifest,
        "audit": audit,
        "name": manifest["name"],
        "title": about.get("pretty_name") or manifest["name"],
        "about": _as_markdown(about),
        "summary": _summary(manifest, audit),
        "splits": [
            {"name": name, "files": len(split["shards"]), **audit["splits"][name]}
            for name, split in manifest["splits"].items()
        ],
        "configs": Markdown(", ".join(f'`"{name}"`' for name in list(configs(manifest))[1:])),
        "tables": name_tables(audit),
        "dates": dates(audit),
        "leakage": _leakage(manifest),
        "coverage": _coverage(manifest),
        "tokens": _tokens(audit),
        "mixture": _mixture(manifest),
        "fields": fields(manifest, audit),
        "example": example(audit),
        "origin": _origin(manifest),
        "funnel": _funnel(manifest),
        "removes_lines": any(s["stage"] == "deduplicate_lines" for s in manifest["stages"]),
        "steps": [_step(stage) for stage in manifest["stages"]],
        "author_sections": _author_sections(about),
        "personal_data": _personal_data(audit),
        "limits": limits(manifest, audit),
        "config": _config(manifest),
    }


def _as_markdown(about: About) -> dict[str, Any]:
    """Return the card settings; their authors may write Markdown."""
    settings: dict[str, Any] = {"description": None, "personal_data": None, **about}
    return {
        key: Markdown(value) if isinstance(value, str) else value for key, value in settings.items()
    }


def _author_sections(about: About) -> list[tuple[str, Markdown]]:
    """Return the sections that come from card settings, as (heading, text)."""
    parts = [(title, Markdown(about[key])) for key, title in HEADINGS.items() if about.get(key)]
    lines = [f"- {markdown(author)}" for author in about.get("authors") or ()]
    lines += [f"- contact: {markdown(about['contact'])}"] if about.get("contact") else []
    lines += [
        f"- {key}: {_link(about[key])}"
        for key in ("homepage", "repository", "paper")
        if about.get(key)
    ]
    if lines:
        parts.append(("Authors and contact", Markdown("\n".join(lines))))
    if about.get("citation"):
        parts.append(("Citation", fenced(about["citation"], "bibtex")))
    return parts


def _link(url: str) -> str:
    return f"<{url}>" if re.fullmatch(r"https?://[^\s<>]+", url) else markdown(url)


def _summary(manifest: Manifest, audit: Audit) -> Markdown:
    counts = manifest["counts"]
    splits = ", ".join(f"{n:,} in `{split}`" for split, n in counts["splits"].items())
    return Markdown(
        f"{count_of(audit['documents'], 'document')} ({splits}) with {audit['words']:,} words, "
        f"built from {count_of(counts['read'], 'record')} in "
        f"{count_of(len(manifest['inputs']), 'file')}. Removed: {counts['removed']:,}. Could not "
        f"be read: {counts['rejected']:,}."
    )


def _origin(manifest: Manifest) -> Markdown:
    """Return how much input there was."""
    inputs, counts = manifest["inputs"], manifest["counts"]
    size = sum(file["bytes"] for file in inputs)
    return Markdown(
        f"Input: {count_of(counts['read'], 'record')} in {count_of(len(inputs), 'file')} "
        f"({count_of(size, 'byte')}). Kept: {count_of(counts['kept'], 'document')}."
    )


def _funnel(manifest: Manifest) -> list[FunnelRow]:
    """Return the steps from the records read to the documents kept, without empty ones."""
    counts = manifest["counts"]
    descriptions = reason_descriptions(manifest)
    rows = [
        FunnelRow("read", Markdown("**records**"), counts["read"]),
        FunnelRow("", Markdown("could not be read"), -counts["rejected"]),
    ]
    for row in manifest["funnel"]:
        description = descriptions.get((row["stage"], row["reason"]))
        reason = (
            f"{code(row['reason'])}{': ' + markdown_with_code(description) if description else ''}"
        )
        rows.append(
            FunnelRow(row["stage"], Markdown(reason), -row["documents"], -row["characters"])
        )
    rows.append(FunnelRow("", Markdown("**documents kept**"), counts["kept"]))
    return [row for row in rows if row.documents]


def _step(stage: Mapping[str, Any]) -> Step:
    """Return a stage with its settings in one line, and a line for each metric."""
    settings = [
        f"{markdown(key)} {code(_plain(value))}"
        for key, value in stage.items()
        if key not in ("stage", "metrics", "reasons") and value not in (None, [], {})
    ]
    metrics = [
        Markdown(f"{_metric(stage['stage'], key)}: {code(_plain(value))}")
        for key, value in stage.get("metrics", {}).items()
        if key not in METRICS_NOT_ON_CARD
    ]
    return Step(stage["stage"], Markdown(", ".join(settings)), metrics)


def _metric(stage: str, key: str) -> str:
    """Return the description of a metric, or its key if it has none, as in custom stages."""
    return METRICS_OF_STAGE.get((stage, key)) or METRICS.get(key) or markdown(key.replace("_", " "))


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _leakage(manifest: Manifest) -> Markdown | None:
    """Return the highest similarity between training and held-out documents, if it is known."""
    for stage in manifest["stages"]:
        if stage["stage"] != "split":
            continue
        metrics = stage.get("metrics", {})
        if (highest := metrics.get("highest_left")) is not None:
            return Markdown(
                "After leaks were removed, no document was found with a Jaccard similarity of "
                f"{stage['leakage_threshold']} or more to a document in another split (over "
                f"shingles of {stage['words']} words). The highest similarity found is {highest:g}."
                f"{_bound_of_highest(metrics)}"
            )
        if overlap := metrics.get("overlap"):
            return Markdown(
                f"Leaks were not removed: the words of {count_of(overlap, 'held-out document')} "
                "are, in the same order, also those of a document in another split."
            )
    return None


def _coverage(manifest: Manifest) -> list[CoverageRow]:
    """Return which items of benchmarks were searched for, and in how many documents they are."""
    return [
        CoverageRow(
            row["benchmark"],
            markdown(row["version"]),
            *(row["items"], row["indexed"], row["answers"]),
            markdown(describe_skipped(row)),
            row.get("documents"),
        )
        for row in coverage_of(manifest)
    ]


def _tokens(audit: Audit) -> Markdown | None:
    """Return how many tokens each split has; None if no stage has counted them."""
    tokenizer = audit["tokenizer"]
    if not tokenizer:
        return None
    counts = ", ".join(
        f"{each['tokens']:,} in {code(name)}" for name, each in audit["splits"].items()
    )
    return Markdown(
        f"Tokens: {counts}. They were counted with {code(tokenizer['name'])} (SHA-256 "
        f"{code(tokenizer['sha256'])}), without special tokens."
    )


def _mixture(manifest: Manifest) -> MixtureTable | None:
    """Return how often each group of training documents is used; None if no stage is `mix`."""
    mixture = mixture_of(manifest)
    if mixture is None:
        return None
    shown = mixture.groups[:MAX_GROUPS_IN_TABLE]
    return MixtureTable(
        by=mixture.by,
        unit=mixture.unit,
        rows=[
            MixtureRow(
                *(row["group"], row["documents"], row["size"], row["target"], row["reached"]),
                *(f"{epochs_of(row):.3g}", row["kept"], row["uses"]),
            )
            for row in shown
        ],
        reached=mixture.reached,
        more=len(mixture.groups) - len(shown),
        missed=markdown(missed_targets_notice(mixture)),
        repeats=mixture.repeats,
    )


def _bound_of_highest(metrics: Mapping[str, Any]) -> str:
    """Return how sure it is that no pair is more similar than the highest similarity found."""
    if metrics.get("highest_left_at_least"):
        return " It is a lower bound: there were too many similar pairs to compare all of them."
    recall = metrics.get("recall_of_highest")
    return f" Recall for pairs with a similarity of 0.4 is {recall:g}." if recall else ""


def _personal_data(audit: Audit) -> Markdown:
    """Return how many documents match patterns of personal data, and what no pattern matches."""
    read = audit["close"]["read"]
    kinds = [row for row in audit["close"]["personal"] if row["documents"]]
    matches = ", ".join(f"{row['kind']} in {row['documents']:,}" for row in kinds) or "no matches"
    searched = count_of(read["documents"], "document")
    redacted = audit.get("redactions")
    search = (
        f"Pattern search for personal data in {searched}: {matches}. Names and stories about "
        "people match no pattern. "
    )
    if redacted is None:
        return Markdown(search + "Matches are counted, not removed.")
    left = "These are what is left after redaction, fake values (`surrogate`) included."
    return Markdown(_redacted(redacted) + search + left)


def _redacted(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a sentence about what the stage `redact` found."""
    totals = {
        type: [sum(row[key] for row in rows if row["type"] == type) for key in ROW_COUNTS]
        for type in sorted({row["type"] for row in rows})
    }
    counts = ", ".join(
        f"{matches:,} of the type {type} in {count_of(documents, 'document')}"
        for type, (documents, matches) in totals.items()
    )
    return f"The stage `redact` looked for personal data: {counts or 'no matches'}. "


def _config(manifest: Manifest) -> Markdown:
    """Return the resolved config as YAML that builds the same corpus."""
    config = dict(manifest["config"])
    config.pop("card", None)
    config["output"] = {"path": f"build/{manifest['name']}"} | (config.get("output") or {})
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=100)
    if visible(text, lines=True) != text:
        text = yaml.safe_dump(config, sort_keys=False, width=100)  # escapes invisible characters
    if "<!--" in text:  # JSON is YAML, and with escapes it cannot contain a marker of the card
        text = json.dumps(config).replace("<", "\\u003c")
    return fenced(text, "yaml")
