"""Remembered similarities: they save reading texts, and never change a decision."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.observations import in_memory
from corpus.similarity import comparing, remembered
from corpus.similarity.remembered import RememberedSimilarities
from corpus.stages.deduplicate import Deduplicate
from corpus.stages.split import Split
from tests.similarity.test_greedy import families

STAGES = (
    Deduplicate(threshold=0.8),
    Deduplicate(threshold=0.5, words=2),
    Split(test=0.3, validation=0.2, leakage_threshold=0.4, seed=3),
)


def decided(stage, batch, memories=None):
    """Return what a stage decides, with its metrics; `memories` is a memory for each `words`."""
    corpus = in_memory(batch, stage.observes())
    if memories is not None:
        corpus = replace(corpus, remembered=memories.get)
    return stage.decide(corpus)


def pairs_of(memory):
    """Return the pairs of a memory: the halves of both contents and the score, by contents."""
    contents = list(map(tuple, memory._contents.tolist()))
    larger, smaller = memory._pairs >> np.uint64(32), memory._pairs & np.uint64(0xFFFFFFFF)
    return {
        frozenset((contents[a], contents[b])): score
        for a, b, score in zip(
            larger.tolist(), smaller.tolist(), memory._scores.tolist(), strict=True
        )
    }


def forgetful(memory, keep):
    """Return a memory with the pairs that `keep` marks, in turn."""
    chosen = np.array([keep[k % len(keep)] for k in range(len(memory._pairs))], np.bool_)
    return RememberedSimilarities(memory._contents, memory._pairs[chosen], memory._scores[chosen])


@settings(deadline=None, derandomize=True, max_examples=60)
@given(families(), st.sampled_from(STAGES), st.lists(st.booleans(), min_size=1, max_size=5))
def test_any_part_of_a_memory_gives_the_same_decisions(documents, texts, stage, keep):
    """Decisions, scores and metrics are equal with no, some and all similarities remembered."""
    batch = documents(*texts)
    expected = decided(stage, batch)
    empty = RememberedSimilarities.nothing()
    assert decided(stage, batch, {stage.words: empty}).equals(expected, check_metadata=True)
    whole = RememberedSimilarities.from_bytes(empty.with_new().to_bytes())
    part = forgetful(whole, keep)
    assert decided(stage, batch, {stage.words: part}).equals(expected, check_metadata=True)
    assert decided(stage, batch, {stage.words: whole}).equals(expected, check_metadata=True)
    assert whole.n_new == 0
    assert pairs_of(part.with_new()) == pairs_of(whole)


@pytest.mark.parametrize("limit", [0, 1, 7, 10**6])
@pytest.mark.parametrize("stage", STAGES)
def test_a_full_memory_and_small_steps_change_nothing(documents, monkeypatch, stage, limit):
    """What does not fit is compared again; contents are looked up for a few pairs at a time."""
    texts = [f"{' '.join(f'w{i + k % 3}' for i in range(40))} end{k}" for k in range(20)]
    batch = documents(*texts)
    expected = decided(stage, batch)
    whole = RememberedSimilarities.nothing()
    decided(stage, batch, {stage.words: whole})
    everything = pairs_of(whole.with_new())
    assert len(everything) > 7
    monkeypatch.setattr(remembered, "MAX_PAIRS", limit)
    monkeypatch.setattr(remembered, "PAIRS_AT_A_TIME", 3)
    memory = RememberedSimilarities.nothing()
    for _ in range(3):
        assert decided(stage, batch, {stage.words: memory}).equals(expected, check_metadata=True)
        memory = memory.with_new()
        assert len(memory) == min(limit, len(everything))
        assert pairs_of(memory).items() <= everything.items()


@pytest.mark.parametrize("stage", STAGES)
def test_texts_of_remembered_pairs_are_not_read(documents, monkeypatch, stage):
    """Only a pair with a new text is compared; a document's place in the corpus has no effect."""
    texts = [f"{' '.join(f'w{i}' for i in range(60))} end{k} of{k}" for k in range(12)]
    memory = RememberedSimilarities.nothing()
    decided(stage, documents(*texts), {stage.words: memory})
    memory = memory.with_new()
    assert len(memory) > 10
    compared = []
    real = comparing.compare

    def compare(task, **options):
        compared.append(len(task.left))
        return real(task, **options)

    monkeypatch.setattr(comparing, "compare", compare)
    batch = documents(*texts)
    order = np.random.default_rng(5).permutation(12)
    decided(stage, batch.take(order), {stage.words: memory})
    assert sum(compared) == 0
    decided(stage, documents(*texts, texts[0] + " new"), {stage.words: memory})
    assert 0 < sum(compared) <= 12


def learned(*pairs):
    """Return a memory of pairs: (upper and lower half of one content, of the other, score)."""
    memory = RememberedSimilarities.nothing()
    for one, other, score in pairs:
        contents = np.array([one, other, (9, 9)], np.uint64)
        memory.learn(contents, np.array([0]), np.array([1]), np.array([score]))
    return memory


def known(memory, one, other):
    """Return the remembered score of two contents, NaN if there is none."""
    contents = np.array([one, other], np.uint64)
    return memory.known(contents, np.array([0]), np.array([1]))[0]


def test_a_pair_has_no_order_and_is_known_by_all_bytes():
    """Contents that differ in their last eight bytes are others; a text may be its own pair."""
    top = 2**64 - 1
    memory = learned(
        ((1, 5), (2, 6), 0.5),
        ((2, 6), (1, 5), 0.5),
        ((1, 7), (top, top), 0.25),
        ((3, 3), (3, 3), 1.0),
    ).with_new()
    assert len(memory) == 3
    assert known(memory, (1, 5), (2, 6)) == known(memory, (2, 6), (1, 5)) == 0.5
    assert known(memory, (3, 3), (3, 3)) == 1.0
    for one, other in [((1, 6), (2, 6)), ((1, 5), (3, 3)), ((0, 0), (1, 5)), ((top, 1), (1, 7))]:
        assert np.isnan(known(memory, one, other))
    assert np.isnan(known(memory, (1, 7), (top, top)))  # only the first with this half is looked up
    assert np.isnan(known(RememberedSimilarities.nothing(), (1, 5), (2, 6)))


def test_new_pairs_are_added_to_those_in_memory():
    """What was read and what was compared are one memory afterwards, in bytes as well."""
    first = learned(((4, 4), (2, 2), 0.125)).with_new()
    first.learn(
        np.array([(3, 3), (2, 2), (1, 1)], np.uint64),
        np.array([0, 2]),
        np.array([1, 1]),
        np.array([0.5, 0.75]),
    )
    both = RememberedSimilarities.from_bytes(first.with_new().to_bytes())
    assert pairs_of(both) == {
        frozenset({(4, 4), (2, 2)}): 0.125,
        frozenset({(3, 3), (2, 2)}): 0.5,
        frozenset({(1, 1), (2, 2)}): 0.75,
    }
    assert both.to_bytes() == both.with_new().to_bytes()


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30),
    st.integers(0, 40),
)
def test_a_memory_has_a_size_limit(old, new, limit):
    """Above the limit, pairs that were not used are dropped first; the rest is right and sorted."""
    memory = learned(*(((a, 1), (b, 1), a * b / 90) for a, b in old)).with_new()
    used = old[::2]
    for a, b in used:
        assert known(memory, (a, 1), (b, 1)) == a * b / 90
    for a, b in new:
        contents = np.array([(a, 1), (b, 1)], np.uint64)
        memory.learn(contents, np.array([0]), np.array([1]), np.array([a * b / 90]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remembered, "MAX_PAIRS", limit)
        after = memory.with_new()
    pairs = pairs_of(after)
    assert len(pairs) == len(after) <= limit
    expected = {frozenset({(a, 1), (b, 1)}): a * b / 90 for a, b in used + new}
    if len(expected) <= limit:
        assert expected.items() <= pairs.items()
    everything = {frozenset({(a, 1), (b, 1)}): a * b / 90 for a, b in old + new}
    assert pairs.items() <= everything.items()
    assert len(after._contents) == len(set().union(*pairs))
    again = pairs_of(RememberedSimilarities.from_bytes(after.to_bytes()))
    assert again == pairs


def test_pairs_that_are_not_used_any_more_are_dropped_first():
    """With room for three pairs, the two that were used and a new one are kept."""
    memory = learned(*(((k, 1), (k + 50, 2), k / 10) for k in range(8))).with_new()
    for k in (3, 7):
        assert known(memory, (k + 50, 2), (k, 1)) == k / 10
    memory.learn(
        np.array([(9, 1), (59, 2)], np.uint64), np.array([0]), np.array([1]), np.array([0.9])
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remembered, "MAX_PAIRS", 9)
        assert len(memory.with_new()) == 9
        patch.setattr(remembered, "MAX_PAIRS", 3)
        assert sorted(pairs_of(memory.with_new()).values()) == [0.3, 0.7, 0.9]
