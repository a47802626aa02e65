"""Tables made from installed packages are kept, and never kept too long."""

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
    """Return a file to make tables from; the cache is empty."""
    monkeypatch.setattr(model_cache, "cache_folder", lambda: tmp_path / "cache")
    path = tmp_path / "package" / "model"
    path.parent.mkdir()
    path.write_text("a model")
    return path


def made_from(source: Path, times: list[int]) -> Arrays:
    """Return the tables made from `source`; `times` gets an entry when they are made."""

    def make() -> Arrays:
        times.append(1)
        return TABLE

    return model_cache.arrays("tables", (source,), make)


def test_tables_are_made_once(source: Path) -> None:
    """The second process finds what the first one made."""
    times: list[int] = []
    for _ in range(3):
        assert np.array_equal(made_from(source.parent, times)["squares"], TABLE["squares"])
    assert len(times) == 1


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"\0" * 100])
def test_a_damaged_file_is_made_afresh(source: Path, damage: bytes) -> None:
    """A file cut short or overwritten is no fault: it is made and written again."""
    times: list[int] = []
    made_from(source, times)
    (path,) = model_cache.cache_folder().iterdir()
    whole = path.read_bytes()
    for data in (damage, whole[: len(whole) // 2], whole[:500] + b"x" * 40 + whole[540:]):
        path.write_bytes(data)
        assert np.array_equal(made_from(source, times)["squares"], TABLE["squares"])
        assert path.read_bytes() == whole
    assert len(times) == 4


def test_a_changed_source_is_another_table(source: Path) -> None:
    """The key is made of all files: another version never meets the old tables."""
    times: list[int] = []
    made_from(source.parent, times)
    copy = source.parent.with_name("copy")
    shutil.copytree(source.parent, copy)
    made_from(copy, times)
    assert len(times) == 1
    (copy / "more").write_text("")
    made_from(copy, times)
    assert len(times) == 2


def test_a_folder_that_cannot_be_written_is_no_fault(source: Path) -> None:
    """Where nothing can be kept, tables are made each time."""
    model_cache.cache_folder().write_text("a file stands in the way")
    times: list[int] = []
    made_from(source, times)
    made_from(source, times)
    assert len(times) == 2


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it there is an error with its remedy, not a traceback of an import."""
    monkeypatch.setattr(model_cache.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(
        EnvironmentFault, match=r"the bread is the package bakery.*pip install bakery"
    ):
        model_cache.package("bakery", "the bread")
