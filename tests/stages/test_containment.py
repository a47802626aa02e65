"""Which texts are said to be inside another one."""

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

EVERY = Containment(shortest=1)


def decided(stage, batch):
    """Return the decisions of a stage on a batch, one dict for each document, and its figures."""
    found = stage.decide(in_memory(batch, stage.observes()))
    return found.to_pylist(), stage.metrics(found)


def story(seed, size=300):
    """Return a text of words that no other story has."""
    return " ".join(f"w{seed}x{k}" for k in range(size))


def part_of(text, first, last, *more):
    """Return some of the words of a text, and others behind them."""
    return " ".join([*text.split()[first:last], *more])


def test_an_excerpt_names_the_longer_text(documents):
    """What stands in a longer text is marked with its id and the exact share, and stays."""
    whole = story(1)
    excerpt = part_of(whole, 50, 170, "and", "so", "on")
    found, figures = decided(Containment(), documents(story(2), excerpt, whole))
    share = len(shingles(excerpt) & shingles(whole)) / len(shingles(excerpt))
    assert found[1] == {
        "reason": None,
        "evidence": None,
        "score": None,
        "contained_in": "doc-2",
        "containment": share,
    }
    assert [row["contained_in"] for row in found] == [None, "doc-2", None]
    assert (figures["contained"], figures["compared"]) == (1, 1)


@pytest.mark.parametrize("told", [1, 5, 1 << 18])
def test_what_many_texts_ask_for_is_told_in_parts(documents, monkeypatch, told):
    """However few askers are answered at a time, each pair is told once, and the same ones are."""
    every = [" ".join(f"of{k}x{i}" for i in range(12)) for k in range(30)]
    draw = random.Random(5)
    texts = [" ".join(every[i] for i in draw.sample(range(30), 4 + k % 9)) for k in range(60)]
    monkeypatch.setattr(containment, "QUERY_SHINGLES", 3)
    monkeypatch.setattr(containment, "QUERIES_PER_BATCH", told)
    batch, ranks = documents(*texts), np.arange(60)
    observed = EVERY.observes()[0]
    parts = list(containment.containment_candidates(in_memory(batch, [observed]), observed, ranks))
    most = (told + 6) * containment.CANDIDATES_PER_QUERY
    assert max(map(len, parts)) <= most
    assert len(parts) > 5 or told > 5
    pairs = np.concatenate(parts).tolist()
    assert len(pairs) == len(set(pairs)) == 754


def test_a_contained_text_goes_if_it_is_asked(documents):
    """Removed, it names the longer text as evidence; one that goes contains nothing itself."""
    whole = story(1)
    texts = [whole, part_of(whole, 0, 200), part_of(whole, 20, 150)]
    found, _ = decided(Containment(remove=True), documents(*texts))
    assert [row["reason"] for row in found] == [None, "contained", "contained"]
    assert [row["evidence"] for row in found] == [None, "doc-0", "doc-0"]
    assert [row["score"] for row in found] == [None, 1.0, 1.0]


def test_short_texts_and_small_shares_are_left_alone(documents):
    """A few words stand in many texts, and half of a text may be a quotation."""
    whole = story(1)
    texts = [whole, part_of(whole, 0, 20), part_of(whole, 0, 100, *story(2, 60).split())]
    found, _ = decided(Containment(), documents(*texts))
    assert [row["contained_in"] for row in found] == [None] * 3


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.randoms(use_true_random=False), st.sampled_from([0.6, 0.9, 1.0]), st.integers(1, 40))
def test_who_is_contained_is_what_comparing_all_pairs_says(documents, draw, share, entries):
    """The longest first, a text is contained if enough of it is in one that is not."""
    base = story(1, 120).split()
    texts = [
        " ".join([*base[a : a + draw.randint(1, 90)], *story(k + 2, draw.randint(0, 9)).split()])
        for k in range(draw.randint(1, 12))
        for a in [draw.randint(0, 100)]
    ]
    batch = documents(*texts)
    stage = EVERY.model_copy(update={"share": share})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(containment, "MAX_SORTED_SHINGLES", entries)
        found, _ = decided(stage, batch)
    sets = [shingles(text) for text in texts]
    keys = batch["_key"].to_pylist()
    alone = []
    for k in sorted(range(len(texts)), key=lambda k: (-len(sets[k]), keys[k])):
        inside = {e: len(sets[k] & sets[e]) / len(sets[k]) for e in alone}
        best = max(inside.values(), default=0)
        if found[k]["contained_in"]:
            other = batch[ID].to_pylist().index(found[k]["contained_in"])
            assert found[k]["containment"] == inside[other] >= share
        else:
            # a sample of so short a text may be empty, or not be in the longer one
            assert best < share or len(sets[k]) < 64 or best < 1
            alone.append(k)


def test_shared_boilerplate_hides_nobody(documents):
    """Where most of a text is in all of them, what is its own asks for the text it is inside.

    Found are all that have a sampled shingle of their own: of sixty, 98 in a hundred texts have.
    """
    boilerplate = story(1, 300)
    bodies = [[f"own{k}x{i}" for i in range(150)] for k in range(200)]
    texts = [f"{boilerplate} {' '.join(body)}" for body in bodies]
    texts += [f"{boilerplate} {' '.join(body[:60])}" for body in bodies]
    found, _ = decided(Containment(), documents(*texts))
    inside = [row["contained_in"] for row in found[200:]]
    assert sum(name == f"doc-{k}" for k, name in enumerate(inside)) >= 190
    assert [row["contained_in"] for row in found[:200]] == [None] * 200


def test_the_recall_is_how_often_a_sample_meets(documents):
    """Simulated samples ask for a longer text as often as the formula says."""
    draw = np.random.default_rng(3)
    for size, share in ((20, 0.9), (60, 0.5), (100, 0.9)):
        sampled = draw.random((20_000, size)) < 1 / 16
        asked = sampled & (np.cumsum(sampled, axis=1) <= containment.QUERY_SHINGLES)
        met = (asked & (draw.random(asked.shape) < share)).any(axis=1).mean()
        assert met == pytest.approx(containment.recall(size, share), abs=0.012)
    _, figures = decided(Containment(), documents("x"))
    curve = figures["recall"]
    assert list(curve.values()) == sorted(curve.values())
    assert curve["100"] > 0.99


def test_the_order_of_documents_decides_nothing(documents):
    """Whatever their order, each document is decided in the same way."""
    whole = story(1)
    cuts = random.Random(1)
    texts = [whole, whole, *(part_of(whole, a := cuts.randrange(150), a + 120) for _ in range(30))]
    batch = documents(*texts)
    plain = Containment().decide(in_memory(batch, Containment().observes()))
    order = np.random.default_rng(1).permutation(len(texts))
    moved = batch.take(pa.array(order))
    shuffled = Containment().decide(in_memory(moved, Containment().observes()))
    assert shuffled.to_pylist() == plain.take(pa.array(order)).to_pylist()
    assert sum(name is not None for name in plain["contained_in"].to_pylist()) == 31
