"""Write what a build publishes, shards to manifest, and check that the sums add up.

Everything is written into a staged folder. Only when every record read is found again, counted in
the files themselves, is there a manifest; without one nothing is published.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

from corpus import storage
from corpus.builds.manifest import FORMAT
from corpus.documents import REJECTED
from corpus.errors import CorpusError, InputError
from corpus.pipeline.decide import Decided
from corpus.pipeline.engine import Engine, spread
from corpus.pipeline.identity import code_of, settings, versions
from corpus.pipeline.last_pass import (
    Join,
    Partition,
    Written,
    fragment,
    write_joined,
    write_partition,
    write_removed,
)
from corpus.pipeline.line_ledger import LEDGER, write_lines
from corpus.pipeline.sharding import END, Layout, lay_out, split_of
from corpus.pipeline.shards import schema_of
from corpus.pipeline.sorted_runs import Piece
from corpus.stages.base import CorpusStage

if TYPE_CHECKING:
    from corpus.config.model import Config
    from corpus.pipeline.first_pass import FirstPass
    from corpus.progress import Progress
    from corpus.sources.inputs import Input

Reject = tuple[str, int | None, str, int]


def write_build(
    work: Path,
    config: Config,
    decided: Decided,
    *,
    before: Sequence[Decided],
    earlier: tuple[Piece, ...],
    rejected: Sequence[Reject],
    metrics: Sequence[dict[str, object]],
    first: FirstPass,
    inputs: Sequence[Input],
    identity: str,
    limit: int | None,
    engine: Engine,
    began: float,
    progress: Progress,
) -> dict[str, Any]:
    """Write the whole build into `work/staged`, check its sums, and return its manifest.

    `decided` is what the last of the passes came to, `before` what those before it did.
    """
    staged = work / "staged"
    if not decided.alive.any():
        raise InputError(_nothing_left(first.read, earlier, rejected))
    layout = lay_out(
        decided,
        shard_size=config.output.shard_size,
        by_language=config.output.configs == "language",
    )
    progress.start("write", bytes=int(decided.bytes[decided.alive].sum()))
    columns, written = _write_shards(
        work, config, decided, layout, earlier, _shown(metrics), engine, progress
    )
    files = {name: told for part in written for name, told in part.files.items()}
    fragments = [work / "fragments" / f"removed-{i:06d}.arrow" for i in range(len(layout.bounds))]
    removed = write_removed(staged / "ledger" / "removed.parquet", fragments)
    write_rejected(staged / "ledger" / "rejected.parquet", rejected)
    if any(isinstance(stage, CorpusStage) and stage.changes_text for stage in config.stages):
        write_lines(staged / LEDGER, [*before, decided], layout.bounds)

    progress.start("describe", bytes=0)
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "name": config.name,
        "corpus": versions()["corpus"],
        "identity": identity,
        "seed": config.seed,
        "limit": limit,
        "as_of": None if config.as_of is None else str(config.as_of),
        "config": settings(config),
        "versions": versions(),
        "code": code_of(config),
        "inputs": _inputs(inputs, first),
        "counts": _counts(first.read, layout, files, removed, len(rejected)),
        "funnel": _funnel(config, written),
        "stages": [
            {**stage.model_dump(mode="json"), "metrics": told}
            for stage, told in zip(config.stages, metrics, strict=True)
        ],
        "splits": _splits(layout, files),
        "columns": [{"name": field.name, "type": str(field.type)} for field in columns],
        "files": dict(sorted(files.items())),
    }
    _check_sums(manifest["counts"])
    _check_splits(manifest["stages"])
    _describe(staged, config, manifest, written, earlier)
    _run_json(staged / "run.json", config, began, engine)
    return manifest


def _write_shards(
    work: Path,
    config: Config,
    decided: Decided,
    layout: Layout,
    earlier: tuple[Piece, ...],
    shown: tuple[str, ...],
    engine: Engine,
    progress: Progress,
) -> tuple[pa.Schema, list[Written]]:
    """Write every shard; return their columns and what was written, in a fixed order."""
    staged, fragments = work / "staged", work / "fragments"
    kept = {name for piece in decided.pieces for name in piece.summary()["filled"]}
    columns, others = schema_of(decided.pieces, config.stages, kept | _decided_columns(decided))
    edges = [*layout.bounds, END]
    partitions = [
        Partition(
            index,
            low,
            high,
            decided.stages,
            decided.pieces,
            decided.files,
            earlier,
            columns,
            others,
            {
                place: staged / layout.name(place, shards.index((index, index + 1)))
                for place, shards in layout.shards.items()
                if (index, index + 1) in shards
            },
            shown,
            layout.languages,
            fragments,
        )
        for index, (low, high) in enumerate(pairwise(edges))
    ]
    joins = [
        Join(
            split_of(place),
            tuple(fragment(fragments, place, i) for i in range(first, last)),
            staged / layout.name(place, number),
            columns,
        )
        for place, shards in sorted(layout.shards.items())
        for number, (first, last) in enumerate(shards)
        if last - first > 1
    ]
    written = []
    for function, tasks in ((write_partition, partitions), (write_joined, joins)):
        for part in spread(engine, function, tasks):  # type: ignore[arg-type]
            rows = sum(told["rows"] for told in part.files.values())
            progress.advance(documents=rows, bytes=part.bytes)
            written.append(_named(part, staged))
    return columns, written


def _named(part: Written, staged: Path) -> Written:
    """Return what was written with its files named below the build."""
    files = {str(Path(path).relative_to(staged)): told for path, told in part.files.items()}
    return replace(part, files=files)


def _shown(metrics: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Return the documents that were kept for the most others: the audit shows their clusters."""
    told = [metric.get("clusters", {}).get("largest", ()) for metric in metrics]
    return tuple(sorted({row["id"] for rows in told for row in rows}))


def _decided_columns(decided: Decided) -> set[str]:
    """Return the columns that only the last decisions fill: no piece knows of them."""
    return {field.name for stage in decided.stages for field in stage.adds}


def write_rejected(path: Path, rejected: Sequence[Reject]) -> None:
    """Write the ledger of rejects, in the order of source, record and reason."""
    import pyarrow.parquet as pq

    ordered = sorted(rejected, key=lambda r: (r[0], -1 if r[1] is None else r[1], r[2]))
    rows = [dict(zip(REJECTED.names, reject, strict=False)) for reject in ordered]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, REJECTED), path, compression="zstd")


def _inputs(inputs: Sequence[Input], first: FirstPass) -> list[dict[str, Any]]:
    """Return what the manifest says of each file: its hash, and what was read of it."""
    none = {"records": 0, "rejected": 0, "content": f"{0:032x}"}
    return [
        {
            "source": item.file.name,
            "config": item.source,
            "bytes": item.file.bytes,
            "sha256": item.sha256,
            **first.inputs.get((item.source, item.file.name), none),
        }
        for item in sorted(inputs, key=lambda item: (item.source, item.file.name))
    ]


def _counts(
    read: int, layout: Layout, files: dict[str, dict[str, Any]], removed: int, rejected: int
) -> dict[str, Any]:
    splits = {
        split: sum(files[name]["rows"] for name in layout.files(split)) for split in _names(layout)
    }
    return {
        "read": read,
        "kept": sum(splits.values()),
        "removed": removed,
        "rejected": rejected,
        "splits": splits,
    }


def _check_sums(counts: dict[str, Any]) -> None:
    """Raise if a record that was read is not in exactly one place."""
    found = counts["kept"] + counts["removed"] + counts["rejected"]
    if found != counts["read"]:
        raise CorpusError(
            f"the sums do not add up: {counts['read']:,} records were read, {found:,} are "
            f"accounted for ({counts}); nothing was published. This is a bug: please report it"
        )


def _check_splits(stages: Sequence[dict[str, Any]]) -> None:
    """Raise if what is held out is found, by the split's own figures, in what is trained on."""
    for told in stages:
        metrics = told["metrics"]
        most = told.get("leakage_threshold")
        # without a threshold no leak was to go: what is left is told, by the card and the audit
        if most and (metrics.get("overlap", 0) or metrics.get("highest_left", 0) >= most):
            raise CorpusError(
                f"the splits overlap: {metrics['overlap']:,} texts are in two of them, and two "
                f"documents across them have a Jaccard of {metrics['highest_left']}, which may not "
                f"reach {most}; nothing was published. This is a bug: please report it"
            )


def _funnel(config: Config, written: Sequence[Written]) -> list[dict[str, Any]]:
    """Return what each stage removed and why, in the order of the stages."""
    totals: dict[tuple[str, str], list[int]] = {}
    for part in written:
        for stage, reason, documents, characters in part.funnel:
            held = totals.setdefault((stage, reason), [0, 0])
            held[0] += documents
            held[1] += characters
    names = ["read", *dict.fromkeys(stage.stage for stage in config.stages)]
    return [
        {"stage": stage, "reason": reason, "documents": n, "characters": size}
        for (stage, reason), (n, size) in sorted(
            totals.items(), key=lambda item: (names.index(item[0][0]), item[0][1])
        )
    ]


def _splits(layout: Layout, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    found = {}
    for split in _names(layout):
        names = layout.files(split)
        found[split] = {
            "documents": sum(files[name]["rows"] for name in names),
            "bytes": sum(files[name]["bytes"] for name in names),
            "shards": names,
        }
    return found


def _names(layout: Layout) -> list[str]:
    """Return the splits in the order that everybody uses: train, validation, test, then others."""
    known = ("train", "validation", "test")
    return sorted(
        {split_of(place) for place in layout.shards},
        key=lambda split: (known.index(split) if split in known else len(known), split),
    )


def _describe(
    staged: Path,
    config: Config,
    manifest: dict[str, Any],
    written: Sequence[Written],
    earlier: Sequence[Piece],
) -> None:
    """Write audit, card and Croissant file, then the manifest that lists them all."""
    from corpus.auditing.page.page import page
    from corpus.card.croissant import croissant
    from corpus.card.write import card_and_hash

    audit = _audit(staged, manifest, written, earlier)
    for split, told in manifest["splits"].items():
        told["characters"] = audit["splits"][split]["characters"]
    previous, built = _card_before(config.destination)
    card, generated = card_and_hash(manifest, audit, config.card, previous, built=built)
    pages = {
        "audit/audit.json": _json(audit),
        "audit/index.html": page(audit, manifest),
        "README.md": card,
        "croissant.json": _json(croissant(manifest, audit, config.card)),
    }
    for name, text in pages.items():
        storage.write(staged / name, text.encode())
    ledgers = ["ledger/removed.parquet", "ledger/rejected.parquet", LEDGER]
    for name in [*pages, *ledgers]:
        path = staged / name
        if not path.exists():  # only a stage that changes texts by decision has a ledger of lines
            continue
        manifest["files"][name] = {"bytes": path.stat().st_size, "sha256": storage.sha256(path)}
    manifest["files"]["README.md"]["generated"] = generated
    storage.write(staged / "manifest.json", _json(manifest).encode())


def _card_before(folder: Path) -> tuple[str | None, str | None]:
    """Return the card that is there, and the hash of what was generated of it, as far as known."""
    from corpus.builds.reader import read_manifest

    target, manifest = folder / "README.md", read_manifest(folder) or {"files": {}}
    previous = target.read_text(encoding="utf-8", errors="replace") if target.is_file() else None
    return previous, manifest["files"].get("README.md", {}).get("generated")


def _audit(
    staged: Path, manifest: dict[str, Any], written: Sequence[Written], earlier: Sequence[Piece]
) -> dict[str, Any]:
    """Return what was counted in the shards, with a few examples of what was removed."""
    from corpus.auditing.measure.examples import first_of_each_reason, merge_changes
    from corpus.auditing.measure.report import report_on_build
    from corpus.auditing.measure.statistics import Statistics

    statistics = Statistics()
    for part in written:
        if part.statistics is not None:
            statistics = statistics.merge(part.statistics)
    examples = first_of_each_reason(row for part in written for row in part.examples)
    changed = merge_changes(piece.summary().get("changed", {}) for piece in earlier)
    beside = dict(sorted(pair for part in written for pair in part.beside))
    report = report_on_build(staged, manifest, statistics, examples, changed, beside)
    return cast("dict[str, Any]", report)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def _run_json(path: Path, config: Config, began: float, engine: Engine) -> None:
    """Write what may differ between equal builds."""
    told = {
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
        "seconds": round(time.time() - began, 2),
        "host": socket.gethostname(),
        "workers": engine.workers,
        "engine": type(engine).__name__.lower(),
        "config": str(config.path),
        "output": str(config.output.path),
        "process": os.getpid(),
    }
    storage.write(path, _json(told).encode())


def _nothing_left(read: int, earlier: Sequence[Piece], rejected: Sequence[Reject]) -> str:
    """Return why there is no corpus to publish."""
    reasons: dict[tuple[str, str], int] = {}
    for piece in earlier:
        gone = pa.Table.from_batches([piece.removed()])
        for row in gone.group_by(["stage", "reason"]).aggregate([([], "count_all")]).to_pylist():
            key = (row["stage"], row["reason"])
            reasons[key] = reasons.get(key, 0) + row["count_all"]
    told = [f"  {stage}: {reason}: {n:,}" for (stage, reason), n in sorted(reasons.items())]
    if rejected:
        told.append(f"  could not be read: {len(rejected):,}")
    head = f"nothing is left of {read:,} records, so nothing was built"
    return "\n".join([f"{head}:", *told]) if told else f"{head}; check the sources and the stages"
