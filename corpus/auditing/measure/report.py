"""Build the audit report: statistics, what was removed, and the results of the checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from corpus.auditing.measure.check_results import worst_status
from corpus.auditing.measure.checks import run_checks
from corpus.auditing.measure.redactions import redactions
from corpus.auditing.measure.removals import removals, with_previous_texts
from corpus.auditing.measure.statistics import Statistics
from corpus.auditing.report import (
    Contamination,
    Mixture,
    Report,
    SampleStatistics,
    UncheckedReport,
    Unread,
)
from corpus.builds.summary import skipped_files, skipped_records
from corpus.contamination.coverage import coverage_of
from corpus.mixture.report import mixture_of
from corpus.tokens.tokenizer import TokenizerFile, tokenizer_of


def report_on_build(
    folder: Path,
    manifest: dict[str, Any],
    statistics: Statistics,
    examples: Iterable[Mapping[str, Any]],
    changed: Mapping[str, list[dict[str, Any]]],
    removed_texts: Mapping[str, str] | None = None,
    close: SampleStatistics | None = None,
) -> Report:
    """Return the report that a build writes; its ledger and shards are in the folder.

    `close` are the `sample_statistics` of the text sample, if another process has them.
    """
    report: UncheckedReport = {
        **statistics.to_json(close),
        "tokenizer": tokenizer_of(manifest),
        "unread": None,
        "files": None,
        "near": None,
        "topics": None,
        "removals": removals(folder, manifest, examples, changed, removed_texts),
        "contamination": _contamination(manifest),
        "mixture": _mixture(manifest),
        "skipped": skipped_records(manifest) or None,
        "skipped_files": skipped_files(manifest) or None,
        "redactions": redactions(manifest),
    }
    return _checked(report, manifest)


def report_on_documents(
    statistics: Statistics,
    *,
    folder: Path | None = None,
    manifest: dict[str, Any] | None = None,
    previous: Mapping[str, Any] | None = None,
    compare: bool = True,
    draw_topics: bool = True,
    tokenizer: TokenizerFile | None = None,
    unread: Unread | None = None,
    files: Mapping[str, int] | None = None,
    skipped: Mapping[str, int] | None = None,
    not_read: Mapping[str, int] | None = None,
) -> Report:
    """Return the report on documents that were read again, from a build or from any files.

    `previous` is the report that the build wrote: it has excerpts of removed texts that no other
    file has. `compare` looks for near duplicates, `draw_topics` draws the map of topics.
    `tokenizer` counted the tokens, `unread` describes the records that could not be read, and
    `files` is the number of files of each format. `skipped` counts the records that are not
    documents, by reason, and `not_read` the files that are not read, by kind; those of a build are
    in its manifest.
    """
    sample = statistics.text_sample.trimmed()
    report: UncheckedReport = {
        **replace(statistics, text_sample=sample).to_json(),
        "near": None,
        "topics": None,
        "tokenizer": tokenizer,
        "unread": unread,
        "files": dict(sorted(files.items())) if files else None,
        "removals": None,
        "contamination": _contamination(manifest) if manifest else None,
        "mixture": _mixture(manifest) if manifest else None,
        "skipped": dict(skipped or (skipped_records(manifest) if manifest else {})) or None,
        "skipped_files": dict(not_read or (skipped_files(manifest) if manifest else {})) or None,
        "redactions": redactions(manifest),
    }
    if compare:
        from corpus.auditing.measure.near_duplicates import near_duplicates

        report["near"] = near_duplicates(sample)
    if draw_topics:
        from corpus.auditing.measure.topics import topics

        report["topics"] = topics(sample)
    if folder is not None and manifest is not None:
        excerpts = (previous or {}).get("removals")
        report["removals"] = with_previous_texts(removals(folder, manifest), excerpts)
    return _checked(report, manifest)


def _contamination(manifest: dict[str, Any]) -> list[Contamination] | None:
    """Return the benchmarks that the stages of a build searched for; None if there are none."""
    return [Contamination(**row) for row in coverage_of(manifest)] or None


def _mixture(manifest: dict[str, Any]) -> Mixture | None:
    """Return how often a build uses each group; None if no stage is `mix`."""
    mixture = mixture_of(manifest)
    return None if mixture is None else cast("Mixture", mixture._asdict())


def _checked(report: UncheckedReport, manifest: dict[str, Any] | None) -> Report:
    """Return the report with the results of the checks."""
    checks = run_checks(report, manifest)
    # `format`, `status` and `checks` come first in audit.json
    return {
        "format": report["format"],
        "status": worst_status(checks),
        "checks": checks,
        **report,
    }
