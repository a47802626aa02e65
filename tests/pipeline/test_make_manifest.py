"""Making a manifest: its sums and its splits are checked before a build is published."""

from __future__ import annotations

from typing import ClassVar, Literal

import pytest

from corpus.builds.manifest import Counts, StageEntry
from corpus.errors import CorpusError
from corpus.pipeline.make_manifest import check_splits, check_sums, stage_entry
from corpus.stages.base import DocumentStage


def entries(threshold: float | None = 0.5, **metrics: object) -> list[StageEntry]:
    """Return the entries of two stages, the second of which is a split."""
    return [
        StageEntry.model_validate(entry)
        for entry in (
            {"stage": "language", "metrics": {}},
            {"stage": "split", "leakage_threshold": threshold, "metrics": metrics},
        )
    ]


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ({"overlap": 2, "highest_left": 0.1}, "2 texts are in two splits"),
        ({"overlap": 0, "highest_left": 0.5}, r"of two splits is 0\.5, which must be below 0\.5"),
        ({"highest_left": 0.7}, r"0 texts are in two splits.* is 0\.7"),
    ],
)
def test_overlapping_splits_are_not_published(metrics, message):
    """A text in two splits, or a pair across splits at the threshold, stops the build."""
    with pytest.raises(CorpusError, match=message):
        check_splits(entries(**metrics))


def test_separate_splits_are_published():
    """Similarity below the threshold is allowed; without a threshold, anything is."""
    check_splits(entries(overlap=0, highest_left=0.499999))
    check_splits(entries(None))
    check_splits(entries(None, overlap=3))


@pytest.mark.parametrize("read", [9, 11])
def test_a_lost_or_doubled_record_is_not_published(read):
    """Kept, removed and rejected records must be exactly those that were read."""
    counts = Counts(read=10, kept=7, removed=2, rejected=1, splits={"train": 7})
    check_sums(counts)
    with pytest.raises(CorpusError, match=rf"{read} records were read, 10 are accounted for"):
        check_sums(counts.model_copy(update={"read": read}))


class Own(DocumentStage):
    """A stage of the user's own."""

    stage: Literal["own"] = "own"
    reasons: ClassVar[dict[str, str]] = {"short": "it has fewer words than `min`"}
    min: int = 3

    def apply(self, documents):
        """Return the documents."""
        return documents


def test_the_entry_of_a_stage_stores_its_reasons():
    """So the reasons of custom stages can be shown without their code."""
    assert stage_entry(Own(), {"n": (1, 2)}).to_json() == {
        "stage": "own",
        "min": 3,
        "metrics": {"n": [1, 2]},
        "reasons": {"short": "it has fewer words than `min`"},
    }
