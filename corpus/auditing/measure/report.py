"""audit.json put together: what was counted, what was removed, and the answers to the checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus.auditing.measure.checks import checks, worst
from corpus.auditing.measure.removals import removals, with_texts
from corpus.auditing.measure.statistics import Statistics


def of_build(
    folder: Path,
    manifest: dict[str, Any],
    statistics: Statistics,
    examples: Iterable[Mapping[str, Any]],
    changed: Mapping[str, list[dict[str, Any]]],
    beside: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the audit that a build makes of itself; its ledger and shards are in the folder."""
    audit = statistics.to_json()
    audit |= {"tokenizer": None, "unread": None, "files": None, "near": None, "topics": None}
    audit["removals"] = removals(folder, manifest, examples, changed, beside)
    return _answered(audit, manifest)


def of_documents(
    statistics: Statistics,
    *,
    folder: Path | None = None,
    manifest: dict[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
    compared: bool = True,
    thorough: bool = True,
    tokenizer: Mapping[str, str] | None = None,
    unread: Mapping[str, Any] | None = None,
    files: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Return the audit of documents that were read again, of a build or of anybody's.

    `before` is the audit that the build made itself: some removed texts are quoted nowhere else.
    `compared` looks for near duplicates; `thorough` also draws the map of topics.
    `tokenizer` says by which the tokens were counted, `unread` which records could not be read,
    `files` how many files of each kind there were.
    """
    held = statistics.held.settled()
    statistics = replace(statistics, held=held)
    audit: dict[str, Any] = statistics.to_json() | {"near": None, "topics": None}
    audit["tokenizer"] = dict(tokenizer) if tokenizer else None
    audit["unread"] = dict(unread) if unread else None
    audit["files"] = dict(sorted(files.items())) if files else None
    if compared:
        from corpus.auditing.measure.near_duplicates import likeness

        audit["near"] = likeness(held)
    if thorough:
        from corpus.auditing.measure.topics import topics

        audit["topics"] = topics(held)
    audit["removals"] = None
    if folder is not None and manifest is not None:
        found = removals(folder, manifest)
        audit["removals"] = with_texts(found, (before or {}).get("removals"))
    return _answered(audit, manifest)


def _answered(audit: dict[str, Any], manifest: dict[str, Any] | None) -> dict[str, Any]:
    found = checks(audit, manifest)
    return {"format": audit.pop("format"), "status": worst(found), "checks": found, **audit}
