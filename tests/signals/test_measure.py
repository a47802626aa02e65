"""The kernels measure every signal as the definition does."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.signals.definition import measure, stop_words_by_language
from corpus.signals.measure import measure_signals
from corpus.signals.names import SIGNALS, STOP_WORDS_BY_LANGUAGE

PIECES = [
    "the", "The", "der", "und", "в", "have", "cannot", "can't", "U.S.", "Mr.", "word", "über",
    "東京", "x", "9", "...", "…", ". . .", "#", "-", "*", "•", "(", ")", "):", '"', "’s", "'s",
    "Fla.", "R-Fla.", "5km", "$5", "US$5", "a@b.org", "http://a.de/b", "example.com",
    "end.Next", "a--b", "3-4", "+1", "1+", "JavaScript", "lorem ipsum", "use cookies",
    "Privacy Policy", "{", "[1]", "[edit]", "[", ".", "A sentence. And one more!", "°C.",
    "12pm", "e.g.", ".", "?", "。", "\u2028", "\x85", "\r", "\x0b", "\t", "\u00a0", " ", " ",
    " ", " ", "\n", "\n", "\n\n", "\r\n", "one two three four five six", "لغة", "\U0001f600",
    "!", "use coo\u212aies", "Coo\u212aie Policy", "\u212a", "lorem \u0130psum", "w\u0130th",
]  # fmt: skip

texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=40).map("".join)


def assert_measured(corpus: list[str]) -> None:
    """Check every signal of every text against the definition."""
    signals = {
        name: column.to_pylist() for name, column in measure_signals(pa.array(corpus)).items()
    }
    by_language = signals.pop(STOP_WORDS_BY_LANGUAGE)
    assert tuple(signals) == SIGNALS
    for row, text in enumerate(corpus):
        expected = measure(text)
        assert set(expected) == set(SIGNALS)
        assert list(by_language[row]) == list(stop_words_by_language(text).values())
        different = {
            name: (signals[name][row], value)
            for name, value in expected.items()
            if not same(signals[name][row], value)
        }
        assert different == {}, text


def same(a: float | None, b: float | None) -> bool:
    """Return whether two values are equal, or both undefined."""
    return a == b if a is None or b is None else math.isclose(a, b, rel_tol=1e-15, abs_tol=0)


@pytest.mark.parametrize(
    "line",
    [
        "We use coo\u212aies here.",
        "See our Coo\u212aie Policy.",
        "Coo\u212aie Policy of ours.",
        "It uses COO\u212aIES now.",
        "Lorem \u0130psum is it.",
        "Java\u017fcript and \u0130 \u1e9e.",
        "xx\u212aookie policy no.",
        "The WITH w\u0130th have.",
    ],
)
def test_characters_that_become_ascii_in_lower_case_are_compared_as_python_does(line):
    """The Kelvin sign is a "k" in lower case, so the phrases of C4 may be written with it."""
    assert_measured([line, line[:-1], f"{line}\n{line * 2}\n\u212a"])


@given(corpus=st.lists(texts, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_kernels_agree_with_the_definition(corpus):
    """Every signal of any texts is what the definition says."""
    assert_measured(corpus)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n",
        "\n\n",
        "word",
        "a b a b a b",
        "b a a b",
        "one two three four five six\n" * 4,
        "A line.\n\nA line.\n \n\nAnother\r\nline\x0b",
        "- a\n* b\n• c\n● d...\n e. . .\n f…\n",
        "!!! ??? 123",
        "One two three. Four five six!  (Seven.)\nWe use cookies here.\nA[1] b c d.[2]\n",
        "a { b c.\nWith JavaScript { on it.\nLorem ipsum dolor sit.\nlorem ipsum dolor",
        "a" * 1200 + "," * 3,
        "שלום עולם שלום עולם שלום עולם",
    ],
)
def test_odd_texts(text):
    """Empty texts, one word, no letters, long words and text from right to left have signals."""
    assert_measured([text])


@pytest.mark.parametrize("size", [6, 14, 15, 16, 17, 23, 24, 31, 32, 33, *range(54, 68)])
def test_words_of_any_length_anywhere(size):
    """A word is counted alike wherever it begins, whatever stands behind it."""
    word = "Ab" * (size // 2) + "c" * (size % 2)
    assert_measured(
        [
            f"{'x' * offset} {word}{mark}{space}next {word} {word}. {word}"
            for offset in range(9)
            for mark in ("", ",", ".", "{", "..", "9", "é")
            for space in (" ", "\u00a0")
        ]
    )


@pytest.mark.parametrize(
    "text",
    [
        "one two three, one three two, two one three, one two three",
        "a b c d e a c b d e b a c d e a b c d e",
        "a b c d e f g h i j k a b c d e f g h i k j",
        "one a two b " * 3 + "one b two a",
    ],
)
def test_the_order_of_words_makes_another_ngram(text):
    """n-grams of the same words in another order are different."""
    assert_measured([text, text.upper(), text.replace(" ", ". ")])


@pytest.mark.parametrize(
    "gap", ["\u00a0", "\u2003", "\u3000", "\x85", "\x1c", "\t", "  ", "\x01", "\x7f"]
)
def test_what_stands_between_words(gap):
    """Every kind of white space separates words, and control characters do not."""
    assert_measured([gap.join(["the", "cat,", "sat.", "Don't", "and", "über", "1.5", "end"])])


def test_digits_and_underscores_are_no_letters():
    """A word of digits and underscores has no letter, wherever its characters stand."""
    words = ["12345678_", "1234567_9", "_" * 8 + "1" * 8, "1" * 15 + "_", "1" * 16 + "_", "12_a"]
    assert_measured([*words, " ".join(words)])
