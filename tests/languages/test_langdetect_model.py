"""The profiles are compiled the same each time, and fit their tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import EnvironmentFault
from corpus.languages import langdetect_model, model_cache
from corpus.languages.langdetect_model import compile_profiles, load, pack


def test_compiling_again_gives_the_same_tables() -> None:
    """Nothing in the tables depends on the order of files, of a dict or of a set."""
    made = pack(compile_profiles(model_cache.package("langdetect", "it") / "profiles"))
    kept = pack(load())
    assert made.keys() == kept.keys()
    assert all(np.array_equal(made[name], kept[name]) for name in made)


def test_the_last_bits_of_a_logarithm_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A processor may round a logarithm otherwise; the tables it makes are the same."""
    counts = {letter: 3 + ord(letter) % 7 for letter in "abcdefghijklmnopqrstuvwxyz"}
    (tmp_path / "en").write_text(json.dumps({"freq": counts, "n_words": [156, 0, 0]}))
    here = pack(compile_profiles(tmp_path))
    exact = np.log1p
    monkeypatch.setattr(np, "log1p", lambda share: exact(share) * (1 + 1e-15))
    there = pack(compile_profiles(tmp_path))
    assert all(np.array_equal(here[name], there[name]) for name in here)


def test_profiles_of_another_size_are_refused(tmp_path: Path) -> None:
    """More languages than the tables have columns for are an error that says what to install."""
    for number in range(65):
        text = '{"freq": {"a": 1}, "n_words": [1, 1, 1]}'
        (tmp_path / f"x{number}").write_text(text)
    with pytest.raises(EnvironmentFault, match="pip install langdetect=="):
        langdetect_model.compile_profiles(tmp_path)
