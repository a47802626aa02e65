"""The definition of words and shingles, and the table it rests on."""

from __future__ import annotations

import hashlib
import importlib.util
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.words.characters import CODE_POINTS, folding, runs
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
    """Words are lower-cased one code point at a time; without spaces, each character is one."""
    assert words(text) == expected


def test_a_shingle_is_so_many_words_in_a_row():
    """A text of fewer words is one shingle, a text without words has none."""
    assert shingles("One two, three four", 3) == {"one two three", "two three four"}
    assert shingles("One two", 3) == {"one two"}
    assert shingles("?!", 3) == set()
    assert shingles("a a a a", 2) == {"a a"}


def test_jaccard_is_shared_over_all():
    """Two sets without a common member, the empty ones too, have a Jaccard of 0."""
    assert jaccard({"a", "b", "c"}, {"b", "c", "d"}) == 0.5
    assert jaccard(set(), set()) == 0.0


def test_content_tells_words_apart_and_nothing_else():
    """Case and punctuation do not matter to texts with words; everything does to the others."""
    assert content("One, two!") == content("one TWO") == hashlib.sha256(b"one two").digest()[:16]
    assert (
        len({content(text) for text in ("one two", "onetwo", "two one", "", " ", "!", "! ")}) == 7
    )


def test_the_table_is_that_of_the_unicode_it_names():
    """Every code point is what Python's own tables say, wherever they are of the same version."""
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


def test_folding_takes_less_than_twice_the_room():
    """No character becomes more than twice its bytes: the room that kernels fold into."""
    length = (folding() >> np.uint64(56)).astype(np.int64)
    codes = np.arange(CODE_POINTS)
    size = 1 + (codes >= 0x80) + (codes >= 0x800) + (codes >= 0x10000)
    assert (length <= 2 * size).all()
    assert length.min() == 1
    assert length.max() <= 7


@given(st.integers(0, CODE_POINTS - 1).filter(lambda code: not 0xD800 <= code < 0xE000))
def test_folding_is_the_definition(code):
    """The kernels' table says of a code point what the definition says."""
    packed = int(folding()[code])
    folded = packed.to_bytes(8, "little")[: packed >> 56].decode()
    assert folded.split() == words(chr(code))
    assert (folded[0] == " ") == (f"a{folded}b".split() != [f"a{folded}b"])
