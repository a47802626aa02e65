"""Tests of the stage `deduplicate_lines`: which shared lines are cut."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import KEY, TEXT
from corpus.observations import CorpusView, compute_observations, in_memory
from corpus.similarity import lines as kernel
from corpus.stages.deduplicate_lines import DeduplicateLines
from corpus.words.definition import content, words

NOTICE = "This notice of one dozen words stands below each and every article here."
OTHER = "Write to the editors if you have anything at all to say about this."


def decided(stage, batch):
    """Return the decisions on a batch, as dicts, and the texts after it."""
    decisions = stage.decide(in_memory(batch, stage.observes()))
    return decisions.to_pylist(), stage.apply(batch, decisions)[TEXT].to_pylist()


def story(k):
    """Return a line that occurs in no other story."""
    return " ".join(f"w{k}x{i}" for i in range(12))


def test_the_earliest_document_keeps_the_line(documents):
    """The document with the earliest date keeps a shared line; the cuts of the others name it."""
    texts = [f"{story(k)}\n\n{NOTICE.upper() if k == 1 else NOTICE}" for k in range(4)]
    dates = [3, None, 1, 2]
    batch = documents(*texts, date=dates)
    rows, after = decided(DeduplicateLines(), batch)
    assert after == [story(0), story(1), texts[2], story(3)]
    (cut,) = rows[0]["cut"]
    assert cut == {
        "begin": len(story(0)) + 2,
        "characters": len(NOTICE),
        "hash": content(NOTICE),
        "documents": 4,
        "kept_in": "doc-2",
    }


def test_no_document_keeps_the_line_with_keep_none(documents):
    """With `keep: none`, a shared line is cut from every document."""
    texts = [f"{NOTICE}\n{story(k)}" for k in range(3)]
    rows, after = decided(DeduplicateLines(keep="none"), documents(*texts))
    assert after == [story(k) for k in range(3)]
    assert [row["cut"][0]["kept_in"] for row in rows] == [None] * 3


def test_rare_and_short_lines_are_kept(documents):
    """A line in two documents, a line repeated within one document and a short line are kept."""
    texts = [f"{story(k)}\nRead more\n{OTHER}" for k in range(2)]
    texts += [f"{story(2)}\nRead more\n" + f"{NOTICE}\n" * 5]
    _, after = decided(DeduplicateLines(), documents(*texts))
    assert after == texts


def test_a_document_with_only_shared_lines_is_removed(documents):
    """Its evidence is the document that keeps its first line, and it keeps its original text."""
    texts = [f"{story(k)}\n{NOTICE}\n{OTHER}" for k in range(2)]
    batch = documents(*texts, f"* * *\n{OTHER}\n{NOTICE}", f"{OTHER}\nBy hand", date=[1, 2, 3, 4])
    stage = DeduplicateLines(documents=2)
    decisions = stage.decide(in_memory(batch, stage.observes()))
    after = stage.apply(batch, decisions)
    assert decisions["reason"].to_pylist() == [None, None, "only_repeated_lines", None]
    assert decisions["evidence"].to_pylist()[2] == "doc-0"
    assert after[TEXT].to_pylist() == [texts[0], story(1), batch[TEXT][2].as_py(), "By hand"]
    assert after["_reason"].to_pylist() == [None, None, "only_repeated_lines", None]
    assert decisions["cut"][2].as_py() == []


def test_the_metrics_count_what_was_cut(documents):
    """The metrics count examined lines, cut lines and lines of removed documents."""
    texts = [f"{story(k)}\n{NOTICE}" for k in range(3)]
    stage = DeduplicateLines()
    batch = documents(*texts, NOTICE, date=[1, 2, 3, 4])
    metrics = stage.metrics(stage.decide(in_memory(batch, stage.observes())))
    assert metrics == {
        "lines": 7,
        "repeated": 1,
        "cut": 2,
        "cut_characters": 2 * len(NOTICE),
        "cut_from": 2,
        "gone_with_documents": 1,
        "most_repeated": [{"hash": content(NOTICE).hex(), "documents": 4, "kept_in": "doc-0"}],
    }


def reference(texts, keys, dates, *, min_documents, min_words, keep):
    """Return each text after the stage, None if it is removed: the definition in plain Python."""
    lines_of_each = [[(line, content(line)) for line in text.split("\n")] for text in texts]
    long_lines = [
        {h for line, h in lines if len(words(line)) >= min_words} for lines in lines_of_each
    ]
    repeated = {
        h
        for h, n in Counter(h for hashes in long_lines for h in hashes).items()
        if n >= min_documents
    }
    order = sorted(range(len(texts)), key=lambda k: (dates[k] is None, dates[k] or 0, keys[k]))
    keeper = {h: next(k for k in order if h in long_lines[k]) for h in repeated}
    expected = []
    for k, text in enumerate(texts):
        cut = {h for h in long_lines[k] & repeated if not keep or keeper[h] != k}
        remaining = [line for line, h in lines_of_each[k] if h not in cut]
        removed = bool(cut) and not any(words(line) for line in remaining)
        expected.append(None if removed else "\n".join(remaining).rstrip() if cut else text)
    return expected


@settings(deadline=None, derandomize=True, max_examples=80)
@given(
    st.lists(
        st.tuples(
            st.lists(
                st.sampled_from(["a b", "a B!", "b c d", "d", "e f g h"]), min_size=1, max_size=5
            ),
            st.none() | st.integers(0, 3),
        ),
        min_size=1,
        max_size=8,
    ),
    st.integers(2, 3),
    st.booleans(),
    st.integers(1, 9),
    st.randoms(use_true_random=False),
)
def test_the_result_equals_the_definition(documents, corpus, min_documents, keep, entries, random):
    """The texts equal those of the definition for any order, any parts and any sort buffer."""
    corpus = [(lines, date, f"id-{k}") for k, (lines, date) in enumerate(corpus)]
    batches = []
    for trial in range(2):
        if trial:
            random.shuffle(corpus)
        texts = ["\n".join(lines) for lines, _, _ in corpus]
        dates, ids = [date for _, date, _ in corpus], [name for *_, name in corpus]
        batches.append((documents(*texts, id=ids, date=dates), texts, dates))
    stage = DeduplicateLines(documents=min_documents, words=2, keep="first" if keep else "none")
    for trial, (batch, texts, dates) in enumerate(batches):
        cut = len(texts) // 2 if trial else 0
        parts = [batch.slice(0, cut), batch.slice(cut)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kernel, "MAX_SORTED_LINES", entries)
            view = CorpusView(
                [compute_observations(part, stage.observes()) for part in parts],
                lambda *_: pa.record_batch({}),
                np.ones(len(texts), np.bool_),
            )
            decisions = stage.decide(view)
        after = stage.apply(batch, decisions)[TEXT].to_pylist()
        removed = [row is not None for row in decisions["reason"].to_pylist()]
        expected = reference(
            texts,
            batch[KEY].to_pylist(),
            dates,
            min_documents=min_documents,
            min_words=2,
            keep=keep,
        )
        assert [
            None if is_removed else text for text, is_removed in zip(after, removed, strict=True)
        ] == expected
