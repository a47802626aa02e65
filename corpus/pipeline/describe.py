"""Describe a build: write its audit, card, Croissant file, manifest and `run.json`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import storage
from corpus.builds.manifest import CARD, REJECTED_FILE, FileEntry, Manifest
from corpus.builds.reader import (
    AUDIT_FILE,
    CUT_LINES_FILE,
    MANIFEST,
    REDACTED_FILE,
    REMOVED_FILE,
    find_manifest,
)
from corpus.markup import json_text
from corpus.pipeline.counted import Counted
from corpus.pipeline.engine import Engine, map_or_raise
from corpus.pipeline.output_folder import read_card
from corpus.pipeline.sorted_runs import SortedRun

if TYPE_CHECKING:
    from corpus.auditing.report import Report
    from corpus.config.model import Config


def describe(
    staged: Path,
    config: Config,
    manifest: Manifest,
    *,
    counted: Counted,
    runs: Sequence[SortedRun],
    engine: Engine,
) -> str | None:
    """Write audit, card and Croissant file, complete the manifest with them, and write it.

    Return the card of the build that is replaced: the new one has what people wrote into it.
    """
    from corpus.auditing.page.page import page
    from corpus.card.croissant import croissant
    from corpus.card.write import card_and_hash

    audit = _audit(staged, manifest, counted, runs, engine)
    for name, split in manifest.splits.items():
        split.characters = audit["splits"][name]["characters"]
        if audit["tokenizer"]:
            split.tokens = audit["splits"][name]["tokens"]
    facts = manifest.to_json()
    previous, generated_before = _previous_card(config.destination)
    card, generated = card_and_hash(facts, audit, config.card, previous, built=generated_before)
    texts = {
        AUDIT_FILE: json_text(audit),
        "audit/index.html": page(audit, facts),
        CARD: card,
        "croissant.json": json_text(croissant(facts, audit, config.card)),
    }
    for name, text in texts.items():
        storage.write(staged / name, text.encode())
    for name in [*texts, REMOVED_FILE, REJECTED_FILE, CUT_LINES_FILE, REDACTED_FILE]:
        path = staged / name
        if path.exists():  # the ledgers of lines and of redactions may be missing
            manifest.files[name] = FileEntry(bytes=path.stat().st_size, sha256=storage.sha256(path))
    manifest.files[CARD].generated = generated
    manifest.checksum = manifest.computed_checksum()
    storage.write(staged / MANIFEST, json_text(manifest.to_json()).encode())
    return previous


def _previous_card(folder: Path) -> tuple[str | None, str | None]:
    """Return the card in the output folder and the hash of its generated part, if any."""
    manifest = find_manifest(folder)
    entry = manifest.files.get(CARD) if manifest else None
    return read_card(folder), entry.generated if entry else None


def _audit(
    staged: Path,
    manifest: Manifest,
    counted: Counted,
    runs: Sequence[SortedRun],
    engine: Engine,
) -> Report:
    """Return the statistics of the shards, with a few examples of what was removed or changed.

    The sample of texts is measured by a worker: it has the kernels for this already.
    """
    from corpus.auditing.measure.examples import first_of_each_reason, merge_changes
    from corpus.auditing.measure.report import report_on_build
    from corpus.auditing.measure.sample_statistics import sample_statistics
    from corpus.auditing.measure.statistics import Statistics

    statistics = counted.statistics or Statistics()
    examples = first_of_each_reason(counted.examples)
    changed = merge_changes(run.summary().get("changed", {}) for run in runs)
    excerpts = dict(sorted(counted.excerpts))
    (close,) = map_or_raise(engine, sample_statistics, [statistics.text_sample])
    facts = manifest.to_json()
    return report_on_build(staged, facts, statistics, examples, changed, excerpts, close)


def write_run_json(path: Path, config: Config, engine: Engine, *, began: float) -> None:
    """Write what may differ between equal builds. `began` is in seconds since the epoch.

    A build may be published, so it names no host, user, process or folder of the machine.
    """
    run = {
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
        "seconds": round(time.time() - began, 2),
        "workers": engine.workers,
        "engine": type(engine).__name__.lower(),
        "config": config.path.name if config.path else None,
    }
    storage.write(path, json_text(run).encode())
