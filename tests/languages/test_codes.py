"""The language codes, and suggestions for unknown ones."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from corpus.languages import langdetect_model, py3langid_model
from corpus.languages.codes import ALIASES, LANGUAGES, NAMES, TAGS, code_of, unknown_code_message
from corpus.languages.scripts import IDENTIFYING_SCRIPTS


def test_every_language_can_be_predicted() -> None:
    """The languages are exactly those that langdetect, py3langid or a script identifies."""
    by_langdetect = {LANGUAGES[number] for number in langdetect_model.load().languages}
    by_py3langid = {*py3langid_model.load().classes.tolist()} - {"", "zxx"}
    assert by_langdetect | by_py3langid | set(IDENTIFYING_SCRIPTS.values()) == set(LANGUAGES)


def test_codes_are_those_of_the_hub() -> None:
    """Codes have two or three letters and are in alphabetical order."""
    assert all(re.fullmatch("[a-z]{2,3}", code) for code in LANGUAGES)
    assert list(LANGUAGES) == sorted(NAMES)
    assert TAGS[-2:] == ("und", "zxx")
    assert not {"no", "fil", "iw", "in"} & set(TAGS)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("de", "de"),
        ("zh-Hant", "zh"),
        ("sr_Latn", "sr"),
        ("NO", "nb"),
        ("fil-PH", "tl"),
        ("gax", "om"),
    ],
)
def test_a_language_tag_has_a_code(tag: str, code: str) -> None:
    """Script and region are ignored, and equivalent codes are mapped to ours."""
    assert code_of(tag) == code


def test_aliases_stand_for_valid_codes() -> None:
    """Every alias has a valid code, and no valid code is an alias."""
    assert set(ALIASES.values()) <= set(TAGS)
    assert not set(ALIASES) & set(TAGS)


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("no", "nb"),
        ("EN", "en"),
        ("de-AT", "de"),
        ("zh_CN", "zh"),
        ("German", "de"),
        ("swedisch", "sv"),
        ("fil", "tl"),
    ],
)
def test_an_unknown_code_gets_a_suggestion(written: str, suggestion: str) -> None:
    """Broader codes, countries, names and misspellings lead to the valid code."""
    message = f"unknown language code {written!r}; did you mean {suggestion!r}?"
    assert unknown_code_message(written) == message


def test_all_codes_are_listed_without_a_suggestion() -> None:
    """If no code is close, the message lists all of them."""
    assert unknown_code_message("xyzzy").endswith(", ".join(TAGS))


def test_codes_are_light_to_import() -> None:
    """Checking a config imports neither numba nor langdetect nor scikit-learn."""
    code = (
        "import sys, corpus.stages.language as stage; stage.Language(keep=['de']);"
        "print(sorted(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert not {"'numba'", "'langdetect'", "'sklearn'"} & set(re.findall("'[^']*'", loaded))
