"""Tests of the stage `containment`: which texts count as contained in a longer one."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import ID
from corpus.observations import in_memory
from corpus.similarity import containment
from corpus.stages.containment import Containment
from corpus.words.definition import shingles

ANY_LENGTH = Containment(shortest=1)


def decided(stage, batch):
    """Return the decisions on a batch, one dict for each document, and the metrics."""
    decisions = stage.decide(in_memory(batch, stage.observes()))
    return decisions.to_pylist(), stage.metrics(decisions)


def story(seed, size=300):
    """Return a text whose words occur in no other story."""
    return " ".join(f"w{seed}x{k}" for k in range(size))


def part_of(text, first, last, *more):
    """Return a slice of a text's words, followed by other words."""
    return " ".join([*text.split()[first:last], *more])


def test_an_excerpt_names_the_longer_text(documents):
    """An excerpt is marked with the longer text and the exact containment, and is kept."""
    article = story(1)
    excerpt = part_of(article, 50, 170, "and", "so", "on")
    rows, metrics = decided(Containment(), documents(story(2), excerpt, article))
    share = len(shingles(excerpt) & shingles(article)) / len(shingles(excerpt))
    assert rows[1] == {
        "reason": None,
        "evidence": None,
        "score": None,
        "contained_in": "doc-2",
        "containment": share,
    }
    assert [row["contained_in"] for row in rows] == [None, "doc-2", None]
    assert (metrics["contained"], metrics["compared"]) == (1, 1)


@pytest.mark.parametrize("max_pairs", [1, 5, 1 << 18])
def test_candidate_pairs_come_in_chunks_of_bounded_size(documents, monkeypatch, max_pairs):
    """Whatever the chunk size, each candidate pair is returned exactly once."""
    sentences = [" ".join(f"of{k}x{i}" for i in range(12)) for k in range(30)]
    draw = random.Random(5)
    texts = [" ".join(sentences[i] for i in draw.sample(range(30), 4 + k % 9)) for k in range(60)]
    monkeypatch.setattr(containment, "QUERIES_PER_ORDER", 3)
    monkeypatch.setattr(containment, "QUERIES_PER_BATCH", max_pairs)
    batch, ranks = documents(*texts), np.arange(60)
    observed = ANY_LENGTH.observes()[0]
    parts = list(containment.containment_candidates(in_memory(batch, [observed]), observed, ranks))
    limit = (max_pairs + 6) * containment.CANDIDATES_PER_QUERY
    assert max(map(len, parts)) <= limit
    assert len(parts) > 5 or max_pairs > 5
    pairs = np.concatenate(parts).tolist()
    assert len(pairs) == len(set(pairs)) == 754


def test_a_contained_text_is_removed_on_request(documents):
    """With `remove`, a contained text is removed, and its evidence is a text that is kept."""
    article = story(1)
    texts = [article, part_of(article, 0, 200), part_of(article, 20, 150)]
    rows, _ = decided(Containment(remove=True), documents(*texts))
    assert [row["reason"] for row in rows] == [None, "contained", "contained"]
    assert [row["evidence"] for row in rows] == [None, "doc-0", "doc-0"]
    assert [row["score"] for row in rows] == [None, 1.0, 1.0]


def test_short_texts_and_small_shares_are_not_marked(documents):
    """A text with few words, or with only half of its words in a longer one, is not contained."""
    article = story(1)
    texts = [article, part_of(article, 0, 20), part_of(article, 0, 100, *story(2, 60).split())]
    rows, _ = decided(Containment(), documents(*texts))
    assert [row["contained_in"] for row in rows] == [None] * 3


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.randoms(use_true_random=False), st.sampled_from([0.6, 0.9, 1.0]), st.integers(1, 40))
def test_the_result_equals_comparing_all_pairs(documents, draw, share, entries):
    """A text is contained if and only if a longer text that is not contained has enough of it."""
    base = story(1, 120).split()
    texts = [
        " ".join([*base[a : a + draw.randint(1, 90)], *story(k + 2, draw.randint(0, 9)).split()])
        for k in range(draw.randint(1, 12))
        for a in [draw.randint(0, 100)]
    ]
    batch = documents(*texts)
    stage = ANY_LENGTH.model_copy(update={"share": share})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(containment, "MAX_SORTED_SHINGLES", entries)
        rows, _ = decided(stage, batch)
    sets = [shingles(text) for text in texts]
    keys = batch["_key"].to_pylist()
    not_contained = []
    for k in sorted(range(len(texts)), key=lambda k: (-len(sets[k]), keys[k])):
        inside = {e: len(sets[k] & sets[e]) / len(sets[k]) for e in not_contained}
        best = max(inside.values(), default=0)
        if rows[k]["contained_in"]:
            other = batch[ID].to_pylist().index(rows[k]["contained_in"])
            assert rows[k]["containment"] == inside[other] >= share
        else:
            # a sample of so short a text may be empty, or not be in the longer one
            assert best < share or len(sets[k]) < 64 or best < 1
            not_contained.append(k)


def test_shared_boilerplate_does_not_hide_an_excerpt(documents):
    """An excerpt is found although most of its words are boilerplate that all texts share.

    Of excerpts with sixty shingles of their own, 98 % have one of them in the sample.
    """
    boilerplate = story(1, 300)
    bodies = [[f"own{k}x{i}" for i in range(150)] for k in range(200)]
    texts = [f"{boilerplate} {' '.join(body)}" for body in bodies]
    texts += [f"{boilerplate} {' '.join(body[:60])}" for body in bodies]
    rows, _ = decided(Containment(), documents(*texts))
    containers = [row["contained_in"] for row in rows[200:]]
    assert sum(name == f"doc-{k}" for k, name in enumerate(containers)) >= 190
    assert [row["contained_in"] for row in rows[:200]] == [None] * 200


def test_the_reported_recall_equals_a_simulation(documents):
    """The recall formula agrees with simulated samples."""
    draw = np.random.default_rng(3)
    for size, share in ((20, 0.9), (60, 0.5), (100, 0.9)):
        sampled = draw.random((20_000, size)) < 1 / 16
        queried = sampled & (np.cumsum(sampled, axis=1) <= containment.QUERIES_PER_ORDER)
        simulated = (queried & (draw.random(queried.shape) < share)).any(axis=1).mean()
        assert simulated == pytest.approx(containment.recall(size, share), abs=0.012)
    _, metrics = decided(Containment(), documents("x"))
    curve = metrics["recall"]
    assert list(curve.values()) == sorted(curve.values())
    assert curve["100"] > 0.99


def test_the_order_of_documents_does_not_matter(documents):
    """Each document gets the same decision in any order of the documents."""
    article = story(1)
    cuts = random.Random(1)
    texts = [
        article,
        article,
        *(part_of(article, a := cuts.randrange(150), a + 120) for _ in range(30)),
    ]
    batch = documents(*texts)
    in_order = Containment().decide(in_memory(batch, Containment().observes()))
    order = np.random.default_rng(1).permutation(len(texts))
    reordered = batch.take(pa.array(order))
    shuffled = Containment().decide(in_memory(reordered, Containment().observes()))
    assert shuffled.to_pylist() == in_order.take(pa.array(order)).to_pylist()
    assert sum(name is not None for name in in_order["contained_in"].to_pylist()) == 31
