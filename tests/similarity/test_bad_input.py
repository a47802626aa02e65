"""What is hostile by its size or its sameness: the right answer, at a bounded cost."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from corpus.arrow_buffers import strings
from corpus.documents import TEXT, column
from corpus.observations import in_memory
from corpus.similarity.signatures import signatures
from corpus.stages.deduplicate import Deduplicate
from corpus.stages.split import Split
from corpus.words.definition import shingles

MANY = 4000


def decided(stage, batch):
    """Return what a stage says of a batch, and its figures."""
    found = stage.decide(in_memory(batch, stage.observes()))
    return found, stage.metrics(found)


def test_equal_texts_leave_one_and_are_never_compared(documents):
    """Their content hash says it all; across splits one comparison stands for all of them."""
    batch = documents(*["the same words in each of them"] * MANY)
    found, figures = decided(Deduplicate(), batch)
    assert found["reason"].null_count == 1
    assert figures["compared"] == 0
    found, figures = decided(Split(test=0.1), batch)
    left = found.filter(found["reason"].is_null())
    assert set(left["split"].to_pylist()) == {"test"}
    assert figures["compared"] == 1


def test_a_bucket_of_everything_is_settled_exactly(documents):
    """Texts of one template that share a band with all others stay, but for a copy of one."""
    words = [f"of{k}" for k in range(60)]
    texts = [" ".join([*words[:30], f"a{k}", f"b{k}", *words[30:], f"c{k}"]) for k in range(MANY)]
    found, figures = decided(Deduplicate(), documents(*texts, f"{texts[5]} more"))
    assert np.flatnonzero(found["reason"].is_valid()).tolist() == [5]
    assert figures["compared"] < 60 * MANY < MANY * MANY / 2 / 20


def test_near_copies_without_end_leave_one(documents):
    """A text with another last word, again and again, is compared with a few of the others."""
    body = " ".join(f"of{k}" for k in range(60))
    found, figures = decided(Deduplicate(), documents(*(f"{body} {k}" for k in range(MANY))))
    assert found["reason"].null_count == 1
    assert figures["compared"] < 30 * MANY


@pytest.mark.parametrize("many", [5, 4096, 100_000])
def test_one_word_repeated_is_one_shingle(documents, many):
    """However long, it is like any other run of that word, and near nothing else."""
    text = "word " * many
    batch = documents(text, f"{text} word word", f"{text} end", "else")
    found, _ = decided(Deduplicate(threshold=0.9), batch)
    assert found["reason"].to_pylist()[:2].count(None) == 1
    assert found["reason"].to_pylist()[2:] == [None, None]
    assert found["score"].to_pylist()[0] in (None, 1.0)


def test_random_bytes_are_texts_like_others(documents):
    """What is no UTF-8 is read as separators; equal bytes are duplicates, others are not."""
    data = np.random.default_rng(1).integers(0, 256, 200_000, np.uint8)
    both = np.concatenate([data, data[:1000]])
    texts = strings(both, np.arange(202, dtype=np.int64) * 1000)
    batch = column(documents(*["x"] * 201), TEXT, texts, pa.large_string())
    found, _ = decided(Deduplicate(), batch)
    assert found["reason"].is_valid().sum().as_py() == 1
    gone = found.filter(found["reason"].is_valid()).to_pylist()
    assert gone[0]["reason"] == "exact_duplicate"


def test_a_long_text_has_the_signature_of_its_shingles():
    """A text of many windows, and one of a single enormous word, agree with short ones."""
    block = " ".join(f"w{k}" for k in range(3000))
    once, again = signatures(pa.array([f"{block} {block[:40]}", f"{block} " * 40]))[0]
    assert len(shingles(f"{block} " * 3)) == len(shingles(f"{block} " * 2))
    assert (once == again).mean() > 0.95
    (alone, longer), totals = signatures(pa.array(["x" * 3_000_000, "x" * 3_000_001]))
    assert totals.tolist() == [1, 1]
    assert (alone != longer).any()
