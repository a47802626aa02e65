"""The codes a document may be tagged with."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from corpus.languages import langdetect_model, py3langid_model
from corpus.languages.codes import LANGUAGES, NAMES, OTHER_NAMES, TAGS, code_of, hint
from corpus.languages.scripts import ALONE


def test_every_language_is_known_by_a_model_or_by_its_script() -> None:
    """No code is promised that can never be given, and none can be given that is not promised."""
    by_profile = {LANGUAGES[number] for number in langdetect_model.load().languages}
    by_walk = {*py3langid_model.load().classes.tolist()} - {"", "zxx"}
    assert by_profile | by_walk | set(ALONE.values()) == set(LANGUAGES)


def test_codes_are_what_the_hub_expects() -> None:
    """Codes have two letters, or three where there are no two, in alphabetical order."""
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
def test_a_tag_means_a_language(tag: str, code: str) -> None:
    """Script and country say nothing of the language; other codes of it mean the same."""
    assert code_of(tag) == code


def test_other_names_mean_a_tag() -> None:
    """Whatever a hint proposes is accepted, and no code that is right has a hint."""
    assert set(OTHER_NAMES.values()) <= set(TAGS)
    assert not set(OTHER_NAMES) & set(TAGS)


@pytest.mark.parametrize(
    ("written", "meant"),
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
def test_a_hint_names_what_was_meant(written: str, meant: str) -> None:
    """Wider codes, countries, names and slips of the pen lead to the code."""
    assert hint(written) == f"no language known as {written!r}; did you mean {meant!r}?"


def test_a_hint_lists_all_codes_where_none_is_near() -> None:
    """A code like no other gets the list of those there are."""
    assert hint("xyzzy").endswith(", ".join(TAGS))


def test_codes_are_light_to_import() -> None:
    """Checking a config loads neither numba nor langdetect: start-up time is a promise."""
    code = (
        "import sys, corpus.stages.language as stage; stage.Language(keep=['de']);"
        "print(sorted(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert not {"'numba'", "'langdetect'", "'sklearn'"} & set(re.findall("'[^']*'", loaded))
