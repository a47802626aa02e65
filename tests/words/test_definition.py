"""The definition of words and shingles, and the character table that it rests on."""

from __future__ import annotations

import hashlib
import importlib.util
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.words.characters import CODE_POINTS, folding_table, runs
from corpus.words.definition import content, jaccard, shingles, words

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_character_table.py"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n!?… ", []),
        ("It's Zürich, 東京!", ["it", "s", "zürich", "東", "京"]),
        ("snake_case 3.14 ½", ["snake_case", "3", "14", "½"]),
        ("ÉCOLE École e\u0301cole", ["école", "école", "e\u0301cole"]),
        ("İstanbul", ["İstanbul"]),
        ("ไทย กก", list("ไทยกก")),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("Ⱥb", ["ⱥb"]),
    ],
)
def test_a_word_is_a_run_of_letters_marks_numbers_and_underscores(text, expected):
    """Words are lower-cased per code point; in scripts without spaces each character is a word."""
    assert words(text) == expected


def test_a_shingle_is_a_run_of_consecutive_words():
    """A text with fewer words is one shingle; a text without words has none."""
    assert shingles("One two, three four", 3) == {"one two three", "two three four"}
    assert shingles("One two", 3) == {"one two"}
    assert shingles("?!", 3) == set()
    assert shingles("a a a a", 2) == {"a a"}


def test_jaccard_is_intersection_over_union():
    """The Jaccard similarity of two disjoint sets is 0, also if both are empty."""
    assert jaccard({"a", "b", "c"}, {"b", "c", "d"}) == 0.5
    assert jaccard(set(), set()) == 0.0


def test_content_hashes_differ_if_and_only_if_the_words_do():
    """Case and punctuation only matter for texts without words."""
    assert content("One, two!") == content("one TWO") == hashlib.sha256(b"one two").digest()[:16]
    assert (
        len({content(text) for text in ("one two", "onetwo", "two one", "", " ", "!", "! ")}) == 7
    )


def test_the_table_agrees_with_the_unicode_version_it_names():
    """Each code point is what Python's own tables say, if they have the same version."""
    if runs().unicode != unicodedata.unidata_version:
        pytest.skip("this Python has another version of Unicode")
    spec = importlib.util.spec_from_file_location("make_character_table", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    kind = np.repeat(runs().kind, np.diff(runs().first, append=CODE_POINTS))
    shift = np.repeat(runs().shift, np.diff(runs().first, append=CODE_POINTS))
    expected = np.array([script.character(code) for code in range(CODE_POINTS)])
    assert (kind == expected[:, 0]).all()
    assert (shift == expected[:, 1]).all()


def test_folding_at_most_doubles_the_bytes():
    """No character takes more than twice its bytes when folded, as the kernels assume."""
    length = (folding_table() >> np.uint64(56)).astype(np.int64)
    codes = np.arange(CODE_POINTS)
    size = 1 + (codes >= 0x80) + (codes >= 0x800) + (codes >= 0x10000)
    assert (length <= 2 * size).all()
    assert length.min() == 1
    assert length.max() <= 7


@given(st.integers(0, CODE_POINTS - 1).filter(lambda code: not 0xD800 <= code < 0xE000))
def test_the_folding_table_agrees_with_the_definition(code):
    """The table that the kernels use folds each code point as the definition does."""
    packed = int(folding_table()[code])
    folded = packed.to_bytes(8, "little")[: packed >> 56].decode()
    assert folded.split() == words(chr(code))
    assert (folded[0] == " ") == (f"a{folded}b".split() != [f"a{folded}b"])
