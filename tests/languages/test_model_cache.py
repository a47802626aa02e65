"""Compiled tables are cached, and never used after their source has changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import EnvironmentFault
from corpus.languages import model_cache
from corpus.languages.model_cache import Arrays

TABLE = {"squares": np.arange(1000) ** 2}


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a file to compile tables from; the cache is empty."""
    monkeypatch.setattr(model_cache, "cache_folder", lambda: tmp_path / "cache")
    path = tmp_path / "package" / "model"
    path.parent.mkdir()
    path.write_text("a model")
    return path


def load_table(source: Path, compilations: list[int]) -> Arrays:
    """Return the table of `source`; `compilations` gets an entry each time it is compiled."""

    def compile_table() -> Arrays:
        compilations.append(1)
        return TABLE

    return model_cache.load_arrays("tables", (source,), compile_table)


def test_tables_are_compiled_once(source: Path) -> None:
    """Later calls use the cached tables."""
    compilations: list[int] = []
    for _ in range(3):
        table = load_table(source.parent, compilations)
        assert np.array_equal(table["squares"], TABLE["squares"])
    assert len(compilations) == 1


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"\0" * 100])
def test_a_damaged_file_is_replaced(source: Path, damage: bytes) -> None:
    """A truncated or overwritten file is not an error: it is compiled and written again."""
    compilations: list[int] = []
    load_table(source, compilations)
    (path,) = model_cache.cache_folder().iterdir()
    whole = path.read_bytes()
    for data in (damage, whole[: len(whole) // 2], whole[:500] + b"x" * 40 + whole[540:]):
        path.write_bytes(data)
        assert np.array_equal(load_table(source, compilations)["squares"], TABLE["squares"])
        assert path.read_bytes() == whole
    assert len(compilations) == 4


def test_a_changed_source_has_other_tables(source: Path) -> None:
    """The key depends on all files of the source, so another version never gets old tables."""
    compilations: list[int] = []
    load_table(source.parent, compilations)
    copy = source.parent.with_name("copy")
    shutil.copytree(source.parent, copy)
    load_table(copy, compilations)
    assert len(compilations) == 1
    (copy / "more").write_text("")
    load_table(copy, compilations)
    assert len(compilations) == 2


def test_a_read_only_cache_is_not_an_error(source: Path) -> None:
    """Without a writable cache folder, tables are compiled each time."""
    model_cache.cache_folder().write_text("a file in place of the folder")
    compilations: list[int] = []
    load_table(source, compilations)
    load_table(source, compilations)
    assert len(compilations) == 2


def test_a_missing_package_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what the package is for and how to install it."""
    monkeypatch.setattr(model_cache.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(
        EnvironmentFault, match=r"needs the package bakery .for the bread.*pip install bakery"
    ):
        model_cache.package_folder("bakery", "for the bread")
