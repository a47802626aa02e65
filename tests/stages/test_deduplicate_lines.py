"""Which lines are cut out of texts because others have them."""

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
    """Return the decisions of a stage on a batch, as dicts, and what it makes of the texts."""
    found = stage.decide(in_memory(batch, stage.observes()))
    return found.to_pylist(), stage.apply(batch, found)[TEXT].to_pylist()


def story(k):
    """Return a line that no other story has."""
    return " ".join(f"w{k}x{i}" for i in range(12))


def test_the_earliest_document_keeps_the_line(documents):
    """Of four with a notice the one with the first date keeps it, the others name that one."""
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


def test_nobody_keeps_it_where_nobody_shall(documents):
    """With `keep: none` the line goes from all of them."""
    texts = [f"{NOTICE}\n{story(k)}" for k in range(3)]
    rows, after = decided(DeduplicateLines(keep="none"), documents(*texts))
    assert after == [story(k) for k in range(3)]
    assert [row["cut"][0]["kept_in"] for row in rows] == [None] * 3


def test_few_documents_and_few_words_leave_a_line_alone(documents):
    """A line of two documents, one repeated within a document, and a short one stay."""
    texts = [f"{story(k)}\nRead more\n{OTHER}" for k in range(2)]
    texts += [f"{story(2)}\nRead more\n" + f"{NOTICE}\n" * 5]
    _, after = decided(DeduplicateLines(), documents(*texts))
    assert after == texts


def test_a_document_of_nothing_else_goes(documents):
    """It names the one that keeps its first line; its text stays as it was, for the ledger."""
    texts = [f"{story(k)}\n{NOTICE}\n{OTHER}" for k in range(2)]
    batch = documents(*texts, f"* * *\n{OTHER}\n{NOTICE}", f"{OTHER}\nBy hand", date=[1, 2, 3, 4])
    stage = DeduplicateLines(documents=2)
    found = stage.decide(in_memory(batch, stage.observes()))
    after = stage.apply(batch, found)
    assert found["reason"].to_pylist() == [None, None, "only_repeated_lines", None]
    assert found["evidence"].to_pylist()[2] == "doc-0"
    assert after[TEXT].to_pylist() == [texts[0], story(1), batch[TEXT][2].as_py(), "By hand"]
    assert after["_reason"].to_pylist() == [None, None, "only_repeated_lines", None]
    assert found["cut"][2].as_py() == []


def test_the_figures_say_what_was_cut(documents):
    """Lines looked at, cut, gone with their documents, and the most frequent."""
    texts = [f"{story(k)}\n{NOTICE}" for k in range(3)]
    stage = DeduplicateLines()
    batch = documents(*texts, NOTICE, date=[1, 2, 3, 4])
    found = stage.metrics(stage.decide(in_memory(batch, stage.observes())))
    assert found == {
        "lines": 7,
        "repeated": 1,
        "cut": 2,
        "cut_characters": 2 * len(NOTICE),
        "cut_from": 2,
        "gone_with_documents": 1,
        "most_repeated": [{"hash": content(NOTICE).hex(), "documents": 4, "kept_in": "doc-0"}],
    }


def reference(texts, keys, dates, *, least, size, keep):
    """Return what becomes of each text, None if it goes: the definition, in plain Python."""
    held = [[(line, content(line)) for line in text.split("\n")] for text in texts]
    counted = [{h for line, h in every if len(words(line)) >= size} for every in held]
    many = {h for h, n in Counter(h for one in counted for h in one).items() if n >= least}
    order = sorted(range(len(texts)), key=lambda k: (dates[k] is None, dates[k] or 0, keys[k]))
    keeper = {h: next(k for k in order if h in counted[k]) for h in many}
    found = []
    for k, text in enumerate(texts):
        cut = {h for h in counted[k] & many if not keep or keeper[h] != k}
        left = [line for line, h in held[k] if h not in cut]
        gone = bool(cut) and not any(words(line) for line in left)
        found.append(None if gone else "\n".join(left).rstrip() if cut else text)
    return found


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
def test_what_is_cut_is_what_the_definition_says(documents, corpus, least, keep, entries, random):
    """In any order and any parts, sorted in however many turns, the texts come out the same."""
    corpus = [(lines, date, f"id-{k}") for k, (lines, date) in enumerate(corpus)]
    batches = []
    for turn in range(2):
        if turn:
            random.shuffle(corpus)
        texts = ["\n".join(lines) for lines, _, _ in corpus]
        dates, names = [date for _, date, _ in corpus], [name for *_, name in corpus]
        batches.append((documents(*texts, id=names, date=dates), texts, dates))
    stage = DeduplicateLines(documents=least, words=2, keep="first" if keep else "none")
    for turn, (batch, texts, dates) in enumerate(batches):
        cut = len(texts) // 2 if turn else 0
        parts = [batch.slice(0, cut), batch.slice(cut)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kernel, "MAX_SORTED_LINES", entries)
            seen = CorpusView(
                [compute_observations(part, stage.observes()) for part in parts],
                lambda *_: pa.record_batch({}),
                np.ones(len(texts), np.bool_),
            )
            found = stage.decide(seen)
        after = stage.apply(batch, found)[TEXT].to_pylist()
        goes = [row is not None for row in found["reason"].to_pylist()]
        expected = reference(texts, batch[KEY].to_pylist(), dates, least=least, size=2, keep=keep)
        assert [None if gone else text for text, gone in zip(after, goes, strict=True)] == expected
