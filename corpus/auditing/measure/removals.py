"""Report what a build removed: examples, clusters of duplicates, leaks, near misses.

Everything except the texts is counted in the ledger. Texts of removed documents are the few that
the build kept (`corpus.auditing.measure.examples`). Texts of the documents they resemble are read
from the shards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.measure.examples import EXCERPT_CHARACTERS
from corpus.auditing.measure.personal_data import mask_personal_data, wanted_in
from corpus.auditing.report import Removals
from corpus.builds.reader import REMOVED_FILE, file_in_build, reading, table
from corpus.documents import ID, TEXT
from corpus.privacy.detect import Wanted

SCORE_BINS = 20
"""Bins of the Jaccard similarity from 0 to 1."""

MAX_CLUSTERS, MAX_MEMBERS, MAX_CLOSEST = 5, 3, 5
"""Clusters listed, members listed of each, and removals listed just above the threshold."""

SIZE_EDGES = (2, 3, 4, 5, 10, 20, 50, 100, 1000)
"""Lower edges of the bins of cluster sizes; the last bin is open."""

MAX_FIELD_CHARACTERS = 200

DOCUMENTS_AT_A_TIME = 1024
"""Documents that are read together when kept texts are searched for."""

Manifest = dict[str, Any]


def removals(
    folder: Path,
    manifest: Manifest,
    examples: Iterable[Mapping[str, Any]] = (),
    changed: Mapping[str, list[dict[str, Any]]] | None = None,
    removed_texts: Mapping[str, str] | None = None,
) -> Removals:
    """Return what the build in a folder removed, and why.

    No file has the texts of removed documents. `examples`, `changed` and `removed_texts` (by id)
    have the beginnings of a few.
    """
    ledger = table(folder, REMOVED_FILE, [ID, "stage", "reason", "evidence", "score"])
    wanted = wanted_in(manifest)
    report: dict[str, Any] = {
        "examples": [_masked_example(row, wanted) for row in examples],
        "changed": [
            _masked_change(stage, row, wanted)
            for stage, rows in (changed or {}).items()
            for row in rows
        ],
        "duplicates": _similarity_removals(ledger, manifest, "deduplicate"),
        "leaks": _similarity_removals(ledger, manifest, "split"),
    }
    _add_kept_texts(folder, manifest, report)
    for row in _similar_rows(report):
        text = (removed_texts or {}).get(row[ID])
        row["excerpt"] = None if text is None else _masked(text, wanted)
    return cast("Removals", report)


def _sections(report: Mapping[str, Any]) -> list[Any]:
    """Return the sections `duplicates` and `leaks` that the report has."""
    return [section for section in (report["duplicates"], report["leaks"]) if section]


def _similar_rows(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every removed document that is listed in a cluster or near the threshold."""
    sections = _sections(report)
    members = [row for s in sections for cluster in s["largest"] for row in cluster["members"]]
    return members + [row for section in sections for row in section["closest"]]


def _masked(text: str, wanted: Wanted) -> str:
    """Return the masked excerpt of a text that goes on beyond it."""
    return mask_personal_data(text, wanted, end=EXCERPT_CHARACTERS)


def _masked_example(row: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    shown = {key: value for key, value in row.items() if key != "beyond"}
    return {
        **shown,
        ID: row[ID][:MAX_FIELD_CHARACTERS],
        "source": row["source"][:MAX_FIELD_CHARACTERS],
        "excerpt": _masked((row["excerpt"] or "") + (row.get("beyond") or ""), wanted),
    }


def _masked_change(stage: str, row: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    around = row.get("around") or [("", "")] * len(row["gone"])
    beyond = {key: row.get(f"beyond_{key}", "") for key in ("before", "after")}
    gone = [
        mask_personal_data(
            f"{before}{line}{after}", wanted, begin=len(before), end=len(before) + len(line)
        )
        for line, (before, after) in zip(row["gone"], around, strict=True)
    ]
    return {
        "stage": stage,
        **{key: row[key] for key in (ID, "source", "characters")},
        **{key: _masked(row[key] + beyond[key], wanted) for key in beyond},
        "gone": gone,
    }


def _similarity_removals(ledger: pa.Table, manifest: Manifest, name: str) -> dict[str, Any] | None:
    """Return what a stage that compares documents removed; None if the build had no such stage."""
    stages = [stage for stage in manifest["stages"] if stage["stage"] == name]
    if not stages:
        return None
    metrics = stages[-1].get("metrics") or {}
    rows = ledger.filter(pc.and_(pc.equal(ledger["stage"], name), pc.is_valid(ledger["evidence"])))
    clusters = pc.value_counts(rows["evidence"].combine_chunks())
    sizes = clusters.field("counts").to_numpy() + 1
    size_bins = np.searchsorted(SIZE_EDGES, sizes, side="right") - 1
    scores = np.nan_to_num(pc.fill_null(rows["score"], 0.0).to_numpy())
    score_bins = np.clip(scores * SCORE_BINS, 0, SCORE_BINS - 1).astype(np.int64)
    reasons = pc.value_counts(rows["reason"].combine_chunks()).to_pylist()
    reasons.sort(key=lambda row: str(row["values"]))
    return {
        "documents": rows.num_rows,
        "reasons": {row["values"]: row["counts"] for row in reasons},
        "clusters": len(sizes),
        "largest_cluster": int(sizes.max(initial=0)),
        "sizes": {
            "edges": list(SIZE_EDGES),
            "clusters": np.bincount(size_bins, minlength=len(SIZE_EDGES)).tolist(),
        },
        "scores": np.bincount(score_bins, minlength=SCORE_BINS).tolist(),
        "largest": _largest(rows, clusters, metrics),
        "closest": _closest(rows),
        "near_misses": _near_misses(metrics),
        **{key: stages[-1].get(key) for key in ("threshold", "leakage_threshold")},
        "metrics": metrics,
    }


def _largest(
    rows: pa.Table, clusters: pa.StructArray, metrics: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the largest clusters: a kept document, and the documents similar to it.

    Among clusters of equal size, those come first that the stage itself lists in its metrics: the
    build kept the texts of their members.
    """
    listed = [row["id"] for row in (metrics.get("clusters") or {"largest": ()})["largest"]]
    ids = clusters.field("values")
    position = pc.fill_null(pc.index_in(ids, pa.array(listed, pa.string())), len(listed))
    ranking = pa.table({"id": ids, "n": clusters.field("counts"), "at": position})
    order = [("n", "descending"), ("at", "ascending"), ("id", "ascending")]
    largest = []
    for row in ranking.take(pc.select_k_unstable(ranking, MAX_CLUSTERS, order)).to_pylist():
        members = rows.filter(pc.equal(rows["evidence"], row["id"]))
        by_score = [("score", "ascending"), (ID, "ascending")]
        few = members.take(pc.select_k_unstable(members, MAX_MEMBERS, by_score))
        listed_members = few.select([ID, "reason", "score"]).to_pylist()
        largest.append({ID: row["id"], "documents": row["n"] + 1, "members": listed_members})
    return largest


def _near_misses(metrics: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the most similar pairs of kept documents; None if the stage has no such list."""
    if (misses := metrics.get("near_misses")) is None:
        return None
    nearest = [dict(row) for row in misses["nearest"][:MAX_CLOSEST]]
    return {"pairs": misses["pairs"], "nearest": nearest}


def _closest(rows: pa.Table) -> list[dict[str, Any]]:
    """Return the removals with the lowest scores: just above the threshold."""
    few = pc.select_k_unstable(rows, MAX_CLOSEST, [("score", "ascending"), (ID, "ascending")])
    return rows.take(few).select([ID, "reason", "evidence", "score"]).to_pylist()


def _add_kept_texts(folder: Path, manifest: Manifest, report: dict[str, Any]) -> None:
    """Add the beginnings of kept texts to the examples, clusters and pairs that name them."""
    sections = _sections(report)
    clusters = [cluster for section in sections for cluster in section["largest"]]
    closest = [row for section in sections for row in section["closest"]]
    misses = [row for s in sections for row in (s["near_misses"] or {"nearest": ()})["nearest"]]
    ids = {row["evidence"] for row in (*report["examples"], *closest)}
    ids |= {cluster[ID] for cluster in clusters}
    ids |= {row[key] for row in misses for key in (ID, "other")}
    texts = kept_excerpts(folder, manifest, {id for id in ids if id})
    for row in report["examples"]:
        row["beside"] = texts.get(row["evidence"])
    for cluster in clusters:
        cluster["excerpt"] = texts.get(cluster[ID])
    for row in closest:
        row["beside"] = texts.get(row["evidence"])
    for row in misses:
        row |= {"excerpt": texts.get(row[ID]), "beside": texts.get(row["other"])}


def kept_excerpts(folder: Path, manifest: Manifest, ids: set[str]) -> dict[str, str]:
    """Return the beginnings of the texts of those of these documents that were kept.

    Ids are read first, and texts only from the row groups that have one of the ids: a few at a
    time, in a quarter of the time that a whole row group takes.
    """
    import pyarrow.parquet as pq

    excerpts: dict[str, str] = {}
    wanted = pa.array(sorted(ids), pa.string())
    shards = [shard for split in manifest["splits"].values() for shard in split["shards"]]
    for shard in shards if ids else ():
        with reading(folder, shard), pq.ParquetFile(file_in_build(folder, shard)) as file:
            for group in range(file.num_row_groups):
                group_ids = file.read_row_group(group, columns=[ID])[ID]
                if not pc.any(pc.is_in(group_ids, wanted)).as_py():
                    continue
                for documents in file.iter_batches(
                    DOCUMENTS_AT_A_TIME, row_groups=[group], columns=[ID, TEXT], use_threads=False
                ):
                    rows = documents.filter(pc.is_in(documents[ID], wanted))
                    texts = pc.utf8_slice_codeunits(rows[TEXT], 0, EXCERPT_CHARACTERS)
                    excerpts |= zip(rows[ID].to_pylist(), texts.to_pylist(), strict=True)
    return excerpts


def with_previous_texts(report: Removals, previous: Mapping[str, Any] | None) -> Removals:
    """Return removals with the texts from the build's own audit; no other file has them."""
    if not previous:
        return report
    sections = {key: previous.get(key) or [] for key in ("duplicates", "leaks")}
    texts = {row[ID]: row.get("excerpt") for row in _similar_rows(sections)}
    for row in _similar_rows(cast("dict[str, Any]", report)):
        row["excerpt"] = texts.get(row[ID])
    copied = {key: previous[key] for key in ("examples", "changed") if key in previous}
    return cast("Removals", {**report, **copied})
