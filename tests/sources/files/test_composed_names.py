"""Names that differ only in the composition of characters find each other."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import InputError
from corpus.sources import Source, find_files

NAME = "Zürich/Réveillé [é].txt"


def composed(text: str) -> str:
    """Return the text with one code point for a letter with its accent."""
    return unicodedata.normalize("NFC", text)


def decomposed(text: str) -> str:
    """Return the text with a code point of its own for each accent."""
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("on_disk", [composed, decomposed])
@pytest.mark.parametrize("configured", [composed, decomposed])
@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("Zürich/Réveillé [é].txt", "Réveillé [é].txt"),
        ("Zürich", "Réveillé [é].txt"),
        ("Zürich/R?veill? *.txt", "Réveillé [é].txt"),
        ("Zürich/**/R*é*.txt", "Réveillé [é].txt"),
        ("Z*/Réveillé *", "Zürich/Réveillé [é].txt"),
        ("**/R[é]veill*", "Zürich/Réveillé [é].txt"),
        ("", "Zürich/Réveillé [é].txt"),
    ],
)
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_path_matches_in_either_form(put, on_disk, configured, pattern, name, scheme):
    """Path, folder and glob match a file in both forms; its name is always the composed one."""
    folder = put(on_disk(NAME), b"x").parents[1]
    path = f"{scheme}{folder}/{configured(pattern)}"
    if scheme and ("?" in pattern or ("[" in pattern and "*" not in pattern)):
        pytest.skip("in a URI, a bracket is always a wildcard, and a question mark never is")
    files = find_files(Source(path=path), Path("/")).files

    assert [file.name for file in files] == [composed(name)]


def test_two_files_of_one_name_keep_their_own(put):
    """If a folder has both forms, they stay two files with two names."""
    names = [change("in/é.txt") for change in (composed, decomposed)]
    folder = min(put(name, b"x") for name in names).parent
    files = find_files(Source(path=str(folder)), folder).files

    assert [f"in/{file.name}" for file in files] == sorted(names)


@pytest.mark.parametrize("path", ["é/missing.txt", "missing/é", "/é"])
def test_a_missing_path_is_an_error(put: Callable[..., Path], path):
    """A path that exists in no form is an input error."""
    folder = put(decomposed("é/a.txt"), b"x").parents[1]

    with pytest.raises(InputError):
        find_files(Source(path=path), folder)
