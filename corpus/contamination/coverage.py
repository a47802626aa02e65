"""Which items of each benchmark are searched for, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from corpus.sources.files.skipped import describe_kinds


class Fate(IntEnum):
    """What became of a part of an item."""

    INDEXED = 0
    DUPLICATE = 1
    TOO_SHORT = 2
    NO_WORDS = 3
    COMMON = 4


SKIPPED = {
    Fate.DUPLICATE: "duplicate",
    Fate.TOO_SHORT: "too_short",
    Fate.NO_WORDS: "no_words",
    Fate.COMMON: "common_phrases",
}
"""Why a question is not searched for.

    duplicate       an earlier item of the benchmark, which is searched for, has the same shingles
    too_short       it has fewer than `shortest` words
    no_words        it is empty, or has no words
    common_phrases  nearly all of its shingles are in many other items; its duplicates, too
"""


class ItemCounts(TypedDict):
    """The items of a benchmark."""

    items: int
    indexed: int
    """Items whose question is searched for."""

    answers: int
    """Items whose answer is searched for by itself."""

    skipped: dict[str, int]
    """Items whose question is not searched for, by reason; a duplicate is found all the same."""


def count_items(
    benchmark_of_item: NDArray[np.uint32],
    owners: NDArray[np.uint32],
    fate: NDArray[np.uint8],
    n_benchmarks: int,
) -> list[ItemCounts]:
    """Return the counts of each benchmark. `owners` and `fate` have one row for each part."""
    benchmark = benchmark_of_item[owners >> 1]
    is_question = owners & 1 == 0
    counts = []
    for number in range(n_benchmarks):
        own = benchmark == number
        by_fate = np.bincount(fate[own & is_question], minlength=len(Fate)).tolist()
        answers = int((fate[own & ~is_question] == Fate.INDEXED).sum())
        counts.append(
            ItemCounts(
                items=sum(by_fate),
                indexed=by_fate[Fate.INDEXED],
                answers=answers,
                skipped={why: by_fate[each] for each, why in SKIPPED.items() if by_fate[each]},
            )
        )
    return counts


class BenchmarkCoverage(ItemCounts):
    """A row of the coverage: a benchmark, its items, and the documents that contain some."""

    benchmark: str
    version: str
    skipped_files: dict[str, int]
    """Files beside those of the benchmark that are not read, by kind."""

    documents: NotRequired[int]
    """Documents that contain an item; missing if they were not counted."""


def coverage_of(manifest: Mapping[str, Any]) -> list[BenchmarkCoverage]:
    """Return the coverage that the stages of a build report, by benchmark."""
    return [
        row
        for stage in manifest["stages"]
        if stage["stage"] == "decontaminate"
        for row in stage.get("metrics", {}).get("coverage", ())
    ]


def describe_skipped(row: Mapping[str, Any]) -> str:
    """Return what was skipped, in one line: `3 duplicate, 12 too short; files: 2 .pdf`."""
    skipped = row["skipped"]
    items = ", ".join(f"{n:,} {why.replace('_', ' ')}" for why, n in skipped.items())
    files = row.get("skipped_files")  # builds of earlier versions have none
    parts = [items, f"files: {describe_kinds(files)}" if files else ""]
    return "; ".join(filter(None, parts)) or "none"
