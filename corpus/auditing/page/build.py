"""The sections of the audit page about the build: checks, the funnel of removals, provenance."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from corpus.auditing.page.charts import bar
from corpus.auditing.page.parts import Row, folded, quote, safe_text, side_by_side, table
from corpus.auditing.report import ChangedText, RemovalExample, Removals, Report, Unread
from corpus.builds.summary import describe_skipped
from corpus.card.reasons import reason_descriptions
from corpus.markup import count_of, html, html_with_code, percent
from corpus.sources.files.skipped import describe_kinds
from corpus.terminal import format_number

Manifest = dict[str, Any]

STATUS_LABELS = {"pass": "✓ pass", "warn": "! warn", "fail": "✗ fail"}

MAX_INPUTS = 50
"""Maximum number of input files that are listed."""

MAX_CONFIG_CHARACTERS = 20_000
MAX_EVIDENCE_CHARACTERS = 80
HASH_DIGITS = 16
"""Digits of a SHA-256 that are shown."""


def checks(audit: Report) -> str:
    """Return the checks with their results, the worst first."""
    severity = list(STATUS_LABELS)
    ordered = sorted(audit["checks"], key=lambda check: -severity.index(check["status"]))
    rows = [
        Row(
            [
                f'<span class="{check["status"]}">{STATUS_LABELS[check["status"]]}</span>',
                html(check["question"]),
                html(check["reason"]),
            ]
        )
        for check in ordered
    ]
    statuses = [check["status"] for check in ordered]
    counts = (
        f"{statuses.count('pass')} passed, {count_of(statuses.count('warn'), 'warning')}, "
        f"{statuses.count('fail')} failed"
    )
    return f"<p>{counts}.</p>" + table(("result", "check", "details"), rows, "wtt", "Checks")


def funnel(audit: Report, manifest: Manifest | None) -> str:
    """Return how the records that were read became the documents that were kept."""
    if not manifest:
        return _unread(audit["unread"]) + _skipped(audit)
    counts = manifest["counts"]
    read, kept = counts["read"], counts["kept"]
    return (
        f"<p>{percent(kept, read)} of the records were kept. Every removed document is listed in "
        "<code>ledger/removed.parquet</code> with its evidence, and every record that could not be "
        "read in <code>ledger/rejected.parquet</code>.</p>"
        + table(
            ("stage", "reason", "documents", "characters", ""),
            _funnel_rows(manifest),
            "wwnnc",
            "Removed documents by stage and reason",
        )
        + _skipped(audit)
        + _examples(audit.get("removals"), manifest)
    )


def _funnel_rows(manifest: Manifest) -> list[Row]:
    """Return a row for each reason, with a bar that shows what was left before and after it."""
    counts = manifest["counts"]
    remaining = read = counts["read"]
    descriptions = reason_descriptions(manifest)
    steps = [("read", "could not be read", counts["rejected"], None)]
    steps += [
        (row["stage"], row["reason"], row["documents"], row["characters"])
        for row in manifest["funnel"]
    ]
    rows = [Row(["read", "", f"{read:,}", "", bar([(read, "remaining")], read)], "sum")]
    for stage, reason, documents, characters in steps:
        if documents:
            remaining -= documents
            chart = bar([(remaining, "remaining"), (documents, "removed")], read)
            size = f"&minus;{characters:,}" if characters else ""
            label = _reason(reason, descriptions.get((stage, reason)))
            rows.append(Row([safe_text(stage), label, f"&minus;{documents:,}", size, chart]))
    kept = counts["kept"]
    size = f"{sum(split['characters'] for split in manifest['splits'].values()):,}"
    rows.append(Row(["kept", "", f"{kept:,}", size, bar([(kept, "remaining")], read)], "sum"))
    return rows


def _reason(reason: str, description: str | None) -> str:
    """Return a reason with its description below it."""
    below = (
        f'<br><span class="quiet"><bdi>{html_with_code(description)}</bdi></span>'
        if description
        else ""
    )
    return f"{safe_text(reason)}{below}"


def _unread(unread: Unread | None) -> str:
    """Return the records that could not be read, for a corpus that has no ledger of rejects."""
    if not unread or not unread["records"]:
        return ""
    first = "\n".join(unread["first"])
    return (
        f"<p>Records that could not be read: {unread['records']:,}. The first ones:</p>"
        f"{quote(first)}"
    )


def _skipped(audit: Report) -> str:
    """Return how many records are not pages, and how many files are not read."""
    text = ""
    if records := audit.get("skipped"):
        counts = html(describe_skipped(records))
        text += f"<p>Records skipped because they are not documents: {counts}.</p>"
    if files := audit.get("skipped_files"):
        text += f"<p>Files skipped: {html(describe_kinds(files))}.</p>"
    return text


def _examples(removals: Removals | None, manifest: Manifest) -> str:
    """Return a few removed documents for each reason, and a few texts that a stage changed."""
    if not removals:
        return ""
    by_reason: dict[tuple[str | None, str | None], list[RemovalExample]] = {
        (row["stage"], row["reason"]): [] for row in manifest["funnel"]
    }
    for example in removals["examples"]:
        by_reason.setdefault((example["stage"], example["reason"]), []).append(example)
    by_stage: dict[str | None, list[ChangedText]] = {}
    for change in removals["changed"]:
        by_stage.setdefault(change["stage"], []).append(change)
    parts = [
        folded(f"{safe_text(stage)}: {safe_text(reason)}", "".join(map(_example, examples)))
        for (stage, reason), examples in by_reason.items()
    ]
    parts += [
        folded(f"{safe_text(stage)}: before and after", "".join(map(_change, changes)))
        for stage, changes in by_stage.items()
    ]
    if not any(parts):
        return ""
    return (
        "<h3>Examples</h3><p>Up to three documents for each reason, chosen by hash. Excerpts are "
        "short; matches of patterns of personal data are masked.</p>" + "".join(parts)
    )


def _example(example: RemovalExample) -> str:
    """Return a removed document, next to the similar one that was kept, if any."""
    score = f", score {format_number(example['score'])}" if example["score"] is not None else ""
    heading = f"{safe_text(example['id'])} from {safe_text(example['source'])}{score}"
    if example.get("beside") is not None:
        role = "held out" if example["stage"] == "split" else "kept"
        other = f"{role}: {safe_text(example['evidence'])}"
        return side_by_side((heading, example["excerpt"]), (other, example["beside"]))
    evidence = (example["evidence"] or "")[:MAX_EVIDENCE_CHARACTERS]
    shown = f", evidence: {safe_text(evidence)}" if evidence else ""
    text = quote(example["excerpt"]) if example["excerpt"] else ""
    return f'<p class="quiet">{heading}{shown}</p>{text}'


def _change(change: ChangedText) -> str:
    """Return a text before and after a stage, and the first lines that the stage removed."""
    before, after = change["characters"]
    texts = side_by_side(
        (f"before: {before:,} characters", change["before"]),
        (f"after: {after:,} characters", change["after"]),
    )
    lines = "\n".join(change["gone"])
    removed = f'<p class="quiet">first removed lines</p>{quote(lines)}' if lines else ""
    heading = f"{safe_text(change['id'])} from {safe_text(change['source'])}"
    return f'<p class="quiet">{heading}</p>{texts}{removed}'


def provenance(audit: Report, manifest: Manifest | None) -> str:
    """Return what the corpus was made from: config, versions and inputs of a build, or files."""
    if not manifest:
        return _files(audit)
    versions = [Row([html(name), html(version)]) for name, version in manifest["versions"].items()]
    config = json.dumps(manifest["config"], indent=1, ensure_ascii=False)[:MAX_CONFIG_CHARACTERS]
    return (
        f"<p>Built by corpus {html(manifest['corpus'])} with seed {manifest['seed']}. The same "
        "inputs, config and versions give the same bytes. Identity: "
        f"<code>{html(manifest['identity'])}</code>. Timings are in <code>run.json</code>.</p>"
        + folded("Config", quote(config))
        + folded("Versions", table(("package", "version"), versions, "tt", "Versions"))
        + folded("Inputs", _inputs(manifest["inputs"]))
    )


def _inputs(inputs: list[dict[str, Any]]) -> str:
    rows = [
        Row(
            [
                safe_text(file["source"]),
                f"{file['bytes']:,}",
                f"{file['records']:,}",
                f"<code>{html(file['sha256'][:HASH_DIGITS])}</code>…",
            ]
        )
        for file in inputs[:MAX_INPUTS]
    ]
    more = len(inputs) - len(rows)
    rest = f"<p>{more:,} more are listed in <code>manifest.json</code>.</p>" if more > 0 else ""
    return table(("input", "bytes", "records", "SHA-256"), rows, "tnnt", "Inputs") + rest


def _files(audit: Report) -> str:
    """Return which files of a corpus that was not built by us were read, and which were skipped."""
    kinds = _list(f"{n:,} {html(kind)}" for kind, n in (audit["files"] or {}).items())
    if not kinds:
        return ""
    skipped = _list(map(safe_text, audit["unread"]["skipped"] if audit["unread"] else ()))
    note = f" Skipped because they are not data: {skipped}." if skipped else ""
    return f"<p>Files read: {kinds}. They are not a build of corpus.{note}</p>"


def _list(values: Iterable[str]) -> str:
    return ", ".join(values)
