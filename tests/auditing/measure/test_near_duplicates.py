"""The close look: every number is what plain Python counts, and hostile texts are only texts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.auditing.measure import text_sample as holding
from corpus.auditing.measure.repeats import Repeats, repeats
from corpus.auditing.measure.sample_statistics import closely
from corpus.auditing.measure.text_quality import (
    HIDDEN,
    INNOCENT,
    PATTERNS,
    characters,
    hidden,
    lines,
    personal,
)
from corpus.auditing.measure.text_sample import Held, hold
from corpus.auditing.measure.vocabulary import GRAMS, slope, telling, vocabulary, words_of

WORDS = ["sea", "Sea", "ferry", "Grün", "don't", "море", "鶏", "12", "-", "…", "\n"]
texts = st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), max_size=8)


def column(found: list[str]) -> pa.Array:
    """Return texts as a column."""
    return pa.array(found, pa.large_string())


def plain(text: str) -> list[str]:
    """Return the words of a text, as one would write it down."""
    spaced = re.sub(r"([鶏])", r" \1 ", text.lower())
    parts = re.split(r"[^\w']+", spaced.replace("…", "…"))
    return [part.strip("'_") for part in parts if part.strip("'_")]


@settings(max_examples=60, deadline=None)
@given(texts)
def test_words_and_runs_are_those_of_plain_python(found):
    """Words, different ones, runs and the documents they are in are counted by hand."""
    told = vocabulary(words_of(column(found)))
    each = [plain(text) for text in found]
    counts = Counter(word for words in each for word in words)
    assert told["words"] == counts.total()
    assert told["distinct"] == len(counts)
    assert told["once"] == sum(n == 1 for n in counts.values())
    for size in GRAMS:
        runs = [[" ".join(w[i : i + size]) for i in range(len(w) - size + 1)] for w in each]
        times = Counter(run for of in runs for run in of)
        documents = Counter(run for of in runs for run in set(of))
        often = sorted((run for run, n in times.items() if n > 1), key=lambda r: (-times[r], r))
        expected = [(run, times[run], documents[run]) for run in often[:20]]
        rows = told["grams"][str(size)]
        assert [(r["text"], r["times"], r["documents"]) for r in rows] == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_characters_are_those_of_plain_python(found):
    """Every character is in its class, and every odd one is told."""
    told = characters(column(found))
    every = Counter("".join(found))
    assert told["distinct"] == len(every)
    assert sum(told["classes"].values()) == every.total()
    letters = sum(n for c, n in every.items() if unicodedata.category(c)[0] == "L")
    assert told["classes"]["letters"] == letters
    odd = {
        f"U+{ord(c):04X}": (n, sum(c in text for text in found))
        for c, n in every.items()
        if (unicodedata.category(c) in HIDDEN or c == "\ufffd") and c not in INNOCENT
    }
    spoilt = [text for text in found if any(f"U+{ord(c):04X}" in odd for c in text)]
    assert told["documents"] == len(spoilt)
    rows = {row["code"]: (row["times"], row["documents"]) for row in told["odd"]}
    assert rows == dict(sorted(odd.items(), key=lambda item: (-item[1][0], item[0]))[:20])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["ab cd", "x", "Menu", " Menu "]), max_size=6), max_size=7)
)
def test_repeated_lines_are_those_of_plain_python(documents):
    """A line counts once for a document, and from three documents on."""
    found = ["\n".join(document) for document in documents]
    told = lines(column(found), pa.array(["s"] * len(found)))
    each = [[line.strip() for line in text.split("\n")] for text in found]
    times = Counter(line for of in each for line in of)
    held = Counter(line for of in each for line in set(of))
    often = {line for line, n in held.items() if n >= 3 and sum(map(str.isalpha, line)) > 1}
    assert {row["line"]: (row["documents"], row["times"]) for row in told["rows"]} == {
        line: (held[line], times[line]) for line in often
    }
    assert told["repeated"] == len(often)
    assert told["characters"] == sum(len(line) * times[line] for line in often)
    assert told["documents"] == sum(not often.isdisjoint(of) for of in each)
    assert told["lines"] == sum(n for line, n in times.items() if line)


def test_personal_data_is_found_and_never_shown():
    """Each pattern finds what it is for, and what is told has no letter or digit of it."""
    found = {
        "e-mail address": "Write to jane.doe+x@mail.example.org, please.",
        "telephone number": "Call +49 30 1234 5678 today.",
        "IPv4 address": "From 192.168.0.12 it came.",
        "IBAN": "To DE89370400440532013000 now.",
        "payment card number": "Card 4111 1111 1111 1111 declined.",
        "US social security number": "Number 123-45-6789 is taken.",
    }
    assert list(found) == list(PATTERNS)
    told = personal(column([*found.values(), "On 4111 1111 1111 1112 and 99.1.2 nothing."]))
    assert {row["kind"]: row["documents"] for row in told} == dict.fromkeys(found, 1)
    assert all(set(shape) <= set("x0.+@-_ ()") for row in told for shape in row["masked"])
    for text in found.values():
        assert "jane" not in hidden(text)
        assert not re.search("[1-9]", hidden(text))


def test_what_sets_groups_apart_is_told():
    """A word that stands in one group alone is told of it; one that stands everywhere is not."""
    words = words_of(column(["sea the"] * 9 + ["hill the"] * 9))
    found = telling(words, pa.array(["a"] * 9 + ["b"] * 9))
    assert [row["text"] for row in found["a"]] == ["sea"]
    assert found["b"] == [{"text": "hill", "times": 9, "of": 9}]
    assert telling(words, pa.array(["a"] * 18)) == {}


def test_the_slope_of_a_perfect_law_is_its_own():
    """Of frequencies that fall as one over the rank, it is minus one; of few words, nothing."""
    ranked = (10**9 / np.arange(1, 2000)).astype(np.int64)
    assert slope(ranked) == -1.0
    assert slope(ranked[:99]) is None


def test_what_is_held_fits_and_is_the_same_however_it_is_cut(documents):
    """The documents with the smallest hashes are held, as many as fit; a long one is cut."""
    batch = documents(*(f"text {i} " * 20 for i in range(50)))
    hashes = np.arange(50, dtype=np.uint64)[::-1] * np.uint64(7)
    whole = hold([batch], [hashes], split="train", budget=1500).settled()
    parts = Held(1500)
    for at in (30, 0, 40, 10, 20):
        part = hold([batch.slice(at, 10)], [hashes[at : at + 10]], split="train", budget=1500)
        parts = parts.merge(part)
    assert parts.settled().rows.equals(whole.rows)
    assert whole.rows["id"].to_pylist()[0] == "doc-49"
    assert sum(map(len, whole.rows["text"].to_pylist())) <= 1500
    assert not whole.whole
    long = documents("x" * (holding.LONGEST + 1))
    cut = hold([long], [np.zeros(1, np.uint64)], split="train", budget=1 << 20).settled()
    assert (len(cut.rows["text"][0].as_py()), cut.whole) == (holding.LONGEST, False)


def test_repeats_are_exact_below_the_limit_and_a_sample_by_value_beyond():
    """Values are counted in all their documents or in none, the same for any cut."""
    hashes = np.repeat(np.arange(100, dtype=np.uint64), 3)
    there = pa.array([True] * 300)
    found = repeats(hashes, there, "train").merge(repeats(hashes[:3], there[:3], "test")).to_json()
    assert (found["values"], found["documents"], found["repeated"]) == (100, 303, 203)
    assert (found["across_splits"], found["documents_across_splits"]) == (1, 6)
    small = Repeats(kept=10)
    for at in range(0, 300, 7):
        part = hashes[at : at + 7]
        small = small.merge(repeats(part, there[: len(part)], "train", kept=10))
    assert small.to_json() == repeats(hashes, there, "train", kept=10).to_json()
    assert (small.to_json()["documents"], small.to_json()["exact"]) == (30, False)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\x00", "!!!", "\U0010ffff", "a" * 10**6])
def test_a_text_of_any_kind_can_be_looked_at(documents, text):
    """Nothing but spaces, signs or one endless word is no obstacle."""
    batch = documents(text, text)
    found = closely(hold([batch], [np.array([1, 2], np.uint64)], split="train", budget=1 << 22))
    assert found["documents"] == 2
    assert all(len(row["text"]) <= 250 for rows in found["words"]["grams"].values() for row in rows)
