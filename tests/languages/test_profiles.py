"""The compiled profiles are kept, and never kept too long."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import EnvironmentFault
from corpus.languages import profiles
from corpus.languages.profiles import Profiles, from_bytes, load, to_bytes

fresh = load.__wrapped__


def assert_equal(one: Profiles, other: Profiles) -> None:
    """Check that two sets of profiles are the same, array by array."""
    assert one.names == other.names
    assert np.array_equal(one.typical, other.typical)
    assert all(map(np.array_equal, one.tables, other.tables))


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """Return a list that gets an entry whenever profiles are compiled; the cache is empty."""
    made: list[Path] = []
    ready = load()

    def compile_profiles(folder: Path) -> Profiles:
        made.append(folder)
        return ready

    monkeypatch.setattr(profiles, "compile_profiles", compile_profiles)
    monkeypatch.setattr(profiles, "cache_folder", lambda: tmp_path / "cache")
    return made


def test_compiling_again_gives_the_same_bytes() -> None:
    """Nothing in the tables depends on the order of files, of a dict or of a set."""
    made = profiles.compile_profiles(profiles.package() / "profiles")
    assert_equal(made, load())
    assert to_bytes(made) == to_bytes(from_bytes(to_bytes(made)))


def test_profiles_are_compiled_once(compilations: list[Path]) -> None:
    """The second process finds what the first one made."""
    assert_equal(fresh(), fresh())
    assert len(compilations) == 1


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"\0" * 100])
def test_a_damaged_file_is_made_afresh(
    compilations: list[Path], tmp_path: Path, damage: bytes
) -> None:
    """A file cut short or overwritten is no fault: it is compiled and written again."""
    fresh()
    (path,) = (tmp_path / "cache").iterdir()
    whole = path.read_bytes()
    for data in (damage, whole[: len(whole) // 2], whole[:-40] + b"x" * 40):
        path.write_bytes(data)
        assert_equal(fresh(), load())
        assert path.read_bytes() == whole
    assert len(compilations) == 4


def test_a_changed_package_is_compiled_afresh(
    compilations: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is made of the package's files: another version never meets these tables."""
    copy = tmp_path / "langdetect"
    shutil.copytree(profiles.package(), copy, ignore=shutil.ignore_patterns("*.pyc"))
    monkeypatch.setattr(profiles, "package", lambda: copy)
    fresh()
    with (copy / "profiles" / "de").open("a") as profile:
        profile.write(" ")
    fresh()
    assert compilations == [copy / "profiles"] * 2


def test_a_folder_that_cannot_be_written_is_no_fault(
    compilations: list[Path], tmp_path: Path
) -> None:
    """Where nothing can be kept, the profiles are compiled each time."""
    (tmp_path / "cache").write_text("a file stands in the way")
    assert_equal(fresh(), load())
    assert len(compilations) == 1


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without langdetect there is an error with its remedy, not a traceback of an import."""
    monkeypatch.setattr(profiles.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EnvironmentFault, match="pip install langdetect"):
        profiles.package()


def test_profiles_of_another_size_are_refused(tmp_path: Path) -> None:
    """More languages than the tables have columns for are an error that says what to install."""
    for number in range(65):
        text = '{"freq": {"a": 1}, "n_words": [1, 1, 1]}'
        (tmp_path / f"x{number}").write_text(text)
    with pytest.raises(EnvironmentFault, match="pip install langdetect=="):
        profiles.compile_profiles(tmp_path)
