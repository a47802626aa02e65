"""The kernels find what the definition in plain Python finds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.contamination import matching
from corpus.contamination.benchmark import Benchmark
from corpus.contamination.build_index import build_index
from corpus.contamination.definition import overlap, shingles_of_part
from corpus.contamination.entries import MAX_TEXTS_PER_SHINGLE
from corpus.contamination.files import hashed_files
from corpus.contamination.index import Index, open_index
from corpus.contamination.matching import find_overlaps
from corpus.contamination.parts import MAX_WINDOW, Limits

LIMITS = Limits(words=2, shortest=3, window=1.5)


def index_of(folder: Path, items: list[dict[str, object]], limits: Limits = LIMITS) -> Index:
    """Return the index of one benchmark with these records."""
    number = len(list(folder.iterdir()))
    (folder / f"{number}.jsonl").write_text("\n".join(map(json.dumps, items)), encoding="utf-8")
    benchmark = Benchmark(name="quiz", path=f"{number}.jsonl")
    build_index(folder / f"index-{number}", [hashed_files(benchmark, folder)], limits)
    return open_index(folder / f"index-{number}")


def found(texts: list[str | None], index: Index, limits: Limits = LIMITS) -> dict[tuple, float]:
    """Return the overlap of each document with each item, by numbers from 0, if there is any."""
    column = pa.array(texts, pa.large_string())
    fewest = limits.shortest - limits.words + 1
    overlaps = find_overlaps(column, index, words=limits.words, fewest=fewest)
    result = {}
    for document, text, share in zip(*(each.tolist() for each in overlaps), strict=True):
        first, last = index.starts[text : text + 2].tolist()
        for owner in index.owners[first:last].tolist():
            result[document, int(index.items[owner >> 1, 2]) - 1] = share
    return result


words = st.lists(st.sampled_from(["a", "b", "c", "d", "Ä", "東"]), max_size=12).map(" ".join)


@given(st.lists(words, min_size=1, max_size=4, unique=True), st.lists(words, max_size=3))
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_the_kernel_agrees_with_the_definition(tmp_path, questions, texts):
    """The overlap of each text with each question is the one that the definition gives."""
    index = index_of(tmp_path, [{"question": question or "-"} for question in questions])
    distinct = {}
    for number, question in enumerate(questions):
        distinct.setdefault(frozenset(shingles_of_part([question], 2)), number)
    expected = {
        (document, number): share
        for document, text in enumerate(texts)
        for number, question in enumerate(questions)
        if number in distinct.values()
        if (share := overlap(text, [question], size=2, shortest=3, window=1.5)) >= 0.2
    }
    assert found(texts, index) == expected


def test_options_count_in_any_order(tmp_path):
    """Options are parts of the question: their order and their labels do not matter."""
    item = {"question": "Which of these is red", "choices": ["A. a ripe tomato", "B. a blue sky"]}
    index = index_of(tmp_path, [item])
    text = "which of these is red? (a) a blue sky (b) a ripe tomato"
    assert found([text], index) == {(0, 0): 1.0}
    segments = [item["question"], "a ripe tomato", "a blue sky"]
    assert overlap(text, segments, size=2, shortest=3, window=1.5) == 1.0


def test_shingles_outside_the_window_do_not_count(tmp_path):
    """Halves of a question far apart are not a match of all of it."""
    index = index_of(tmp_path, [{"question": "one two three four five six"}])
    apart = "one two three " + "and " * 20 + "four five six"
    assert found([apart], index) == {(0, 0): pytest.approx(2 / 5)}
    assert overlap(apart, ["one two three four five six"], size=2, shortest=4, window=1.5) == 0.0
    near = "one two three and four five six"
    assert found([near], index) == {(0, 0): pytest.approx(4 / 5)}


def test_an_item_in_a_document_of_any_length_is_found(tmp_path):
    """A document that fills the buffer of hits many times gives the same result."""
    items = [{"question": f"one two number{i} end of it"} for i in range(MAX_TEXTS_PER_SHINGLE)]
    index = index_of(tmp_path, items)
    assert {"one two", "end of"} <= shingles_of_part([items[0]["question"]], 2)
    long = "one two " * 150_000 + "one two number7 end of it " + "end of it " * 50_000
    result = found([None, long, "one two number8 end of it", ""], index)
    assert result[1, 7] == result[2, 8] == 1.0
    assert set(result) >= {(1, 7), (2, 8)}
    assert {document for document, _ in result} == {1, 2}


def test_the_buffer_has_room_for_a_window_and_a_step():
    """The hits that are kept and those of a step more always fit into the buffer."""
    kept = MAX_WINDOW * MAX_TEXTS_PER_SHINGLE
    assert kept + matching.MAX_HITS_PER_STEP < matching.BUFFER_HITS


def test_batches_do_not_matter(tmp_path):
    """Each text gets the same overlaps alone and among others."""
    index = index_of(tmp_path, [{"question": "one two three four"}, {"question": "five six seven"}])
    texts = ["one two three", "five six seven one two three four", "", "six seven five"]
    together = found(texts, index)
    alone = {
        (n, item): s for n, t in enumerate(texts) for (_, item), s in found([t], index).items()
    }
    assert together == alone


def test_an_index_without_entries_finds_nothing(tmp_path):
    """A benchmark whose items are all too short is in no document."""
    index = index_of(tmp_path, [{"question": "one"}, {"question": "two"}])
    assert len(index.hashes) == 0
    assert index.summary["coverage"][0]["skipped"] == {"too_short": 2}
    assert found(["one", "two words"], index) == {}


def test_the_filter_has_a_bit_for_each_entry(tmp_path):
    """The filter never rejects a shingle of the index."""
    index = index_of(tmp_path, [{"question": f"w{i} x{i} y{i} z{i}"} for i in range(300)])
    shift = np.uint64(65 - (index.filter.size * 64).bit_length())
    bucket = np.repeat(np.arange(len(index.buckets) - 1), np.diff(index.buckets)).astype(np.uint64)
    bucket_bits = np.uint64((len(index.buckets) - 1).bit_length() - 1)
    hashes = bucket << (np.uint64(64) - bucket_bits)
    hashes |= index.hashes.astype(np.uint64) << (np.uint64(32) - bucket_bits)
    prefixes = hashes >> shift
    bits = index.filter[prefixes >> np.uint64(6)] >> (prefixes & np.uint64(63)) & np.uint64(1)
    assert bits.all()
    assert (hashes[1:] >= hashes[:-1]).all()
