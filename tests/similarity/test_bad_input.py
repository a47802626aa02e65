"""Inputs that are hostile by their size or uniformity: correct decisions at a bounded cost."""

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

N_DOCUMENTS = 4000


def decide(stage, batch):
    """Return a stage's decisions on a batch, and its metrics."""
    decisions = stage.decide(in_memory(batch, stage.observes()))
    return decisions, stage.metrics(decisions)


def test_of_equal_texts_one_is_kept_without_comparing_any(documents):
    """Equal content hashes are enough; across splits one comparison covers all copies."""
    batch = documents(*["the same words in each of them"] * N_DOCUMENTS)
    decisions, metrics = decide(Deduplicate(), batch)
    assert decisions["reason"].null_count == 1
    assert metrics["compared"] == 0
    decisions, metrics = decide(Split(test=0.1), batch)
    kept = decisions.filter(decisions["reason"].is_null())
    assert set(kept["split"].to_pylist()) == {"test"}
    assert metrics["compared"] == 1


def test_one_bucket_of_all_documents_is_resolved_exactly(documents):
    """Texts of one template that all share a band are kept, except for one near copy."""
    words = [f"of{k}" for k in range(60)]
    texts = [
        " ".join([*words[:30], f"a{k}", f"b{k}", *words[30:], f"c{k}"]) for k in range(N_DOCUMENTS)
    ]
    decisions, metrics = decide(Deduplicate(), documents(*texts, f"{texts[5]} more"))
    assert np.flatnonzero(decisions["reason"].is_valid()).tolist() == [5]
    assert metrics["compared"] < 60 * N_DOCUMENTS < N_DOCUMENTS * N_DOCUMENTS / 2 / 20


def test_of_thousands_of_near_copies_one_is_kept(documents):
    """Each of many texts that differ in their last word is compared with only a few others."""
    body = " ".join(f"of{k}" for k in range(60))
    decisions, metrics = decide(
        Deduplicate(), documents(*(f"{body} {k}" for k in range(N_DOCUMENTS)))
    )
    assert decisions["reason"].null_count == 1
    assert metrics["compared"] < 30 * N_DOCUMENTS


@pytest.mark.parametrize("repeats", [5, 4096, 100_000])
def test_one_word_repeated_is_one_shingle(documents, repeats):
    """A run of one word duplicates any other run of it, however long, and nothing else."""
    text = "word " * repeats
    batch = documents(text, f"{text} word word", f"{text} end", "else")
    decisions, _ = decide(Deduplicate(threshold=0.9), batch)
    assert decisions["reason"].to_pylist()[:2].count(None) == 1
    assert decisions["reason"].to_pylist()[2:] == [None, None]
    assert decisions["score"].to_pylist()[0] in (None, 1.0)


def test_random_bytes_are_deduplicated_like_any_text(documents):
    """Invalid UTF-8 is read as separators; equal bytes are duplicates, others are not."""
    data = np.random.default_rng(1).integers(0, 256, 200_000, np.uint8)
    both = np.concatenate([data, data[:1000]])
    texts = strings(both, np.arange(202, dtype=np.int64) * 1000)
    batch = column(documents(*["x"] * 201), TEXT, texts, pa.large_string())
    decisions, _ = decide(Deduplicate(), batch)
    assert decisions["reason"].is_valid().sum().as_py() == 1
    removed = decisions.filter(decisions["reason"].is_valid()).to_pylist()
    assert removed[0]["reason"] == "exact_duplicate"


def test_a_long_text_has_the_signature_of_its_shingles():
    """Texts of many windows, and of one enormous word, have the right signatures."""
    block = " ".join(f"w{k}" for k in range(3000))
    once, again = signatures(pa.array([f"{block} {block[:40]}", f"{block} " * 40]))[0]
    assert len(shingles(f"{block} " * 3)) == len(shingles(f"{block} " * 2))
    assert (once == again).mean() > 0.95
    (alone, longer), totals = signatures(pa.array(["x" * 3_000_000, "x" * 3_000_001]))
    assert totals.tolist() == [1, 1]
    assert (alone != longer).any()
