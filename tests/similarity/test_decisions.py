"""Decisions of a stage that compares documents, their metrics, and the order of documents."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from corpus.documents import ID
from corpus.observations import CorpusView, MappedParts, in_memory
from corpus.similarity import leaks
from corpus.similarity.bands import Bands, bands_for, comparison_recall, min_agreements
from corpus.similarity.content_hash import content_hashes
from corpus.similarity.decisions import (
    MAX_EXAMPLES,
    Removals,
    band_metrics,
    cluster_metrics,
    decoded_metrics,
    encode_decisions,
    pair_metrics,
    rounded_down,
)
from corpus.similarity.observations import Content, Signatures
from corpus.similarity.ranked_documents import RankedDocuments, distinct, halves_at, numbers
from corpus.similarity.row_order import Copies, copies_of_earlier, merged_by_position, sorted_rows


def view_of(*parts, **columns):
    """Return a corpus of parts with these ids; a column has the values of all parts."""
    batches, first = [], 0
    for ids in parts:
        own = {name: values[first : first + len(ids)] for name, values in columns.items()}
        batches.append(pa.record_batch({ID: pa.array(ids, pa.string())} | own))
        first += len(ids)
    mapped = MappedParts(tuple((lambda b=batch: b) for batch in batches))
    return CorpusView(mapped, None, np.ones(first, np.bool_))


def test_each_document_has_a_decision_and_removed_ones_their_evidence():
    """Removals may come in any order; the others are null, and the metrics come back as given."""
    corpus = view_of(["a", "b"], ["c"], ["d", "e"])
    removals = Removals(np.array([3, 0]), ["x", "y"], pa.array(["b", "c"]), np.array([0.5, 1.0]))
    decisions = encode_decisions(corpus, removals, {"n": 2})
    assert decisions.to_pydict() == {
        "reason": ["y", None, None, "x", None],
        "evidence": ["c", None, None, "b", None],
        "score": [1.0, None, None, 0.5, None],
    }
    assert decoded_metrics(decisions) == {"n": 2}
    assert decoded_metrics(decisions.replace_schema_metadata(None)) == {}
    same = encode_decisions(corpus, removals._replace(reasons=pa.array(["x", "y"])), {})
    assert same.equals(decisions)


@pytest.mark.parametrize(
    ("share", "rounded"),
    [(1.0, 1.0), (0.9999999, 0.999999), (0.1234569, 0.123456), (0.5, 0.5), (1e-7, 0.0)],
)
def test_a_share_is_rounded_down_to_six_digits(share, rounded):
    """A recall of almost 1 does not read as 1."""
    assert rounded_down(share) == rounded


def test_the_metrics_of_bands_are_their_recall():
    """The recall is reported at the threshold and at five similarities, rounded down."""
    shape = Bands(25, 5)
    metrics = band_metrics(shape, 0.8, hashes=128)
    assert (metrics["bands"], metrics["rows"]) == (25, 5)
    assert list(metrics["recall"]) == ["0.5", "0.6", "0.7", "0.8", "0.9"]
    assert metrics["recall"]["0.8"] == metrics["recall_at_threshold"]
    for similarity, share in metrics["recall"].items():
        exact = comparison_recall(float(similarity), shape, hashes=128, threshold=0.8)
        assert share == rounded_down(exact) <= exact < share + 1e-6
    assert list(metrics["recall"].values()) == sorted(metrics["recall"].values())


def test_the_nearest_misses_name_both_documents():
    """At most ten are listed, with their score; all are counted."""
    n = MAX_EXAMPLES + 2
    corpus = view_of([f"doc-{i}" for i in range(2 * n)])
    ranks = np.arange(2 * n)[::-1].copy()
    pairs = np.array([(2 * k + 1) << 32 | 2 * k for k in range(n)], np.uint64)
    resolution = SimpleNamespace(
        near_misses=pairs,
        near_miss_scores=np.linspace(0.7, 0.1234567, n),
        compared=99,
        highest_remaining=0.7999999,
    )
    metrics = pair_metrics(SimpleNamespace(corpus=corpus, rows=ranks), resolution)
    assert (metrics["compared"], metrics["highest_left"]) == (99, 0.799999)
    assert metrics["near_misses"]["pairs"] == n
    nearest = metrics["near_misses"]["nearest"]
    assert len(nearest) == MAX_EXAMPLES == 10
    for k, row in enumerate(nearest):
        last = 2 * n - 1 - 2 * k
        assert (row["id"], row["other"]) == (f"doc-{last}", f"doc-{last - 1}")
        assert row["score"] == round(resolution.near_miss_scores[k], 6)


def test_clusters_are_counted_by_size_and_the_largest_are_listed():
    """A cluster is a kept document with its duplicates; equal sizes come in order of rank."""
    sizes = {0: 1, 1: 2, 2: 3, 3: 1, 4: 7, **dict.fromkeys(range(5, 12), 1)}
    duplicate_of = np.array([kept for kept, n in sizes.items() for _ in range(n)])
    corpus = view_of([f"doc-{i}" for i in range(12)])
    rows = np.arange(12)[::-1].copy()
    clusters = cluster_metrics(corpus, rows, duplicate_of)["clusters"]
    assert clusters["clusters"] == 12
    assert clusters["sizes"] == {"2 to 3": 10, "4 to 7": 1, "8 to 15": 1}
    expected = sorted(sizes, key=lambda kept: -sizes[kept])[:MAX_EXAMPLES]
    assert clusters["largest"] == [
        {"id": f"doc-{11 - kept}", "documents": sizes[kept] + 1} for kept in expected
    ]


CONTENT = [b"same-upper-AAAAA", b"same-upper-BBBBB", b"zzzzzzzzzzzzzzzz", b"same-upper-AAAAA"]


def content(*chosen):
    """Return a column of contents in two chunks."""
    values = [CONTENT[k] for k in chosen]
    middle = len(values) // 2
    return pa.chunked_array(
        [pa.array(values[:middle], pa.binary(16)), pa.array(values[middle:], pa.binary(16))]
    )


def test_a_copy_has_all_sixteen_bytes_and_the_scope_of_an_earlier_row():
    """The first eight bytes alone, or another scope, make no copy."""
    rows = np.arange(6)
    column = content(0, 1, 3, 2, 2, 0)
    copies = copies_of_earlier(column, rows)
    assert (copies.positions.tolist(), copies.firsts.tolist()) == ([2, 4, 5], [0, 3, 0])
    scoped = copies_of_earlier(column, rows, np.array([1, 1, 2, 1, 1, 2]))
    assert (scoped.positions.tolist(), scoped.firsts.tolist()) == ([4, 5], [3, 2])
    some = copies_of_earlier(column, rows[[5, 3, 0]])
    assert (some.positions.tolist(), some.firsts.tolist()) == ([2], [0])
    none = copies_of_earlier(column, rows[:2])
    assert (len(none.positions), len(none.firsts)) == (0, 0)


def test_rows_are_sorted_by_value_then_by_all_sixteen_bytes():
    """NaN comes last; rows that are equal so far are ordered by the next column."""
    first, second = content(2, 1, 0, 3, 1, 0), content(0, 0, 1, 0, 0, 2)
    values = np.array([np.nan, 1.0, 1.0, 1.0, np.nan, 0.0])
    assert sorted_rows(np.arange(6), values, [first, second]).tolist() == [5, 3, 2, 1, 4, 0]
    assert sorted_rows(np.arange(6), values, [first]).tolist()[0] == 5


def test_arrays_are_merged_by_their_first_element():
    """Rows stay together."""
    one = (np.array([1, 5]), np.array([10, 50]))
    two = (np.array([0, 3, 9]), np.array([0, 30, 90]))

    positions, values = merged_by_position(Copies(*one), Copies(*two))
    assert (positions.tolist(), values.tolist()) == ([0, 1, 3, 5, 9], [0, 10, 30, 50, 90])


def test_distinct_values_come_in_order():
    """Repeated values come once; nothing gives nothing."""
    assert distinct(np.array([3, 1, 3, 2, 1])).tolist() == [1, 2, 3]
    assert distinct(np.array([], np.int64)).tolist() == []
    assert distinct(np.array([4])).tolist() == [4]


def test_halves_of_chosen_rows_come_from_their_chunks():
    """In any order, and a row may be chosen twice."""
    column = content(0, 1, 2, 0, 1)
    rows = np.array([4, 0, 2, 0, 3])
    upper, lower = halves_at(column, rows)
    for row, *both in zip(rows, upper.tolist(), lower.tolist(), strict=True):
        value = column[int(row)].as_py()
        assert both == [int.from_bytes(value[:8], "big"), int.from_bytes(value[8:], "big")]
    assert numbers(pa.chunked_array([[1, 2], [], [3]])).tolist() == [1, 2, 3]


@pytest.mark.parametrize("rows", [[0, 1, 2, 3, 4], [4, 2, 0], [3], [1, 0, 4, 3]])
def test_documents_are_found_in_their_parts(documents, rows):
    """Each part has its rows in order with their ranks; the size is that of text and shingles."""
    texts = ["a b c d e f", "b", "c c c", "d d d d d d d d", "é"]
    observed, rows = Signatures(words=2, hashes=8), np.array(rows)
    whole = in_memory(documents(*texts), [observed]).parts[0]
    parts = (whole.slice(0, 2), whole.slice(2, 0), whole.slice(2, 3))
    mapped = MappedParts(tuple((lambda b=part: b) for part in parts))
    ranked = RankedDocuments(CorpusView(mapped, None, np.ones(5, np.bool_)), observed, rows)
    assert len(ranked) == len(rows)
    for found in (ranked.by_part(np.arange(len(rows))), ranked.every_part()):
        seen = {}
        for part, in_part, ranks in found:
            assert part in (0, 2)
            assert in_part.tolist() == sorted(in_part.tolist())
            seen |= dict(zip(ranks.tolist(), (in_part + 2 * (part == 2)).tolist(), strict=True))
        assert seen == dict(enumerate(rows.tolist()))
    some = np.arange(len(rows))[::-1]
    n_shingles = whole.column(observed.shingles).to_pylist()
    expected = [len(texts[rows[k]].encode()) + 8 * n_shingles[rows[k]] for k in some]
    assert ranked.sizes(some).tolist() == expected
    ascending = np.sort(rows)
    all_signatures = ranked.signatures(ascending)
    for k, row in enumerate(ascending):
        raw = whole.column(observed.signature)[int(row)].as_py()
        assert all_signatures[k].tobytes() == raw


def test_a_text_without_words_equals_only_the_identical_text():
    """Texts with the same words have one hash, whatever is between them."""
    texts = ["One, two!", "one two", "one  TWO.", "onetwo", "...", "..", "...", "", " ", None]
    hashes = content_hashes(pa.array(texts, pa.large_string())).to_pylist()
    assert hashes[0] == hashes[1] == hashes[2]
    assert hashes[4] == hashes[6]
    assert len(set(hashes[:9])) == 6
    assert all(len(each) == 16 for each in hashes)


def test_copies_leak_from_the_document_of_the_first():
    """An exact copy of a leak is a leak with the same evidence and score; others are none."""
    found = leaks._LeakedRows(np.array([4, 6]), np.array([0, 1]), np.array([0.5, 0.7]))
    copies = leaks.Copies(np.array([5, 7, 8, 9]), np.array([4, 6, 4, 3]))
    positions, leaked_from, score = leaks._with_copies(found, copies)
    assert positions.tolist() == [4, 5, 6, 7, 8]
    assert leaked_from.tolist() == [0, 0, 1, 1, 0]
    assert score.tolist() == [0.5, 0.5, 0.7, 0.7, 0.5]
    none = leaks._LeakedRows(*(each[:0] for each in found))
    assert leaks._with_copies(none, copies) is none


def test_leaks_are_found_between_groups_only(documents):
    """A document of a later group leaks, with its copies; similar documents of a group do not."""
    body = " ".join(f"w{i}" for i in range(60))
    texts = [body, "...", f"{body} x", f"{body} x", "...", "other words here today", f"{body} y"]
    observed = Signatures()
    corpus = in_memory(documents(*texts), [Content(), observed])
    group = np.array([0, 0, 1, 1, 1, 1, 1], np.int8)
    found = leaks.find_leaks(
        corpus, observed, np.arange(7), group, threshold=0.5, shape=Bands(64, 2)
    )
    assert found.positions.tolist() == [2, 3, 4, 6]
    assert found.leaked_from.tolist() == [0, 0, 1, 0]
    assert found.score[2] == 1.0
    assert found.score[[0, 1, 3]] == pytest.approx([56 / 57] * 3)
    assert found.overlap == 0
    assert leaks.count_overlap(corpus, np.arange(7), group) == 1
    assert leaks.count_overlap(corpus, np.arange(7), np.zeros(7, np.int8)) == 0


@pytest.mark.parametrize(
    ("hashes", "threshold", "min_recall", "expected"),
    [(128, 0.8, 0.999, Bands(25, 5)), (2, 1.0, 1.0, Bands(1, 2)), (4, 0.01, 0.9, None)],
)
def test_bands_have_the_most_rows_that_find_enough(hashes, threshold, min_recall, expected):
    """Without any such number of rows there are no bands."""
    assert bands_for(hashes, threshold, min_recall=min_recall) == expected


@pytest.mark.parametrize(
    ("hashes", "threshold", "loss", "expected"),
    [
        (128, 1.0, 0.1, 128),
        (128, 0.0, 0.1, 1),
        (1, 0.5, 0.4, 1),
        (2, 0.5, 0.25, 1),
        (2, 0.5, 0.8, 2),
    ],
)
def test_a_pair_agrees_in_at_least_so_many_hashes(hashes, threshold, loss, expected):
    """The number is exact, and at least one."""
    assert min_agreements(hashes, threshold, loss=loss) == expected
