"""Making a manifest: its sums and its splits are checked before a build is published."""

from __future__ import annotations

from types import SimpleNamespace
from typing import ClassVar, Literal

import pytest

from corpus.builds.manifest import Counts, FileEntry, StageEntry
from corpus.errors import CorpusError
from corpus.pipeline import make_manifest
from corpus.pipeline.counted import Removals
from corpus.pipeline.first_pass import FirstPass, InputCounts
from corpus.pipeline.make_manifest import check_splits, check_sums, stage_entry
from corpus.pipeline.sharding import Sharding
from corpus.sources.notes import FileNotes
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


def test_the_funnel_adds_up_what_every_partition_removed():
    """Reading comes first, then the stages in the order of the config; reasons by name."""
    removals = [
        Removals("split", "leak", 1, 10),
        Removals("filter", "words", 2, 5),
        Removals("filter", "words", 3, 7),
        Removals("read", "empty", 1, 0),
        Removals("filter", "lines", 4, 9),
    ]
    stages = [SimpleNamespace(stage=name) for name in ("filter", "split", "filter")]
    rows = make_manifest._funnel(stages, removals)
    assert [(row.stage, row.reason, row.documents, row.characters) for row in rows] == [
        ("read", "empty", 1, 0),
        ("filter", "lines", 4, 9),
        ("filter", "words", 5, 12),
        ("split", "leak", 1, 10),
    ]


def test_splits_come_in_the_usual_order_with_the_sums_of_their_shards():
    """Train, validation and test come first, then others by name, over all folders."""
    shards = {f"{folder}{name}": ((0, 1),) for folder in ("", "de/") for name in "ab"}
    shards |= dict.fromkeys(("test", "train", "validation"), ((0, 1), (1, 2)))
    sharding = Sharding((0, 9), shards)
    files = {
        name: FileEntry(bytes=10 + i, sha256="", rows=i)
        for i, name in enumerate(sharding.all_files())
    }
    splits = make_manifest._splits(sharding, files)
    assert list(splits) == ["train", "validation", "test", "a", "b"]
    for split, entry in splits.items():
        assert entry.shards == sharding.files(split)
        assert len(entry.shards) == 2
        assert entry.documents == sum(files[name].rows for name in entry.shards)
        assert entry.bytes == sum(files[name].bytes for name in entry.shards)
    counts = make_manifest._counts(60, splits, removed=9, rejected=6)
    assert counts.kept == sum(range(10)) == 45
    assert (counts.read, counts.removed, counts.rejected) == (60, 9, 6)
    assert counts.splits == {split: entry.documents for split, entry in splits.items()}


def test_inputs_come_by_source_and_name_with_what_was_lost():
    """A file without a count was not read; what is as usual is left out."""
    items = [
        SimpleNamespace(source=source, sha256=name * 2, file=SimpleNamespace(name=name, bytes=5))
        for source, name in ((1, "a"), (0, "b"), (0, "a"))
    ]
    notes = FileNotes(
        no_text_column=2, short_rows=3, dates=7, unparsed_dates=4, unparsed_examples=("soon",),
        dialects=("delimiter ';'", "x"), encodings=("cp1252", "x"),
    )  # fmt: skip
    first = FirstPass(
        inputs={(0, "a"): InputCounts(3, 1, "f" * 32, {"menu": 2})},
        notes={(0, "a"): notes},
        date_formats={0: "%d/%m/%Y"},
    )
    entries = [entry.to_json() for entry in make_manifest._inputs(items, first)]
    assert [(entry["config"], entry["source"], entry["sha256"]) for entry in entries] == [
        (0, "a", "aa"),
        (0, "b", "bb"),
        (1, "a", "aa"),
    ]
    rest = {"source": "a", "bytes": 5, "config": 0, "sha256": "aa"}
    assert entries[0] == rest | {
        "records": 3,
        "rejected": 1,
        "content": "f" * 32,
        "skipped": {"menu": 2},
        "no_text_column": 2,
        "short_rows": 3,
        "dialect": "delimiter ';'",
        "encoding": "cp1252",
        "unparsed_dates": 4,
        "parsed_dates": 7,
        "unparsed_examples": ["soon"],
        "date_format": "%d/%m/%Y",
    }
    nothing = {"records": 0, "rejected": 0, "content": "0" * 32, "bytes": 5}
    assert entries[1] == nothing | {"source": "b", "config": 0, "sha256": "bb"} | {
        "date_format": "%d/%m/%Y"
    }
    assert entries[2] == nothing | {"source": "a", "config": 1, "sha256": "aa"}
