"""Statistics of the sample match plain Python, whatever the texts are."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.auditing.measure.distinctive_words import distinctive_words
from corpus.auditing.measure.personal_data import PATTERNS, mask_personal_data, personal_data
from corpus.auditing.measure.repeats import Repeats, count_repeats
from corpus.auditing.measure.sample_statistics import sample_statistics
from corpus.auditing.measure.text_quality import (
    ALLOWED_CHARACTERS,
    ODD_CATEGORIES,
    character_statistics,
    repeated_lines,
)
from corpus.auditing.measure.text_sample import MAX_TEXT_CHARACTERS, TextSample, sample_texts
from corpus.auditing.measure.vocabulary import NGRAM_SIZES, split_words, vocabulary, zipf_slope
from corpus.words.definition import words

WORDS = ["sea", "Sea", "ferry", "Grün", "don't", "море", "鶏", "12", "-", "…", "\n"]
texts = st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), max_size=8)


def column(values: list[str]) -> pa.Array:
    """Return texts as a column."""
    return pa.array(values, pa.large_string())


@settings(max_examples=60, deadline=None)
@given(texts)
def test_words_and_ngrams_match_plain_python(values):
    """Words, distinct words, n-grams and their documents are what plain Python counts."""
    report = vocabulary(split_words(column(values)))
    by_text = [words(text) for text in values]
    counts = Counter(word for text in by_text for word in text)
    assert report["words"] == counts.total()
    assert report["distinct"] == len(counts)
    assert report["once"] == sum(n == 1 for n in counts.values())
    for size in NGRAM_SIZES:
        ngrams = [[" ".join(w[i : i + size]) for i in range(len(w) - size + 1)] for w in by_text]
        times = Counter(ngram for text in ngrams for ngram in text)
        documents = Counter(ngram for text in ngrams for ngram in set(text))
        repeated = [ngram for ngram, n in times.items() if n > 1]
        repeated.sort(key=lambda ngram: (-times[ngram], ngram))
        expected = [(ngram, times[ngram], documents[ngram]) for ngram in repeated[:20]]
        rows = report["grams"][str(size)]
        assert [(r["text"], r["times"], r["documents"]) for r in rows] == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_characters_match_plain_python(values):
    """Every character is counted in its class, and every odd one is listed."""
    report = character_statistics(column(values))
    counts = Counter("".join(values))
    assert report["distinct"] == len(counts)
    assert sum(report["classes"].values()) == counts.total()
    letters = sum(n for c, n in counts.items() if unicodedata.category(c)[0] == "L")
    assert report["classes"]["letters"] == letters
    odd = {
        f"U+{ord(c):04X}": (n, sum(c in text for text in values))
        for c, n in counts.items()
        if (unicodedata.category(c) in ODD_CATEGORIES or c == "\ufffd")
        and c not in ALLOWED_CHARACTERS
    }
    with_odd = [text for text in values if any(f"U+{ord(c):04X}" in odd for c in text)]
    assert report["documents"] == len(with_odd)
    rows = {row["code"]: (row["times"], row["documents"]) for row in report["odd"]}
    assert rows == dict(sorted(odd.items(), key=lambda item: (-item[1][0], item[0]))[:20])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["ab cd", "x", "Menu", " Menu "]), max_size=6), max_size=7)
)
def test_repeated_lines_match_plain_python(documents):
    """A line is repeated if it is in at least three documents; each counts once."""
    values = ["\n".join(document) for document in documents]
    report = repeated_lines(column(values), pa.array(["s"] * len(values)))
    by_text = [[line.strip() for line in text.split("\n")] for text in values]
    times = Counter(line for lines in by_text for line in lines)
    in_documents = Counter(line for lines in by_text for line in set(lines))
    repeated = {
        line for line, n in in_documents.items() if n >= 3 and sum(map(str.isalpha, line)) > 1
    }
    assert {row["line"]: (row["documents"], row["times"]) for row in report["rows"]} == {
        line: (in_documents[line], times[line]) for line in repeated
    }
    assert report["repeated"] == len(repeated)
    assert report["characters"] == sum(len(line) * times[line] for line in repeated)
    assert report["documents"] == sum(not repeated.isdisjoint(lines) for lines in by_text)
    assert report["lines"] == sum(n for line, n in times.items() if line)


def test_personal_data_is_found_and_masked():
    """Each pattern finds its example, and no letter or digit of a match is shown."""
    examples = {
        "e-mail address": "Write to jane.doe+x@mail.example.org, please.",
        "telephone number": "Call +49 30 1234 5678 today.",
        "IPv4 address": "From 192.168.0.12 it came.",
        "IBAN": "To DE89370400440532013000 now.",
        "payment card number": "Card 4111 1111 1111 1111 declined.",
        "US social security number": "Number 123-45-6789 is taken.",
    }
    assert list(examples) == list(PATTERNS)
    report = personal_data(
        column([*examples.values(), "On 4111 1111 1111 1112 and 99.1.2 nothing."])
    )
    assert {row["kind"]: row["documents"] for row in report} == dict.fromkeys(examples, 1)
    assert all(set(shape) <= set("x0.+@-_ ()") for row in report for shape in row["masked"])
    for text in examples.values():
        assert "jane" not in mask_personal_data(text)
        assert not re.search("[1-9]", mask_personal_data(text))


def test_distinctive_words_are_those_of_one_group():
    """A word in only one group is distinctive of it; a word in all groups is not."""
    words = split_words(column(["sea the"] * 9 + ["hill the"] * 9))
    distinctive = distinctive_words(words, pa.array(["a"] * 9 + ["b"] * 9))
    assert [row["text"] for row in distinctive["a"]] == ["sea"]
    assert distinctive["b"] == [{"text": "hill", "times": 9, "of": 9}]
    assert distinctive_words(words, pa.array(["a"] * 18)) == {}


def test_the_zipf_slope_of_a_perfect_law_is_minus_one():
    """Frequencies that fall as one over the rank have slope -1; few words have none."""
    ranked = (10**9 / np.arange(1, 2000)).astype(np.int64)
    assert zipf_slope(ranked) == -1.0
    assert zipf_slope(ranked[:99]) is None


def test_the_sample_fits_and_is_the_same_for_any_parts(documents):
    """The sample is the documents with the smallest hashes that fit; long ones are truncated."""
    batch = documents(*(f"text {i} " * 20 for i in range(50)))
    hashes = np.arange(50, dtype=np.uint64)[::-1] * np.uint64(7)
    whole = sample_texts([batch], [hashes], split="train", max_bytes=1500).trimmed()
    parts = TextSample(1500)
    for at in (30, 0, 40, 10, 20):
        part = sample_texts(
            [batch.slice(at, 10)], [hashes[at : at + 10]], split="train", max_bytes=1500
        )
        parts = parts.merge(part)
    assert parts.trimmed().rows.equals(whole.rows)
    assert whole.rows["id"].to_pylist()[0] == "doc-49"
    assert sum(map(len, whole.rows["text"].to_pylist())) <= 1500
    assert not whole.complete
    long = documents("x" * (MAX_TEXT_CHARACTERS + 1))
    cut = sample_texts([long], [np.zeros(1, np.uint64)], split="train", max_bytes=1 << 20).trimmed()
    assert (len(cut.rows["text"][0].as_py()), cut.complete) == (MAX_TEXT_CHARACTERS, False)


def test_repeats_are_exact_up_to_the_limit_and_a_sample_of_values_beyond():
    """Each value is counted in all of its documents or in none, the same for any parts."""
    hashes = np.repeat(np.arange(100, dtype=np.uint64), 3)
    present = pa.array([True] * 300)
    train = count_repeats(hashes, present, "train")
    report = train.merge(count_repeats(hashes[:3], present[:3], "test")).to_json()
    assert (report["values"], report["documents"], report["repeated"]) == (100, 303, 203)
    assert (report["across_splits"], report["documents_across_splits"]) == (1, 6)
    small = Repeats(max_values=10)
    for at in range(0, 300, 7):
        part = hashes[at : at + 7]
        small = small.merge(count_repeats(part, present[: len(part)], "train", max_values=10))
    assert small.to_json() == count_repeats(hashes, present, "train", max_values=10).to_json()
    assert (small.to_json()["documents"], small.to_json()["exact"]) == (30, False)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\x00", "!!!", "\U0010ffff", "a" * 10**6])
def test_a_text_of_any_kind_can_be_measured(documents, text):
    """Texts of only spaces, only punctuation, or one endless word can be measured."""
    batch = documents(text, text)
    report = sample_statistics(
        sample_texts([batch], [np.array([1, 2], np.uint64)], split="train", max_bytes=1 << 22)
    )
    assert report["documents"] == 2
    assert all(
        len(row["text"]) <= 250 for rows in report["words"]["grams"].values() for row in rows
    )
