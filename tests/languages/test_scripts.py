"""The script of every letter, and which languages it leaves."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.languages.codes import LANGUAGES
from corpus.languages.scripts import (
    ALSO_LATIN,
    POINTS,
    SCRIPTS,
    WRITTEN_IN,
    allowed,
    dominant,
    only_language,
    script_table,
)

TABLE = script_table()


def script_of(text: str) -> str:
    """Return the dominant script of a text."""
    letters = np.zeros((1, len(SCRIPTS)), np.int32)
    for character in text:
        letters[0, TABLE[ord(character)]] += 1
    letters[0, 0] = 0
    return SCRIPTS[dominant(letters)[0]]


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("", "Zyyy"),
        ("12 + 3 = 15 🙂", "Zyyy"),
        ("٣٤٥", "Zyyy"),
        ("letters", "Latn"),
        ("ＦＵＬＬ", "Latn"),
        ("буквы and", "Cyrl"),
        ("汉字", "Hani"),
        ("汉字汉字汉字汉字汉字の", "Hani"),
        ("漢字かな", "Jpan"),
        ("カタカナ", "Jpan"),
        ("ｶﾀｶﾅ", "Jpan"),
        ("한글", "Hang"),
        ("漢字漢字 한글", "Hani"),
        ("IBM 株式会社", "Hani"),
        ("𐌰𐌱𐌲", "Zzzz"),
        ("𠀀𠀁", "Hani"),
    ],
)
def test_most_letters_give_the_script(text: str, script: str) -> None:
    """Digits and signs count for nothing; one Han, kana or Hangul character for three letters."""
    assert script_of(text) == script


def test_no_letter_lies_above_the_table() -> None:
    """The table reaches as far as this Python knows letters."""
    assert not any(chr(point).isalpha() for point in range(POINTS, 0x110000))


def test_a_language_is_written_in_some_script() -> None:
    """Each language is allowed in Latin or in scripts of the list, most in one of them alone."""
    scripts = allowed().sum(axis=0)
    assert scripts.min() == 1
    assert scripts[[LANGUAGES.index(code) for code in ALSO_LATIN]].min() == 2
    assert set(WRITTEN_IN) < set(SCRIPTS)
    assert {code for codes in WRITTEN_IN.values() for code in codes} <= set(LANGUAGES)


def test_a_script_with_one_language_names_it() -> None:
    """Georgian letters are Georgian; Latin and Ethiopic leave the question open."""
    only = dict(zip(SCRIPTS, only_language(), strict=True))
    assert LANGUAGES[only["Geor"]] == "ka"
    assert LANGUAGES[only["Thaa"]] == "dv"
    assert only["Latn"] == only["Grek"] == only["Ethi"] == only["Zyyy"] == -1
