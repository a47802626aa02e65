"""The index has every item once, and the coverage says what became of each."""

from __future__ import annotations

import json

import pytest

from corpus.contamination.benchmark import Benchmark
from corpus.contamination.build_index import build_index
from corpus.contamination.coverage import describe_skipped
from corpus.contamination.entries import MAX_TEXTS_PER_SHINGLE
from corpus.contamination.files import hashed_files
from corpus.contamination.index import ANSWER, FILES, open_index
from corpus.contamination.parts import Limits
from corpus.errors import InputError

LIMITS = Limits(words=3, shortest=4, window=2.0)


def build(folder, *benchmarks, name="index"):
    """Return the index of benchmarks, each given by its records."""
    described = []
    for number, records in enumerate(benchmarks):
        (folder / f"{number}.jsonl").write_text("\n".join(map(json.dumps, records)))
        described.append(Benchmark(name=f"b{number}", path=f"{number}.jsonl", version="1"))
    contents = [hashed_files(each, folder) for each in described]
    build_index(folder / name, contents, LIMITS)
    return open_index(folder / name)


def test_every_item_is_indexed_or_skipped_for_a_reason(tmp_path):
    """The counts of a benchmark add up to its items."""
    records = [
        {"question": "one two three four five", "answer": "six seven eight nine"},
        {"question": "ONE, two: three four\nfive!", "answer": "ten"},
        {"question": "one two three"},
        {"question": "?!"},
        {"question": None},
        {"question": "two words", "choices": ["and three more here"]},
    ]
    (row,) = build(tmp_path, records).summary["coverage"]
    assert row == {
        "benchmark": "b0",
        "version": "1",
        "items": 6,
        "indexed": 2,
        "answers": 1,
        "skipped": {"duplicate": 1, "too_short": 1, "no_words": 2},
        "skipped_files": {},
    }


def test_files_that_are_not_read_stand_in_the_coverage(tmp_path):
    """The coverage counts them by kind, and card and audit show them beside the skipped items."""
    (tmp_path / "hub").mkdir()
    for name in ("README.md", "a.pdf", "b.pdf"):
        (tmp_path / "hub" / name).write_text("x")
    (tmp_path / "hub/test.jsonl").write_text(json.dumps({"question": "too short"}))
    contents = hashed_files(Benchmark(name="quiz", path="hub"), tmp_path)
    build_index(tmp_path / "index", [contents], LIMITS)
    (row,) = open_index(tmp_path / "index").summary["coverage"]
    assert row["skipped_files"] == {".pdf": 2, "dataset metadata": 1}
    assert describe_skipped(row) == "1 too short; files: 2 .pdf, 1 dataset metadata"


def test_an_item_of_two_benchmarks_belongs_to_both(tmp_path):
    """Equal items of different benchmarks share one text, and each benchmark counts its own."""
    record = {"question": "one two three four five"}
    index = build(tmp_path, [record], [{"question": "other words are here"}, record])
    assert len(index.sizes) == 2
    assert [row["indexed"] for row in index.summary["coverage"]] == [1, 2]
    owners = index.owners[: index.starts[1]].tolist()
    assert [(index.benchmark_of(o), index.item_of(o)) for o in owners] == [
        ("b0", "0.jsonl:1"),
        ("b1", "1.jsonl:2"),
    ]


def test_an_answer_is_a_part_of_its_own(tmp_path):
    """Question and answer of an item are separate texts."""
    record = {"question": "one two three four", "answer": "five six seven eight"}
    index = build(tmp_path, [record])
    assert sorted(index.owners.tolist()) == [0, ANSWER]


def test_a_phrase_of_many_items_does_not_count(tmp_path):
    """A shingle in more than the maximum number of texts is not in the index."""
    records = [
        {"question": f"an instruction for all items word{i} word{i + 1} word{i + 2} word{i + 3}"}
        for i in range(0, 10 * (MAX_TEXTS_PER_SHINGLE + 1), 10)
    ]
    some, many = build(tmp_path, records[:-1]), build(tmp_path, records, name="more")
    assert set(some.sizes.tolist()) == {7}
    assert set(many.sizes.tolist()) == {4}
    few = [{"question": f"an instruction for all items {i}"} for i in range(99)]
    (row,) = build(tmp_path, few + few[:9], name="few").summary["coverage"]
    assert row["skipped"] == {"common_phrases": 108}  # nothing finds a duplicate of one, either


def test_equal_benchmarks_give_equal_files(tmp_path):
    """The files of an index depend on the benchmarks alone."""
    records = [{"question": f"question number {i} of this benchmark"} for i in range(50)]
    build(tmp_path, records)
    build(tmp_path, records, name="again")
    for name in FILES:
        first, second = (tmp_path / folder / f"{name}.bin" for folder in ("index", "again"))
        assert first.read_bytes() == second.read_bytes(), name


def test_a_failed_build_leaves_no_index(tmp_path):
    """An index is complete, or it is not there."""
    (tmp_path / "0.jsonl").write_text('{"question": "one two three four"}\n{')
    contents = hashed_files(Benchmark(name="b", path="0.jsonl"), tmp_path)
    with pytest.raises(InputError, match=r"0\.jsonl:2"):
        build_index(tmp_path / "index", [contents], LIMITS)
    assert not list(tmp_path.glob("index*"))
