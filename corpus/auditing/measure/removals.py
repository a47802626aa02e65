"""What a build removed: examples of each reason, clusters of duplicates, leaks, near misses.

Everything but the texts is counted in the ledger. The texts are the few that the build kept on its
way (`corpus.auditing.measure.examples`), and those of the documents they are like, read from
the shards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.measure.examples import EXCERPT
from corpus.auditing.measure.text_quality import hidden
from corpus.builds.reader import REMOVED_FILE, reading, table
from corpus.documents import ID, TEXT

BINS = 20
"""Bins of the Jaccard from 0 to 1."""

LARGEST, MEMBERS, CLOSEST = 5, 3, 5
"""Clusters that are told, ids that are told of each, and removals nearest to the threshold."""

SIZES = (2, 3, 4, 5, 10, 20, 50, 100, 1000)
"""Lower ends of the bins of cluster sizes; the last is open."""

Manifest = dict[str, Any]


def removals(
    folder: Path,
    manifest: Manifest,
    examples: Iterable[Mapping[str, Any]] = (),
    changed: Mapping[str, list[dict[str, Any]]] | None = None,
    beside: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what was removed from the build in a folder, and why.

    Texts that were removed are in no file: `examples`, `changed` and `beside` (by id) have a few.
    """
    ledger = table(folder, REMOVED_FILE, [ID, "stage", "reason", "evidence", "score"])
    found: dict[str, Any] = {
        "examples": [_example(row) for row in examples],
        "changed": [_change(stage, row) for stage, rows in (changed or {}).items() for row in rows],
        "duplicates": _alike(ledger, manifest, "deduplicate"),
        "leaks": _alike(ledger, manifest, "split"),
    }
    _beside(folder, manifest, found)
    for row in _removed(found):
        gone = (beside or {}).get(row[ID])
        row["excerpt"] = hidden(gone) if gone is not None else None
    return found


def _removed(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every removed document that stands in a cluster, or near the threshold."""
    alike = [told for told in (found["duplicates"], found["leaks"]) if told]
    rows = [row for told in alike for cluster in told["largest"] for row in cluster["members"]]
    return rows + [row for told in alike for row in told["closest"]]


def _example(row: Mapping[str, Any]) -> dict[str, Any]:
    text = hidden(row["excerpt"] or "")
    return {**row, ID: row[ID][:200], "source": row["source"][:200], "excerpt": text}


def _change(stage: str, row: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: row[key] for key in (ID, "source", "characters")}
    texts = {key: hidden(row[key]) for key in ("before", "after")}
    return {"stage": stage, **told, **texts, "gone": [hidden(line) for line in row["gone"]]}


def _alike(ledger: pa.Table, manifest: Manifest, stage: str) -> dict[str, Any] | None:
    """Return what a stage that compares documents removed; None where there was no such stage."""
    settings = [told for told in manifest["stages"] if told["stage"] == stage]
    if not settings:
        return None
    metrics = settings[-1].get("metrics") or {}
    rows = ledger.filter(pc.and_(pc.equal(ledger["stage"], stage), pc.is_valid(ledger["evidence"])))
    counts = pc.value_counts(rows["evidence"].combine_chunks())
    sizes = counts.field("counts").to_numpy() + 1
    bins = np.searchsorted(SIZES, sizes, side="right") - 1
    scores = np.nan_to_num(pc.fill_null(rows["score"], 0.0).to_numpy())
    held = np.bincount(np.clip(scores * BINS, 0, BINS - 1).astype(np.int64), minlength=BINS)
    return {
        "documents": rows.num_rows,
        "reasons": {
            row["values"]: row["counts"]
            for row in sorted(
                pc.value_counts(rows["reason"].combine_chunks()).to_pylist(),
                key=lambda row: str(row["values"]),
            )
        },
        "clusters": len(sizes),
        "largest_cluster": int(sizes.max(initial=0)),
        "sizes": {
            "edges": list(SIZES),
            "clusters": np.bincount(bins, minlength=len(SIZES)).tolist(),
        },
        "scores": held.tolist(),
        "largest": _largest(rows, counts, metrics),
        "closest": _closest(rows),
        "near_misses": _near_misses(metrics),
        **{key: settings[-1].get(key) for key in ("threshold", "leakage_threshold")},
        "metrics": metrics,
    }


def _largest(
    rows: pa.Table, counts: pa.StructArray, metrics: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the largest clusters: the documents that were kept for the most others.

    Of clusters that are equally large, those come first that the stage itself told.
    """
    told = [row["id"] for row in (metrics.get("clusters") or {"largest": ()})["largest"]]
    unsaid = pc.fill_null(
        pc.index_in(counts.field("values"), pa.array(told, pa.string())), len(told)
    )
    table = pa.table({"id": counts.field("values"), "n": counts.field("counts"), "at": unsaid})
    order = [("n", "descending"), ("at", "ascending"), ("id", "ascending")]
    found = []
    for row in table.take(pc.select_k_unstable(table, LARGEST, order)).to_pylist():
        members = rows.filter(pc.equal(rows["evidence"], row["id"]))
        few = pc.select_k_unstable(members, MEMBERS, [("score", "ascending"), (ID, "ascending")])
        told = members.take(few).select([ID, "reason", "score"]).to_pylist()
        found.append({ID: row["id"], "documents": row["n"] + 1, "members": told})
    return found


def _near_misses(metrics: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the pairs that both stay and are most alike; None where the stage did not tell."""
    if (told := metrics.get("near_misses")) is None:
        return None
    return {"pairs": told["pairs"], "nearest": [dict(row) for row in told["nearest"][:CLOSEST]]}


def _closest(rows: pa.Table) -> list[dict[str, Any]]:
    """Return the removals with the lowest scores: those that only just were alike enough."""
    few = pc.select_k_unstable(rows, CLOSEST, [("score", "ascending"), (ID, "ascending")])
    return rows.take(few).select([ID, "reason", "evidence", "score"]).to_pylist()


def _beside(folder: Path, manifest: Manifest, found: dict[str, Any]) -> None:
    """Put the beginnings of the kept texts beside the examples and clusters that name them."""
    alike = [told for told in (found["duplicates"], found["leaks"]) if told]
    clusters = [cluster for told in alike for cluster in told["largest"]]
    named = {row["evidence"] for row in found["examples"]} | {c[ID] for c in clusters}
    named |= {row["evidence"] for told in alike for row in told["closest"]}
    missed = [row for told in alike for row in (told["near_misses"] or {"nearest": ()})["nearest"]]
    named |= {row[key] for row in missed for key in (ID, "other")}
    texts = kept_texts(folder, manifest, {name for name in named if name})
    for row in found["examples"]:
        row["beside"] = texts.get(row["evidence"])
    for cluster in clusters:
        cluster["excerpt"] = texts.get(cluster[ID])
    for told in alike:
        for row in told["closest"]:
            row["beside"] = texts.get(row["evidence"])
    for row in missed:
        row |= {"excerpt": texts.get(row[ID]), "beside": texts.get(row["other"])}


def kept_texts(folder: Path, manifest: Manifest, ids: set[str]) -> dict[str, str]:
    """Return how the texts of these documents begin, as far as they were kept.

    Ids are read first, and of the texts only the row groups that hold one.
    """
    import pyarrow.parquet as pq

    found: dict[str, str] = {}
    wanted = pa.array(sorted(ids), pa.string())
    shards = [shard for told in manifest["splits"].values() for shard in told["shards"]]
    for shard in shards if ids else ():
        with reading(folder, shard), pq.ParquetFile(folder / shard) as file:
            for group in range(file.num_row_groups):
                here = file.read_row_group(group, columns=[ID])[ID]
                if not pc.any(pc.is_in(here, wanted)).as_py():
                    continue
                table = file.read_row_group(group, columns=[ID, TEXT])
                rows = table.filter(pc.is_in(table[ID], wanted))
                texts = pc.utf8_slice_codeunits(rows[TEXT], 0, EXCERPT).to_pylist()
                found |= dict(zip(rows[ID].to_pylist(), texts, strict=True))
    return found


def with_texts(found: dict[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return removals with the texts that the build itself told, which nothing else holds."""
    if not before:
        return found
    told = {key: [] for key in ("duplicates", "leaks")} | dict(before)
    texts = {row[ID]: row.get("excerpt") for row in _removed(told)}
    for row in _removed(found):
        row["excerpt"] = texts.get(row[ID])
    return {**found, **{key: before[key] for key in ("examples", "changed") if key in before}}
