"""The script of every letter, and the languages that it allows."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.languages.codes import LANGUAGES
from corpus.languages.scripts import (
    ALSO_LATIN,
    LANGUAGES_BY_SCRIPT,
    N_CODE_POINTS,
    SCRIPTS,
    allowed_languages,
    dominant_script,
    only_language,
    script_table,
)

TABLE = script_table()


def script_of(text: str) -> str:
    """Return the main script of a text."""
    letters = np.zeros((1, len(SCRIPTS)), np.int32)
    for character in text:
        letters[0, TABLE[ord(character)]] += 1
    letters[0, 0] = 0
    return SCRIPTS[dominant_script(letters)[0]]


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
def test_the_main_script_has_most_letters(text: str, script: str) -> None:
    """Digits and signs are ignored; a Han, kana or Hangul character counts as three letters."""
    assert script_of(text) == script


def test_the_table_of_scripts_is_complete() -> None:
    """Python knows no letter beyond the table."""
    assert not any(chr(point).isalpha() for point in range(N_CODE_POINTS, 0x110000))


def test_every_language_has_a_script() -> None:
    """Each language is allowed in at least one script, those of ALSO_LATIN in at least two."""
    scripts = allowed_languages().sum(axis=0)
    assert scripts.min() == 1
    assert scripts[[LANGUAGES.index(code) for code in ALSO_LATIN]].min() == 2
    assert set(LANGUAGES_BY_SCRIPT) < set(SCRIPTS)
    assert {code for codes in LANGUAGES_BY_SCRIPT.values() for code in codes} <= set(LANGUAGES)


def test_identifying_scripts_have_one_language() -> None:
    """Georgian letters identify Georgian; Latin and Ethiopic identify no language."""
    only = dict(zip(SCRIPTS, only_language(), strict=True))
    assert LANGUAGES[only["Geor"]] == "ka"
    assert LANGUAGES[only["Thaa"]] == "dv"
    assert only["Latn"] == only["Grek"] == only["Ethi"] == only["Zyyy"] == -1
