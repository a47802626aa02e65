"""Compiling langdetect's profiles is deterministic, and they fit the tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import EnvironmentFault
from corpus.languages import langdetect_model, model_cache
from corpus.languages.langdetect_model import compile_profiles, load, to_arrays


def test_compiling_again_gives_the_same_tables() -> None:
    """The tables do not depend on the order of files, of a dict or of a set."""
    folder = model_cache.package_folder("langdetect", "for this test")
    compiled = to_arrays(compile_profiles(folder / "profiles"))
    cached = to_arrays(load())
    assert compiled.keys() == cached.keys()
    assert all(np.array_equal(compiled[name], cached[name]) for name in compiled)


def test_the_last_bits_of_a_logarithm_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A processor that rounds logarithms differently compiles the same tables."""
    counts = {letter: 3 + ord(letter) % 7 for letter in "abcdefghijklmnopqrstuvwxyz"}
    (tmp_path / "en").write_text(json.dumps({"freq": counts, "n_words": [156, 0, 0]}))
    here = to_arrays(compile_profiles(tmp_path))
    log1p = np.log1p
    monkeypatch.setattr(np, "log1p", lambda frequency: log1p(frequency) * (1 + 1e-15))
    there = to_arrays(compile_profiles(tmp_path))
    assert all(np.array_equal(here[name], there[name]) for name in here)


def test_too_many_profiles_are_refused(tmp_path: Path) -> None:
    """More languages than the tables have columns is an error that says what to install."""
    for number in range(65):
        text = '{"freq": {"a": 1}, "n_words": [1, 1, 1]}'
        (tmp_path / f"x{number}").write_text(text)
    with pytest.raises(EnvironmentFault, match="pip install langdetect=="):
        langdetect_model.compile_profiles(tmp_path)
