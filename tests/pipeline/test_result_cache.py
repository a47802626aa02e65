"""The cache: builds in one folder share it, it has a limit, and nobody deletes what is in use."""

from __future__ import annotations

import json
import os
import shutil
from collections import defaultdict

import pytest

from corpus import storage
from corpus.cli.cache import cache_of, cleared, listing
from corpus.config.load import load_config
from corpus.errors import ConfigError, EnvironmentFault
from corpus.pipeline import result_cache
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from tests.pipeline.test_thresholds import ROWS, count_passes, documents


def built(folder, output: str, *, more: str = "", force: bool = False, rows=ROWS):
    """Return a build of the rows in this output folder."""
    (folder / "in").mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "in" / "a.jsonl").write_text(text, encoding="utf-8")
    config = folder / "c.yaml"
    config.write_text(
        f"name: c\nsources: [{{path: 'in/*'}}]\nstages: [language, deduplicate]\n"
        f"output: {{path: {output}}}\n{more}",
        encoding="utf-8",
    )
    return build(load_config(config), engine=Serial(), force=force)


def names(cache):
    """Return the names of the results in a cache."""
    return {result.name for result in result_cache.results(cache)}


def test_builds_in_one_folder_share_results(tmp_path, monkeypatch):
    """The same sources under another output path are not read again; elsewhere, they are."""
    first = built(tmp_path, "build/one")
    passes = count_passes(monkeypatch)
    second = built(tmp_path, "build/two")
    assert passes == []
    assert documents(first) == documents(second)
    built(tmp_path, "elsewhere/three")
    assert len(passes) == 1


def test_the_limit_deletes_what_was_not_used_for_the_longest_time(tmp_path):
    """A build's own results are kept, whatever the limit; older ones are deleted above it."""
    cache = tmp_path / "build" / ".corpus-cache"
    built(tmp_path, "build/one")
    old = names(cache)
    for name in old:
        os.utime(cache / name, (1000, 1000))
    built(tmp_path, "build/two", rows=ROWS[:5])
    assert names(cache) > old
    built(tmp_path, "build/three", rows=ROWS[:6], more="cache_size: 1kB\n")
    assert len(names(cache)) == 2  # of the first pass, and of the last
    assert not names(cache) & old


def test_the_oldest_results_are_deleted_first(tmp_path):
    """With room for two of three results, the one that was used last stays with the new one."""
    cache = tmp_path / "build" / ".corpus-cache"
    for age, n in ((1000, 4), (3000, 5), (2000, 6)):
        made = built(tmp_path, f"build/b{n}", rows=ROWS[:n])
        assert made.manifest["counts"]["kept"] == n
        for name in names(cache):
            if (cache / name).stat().st_mtime > 10_000:
                os.utime(cache / name, (age, age))
    by_age = defaultdict(set)
    for name in names(cache):
        by_age[(cache / name).stat().st_mtime].add(name)
    sizes = {result.name: result.bytes for result in result_cache.results(cache)}
    limit = sum(sizes[name] for age in (2000, 3000) for name in by_age[age]) + 2000
    built(tmp_path, "build/b7", rows=ROWS[:4], more=f"cache_size: {limit}\n")
    assert by_age[1000] <= names(cache)  # the build itself uses them
    assert by_age[3000] <= names(cache)
    assert not by_age[2000] <= names(cache)


def test_nothing_is_deleted_while_another_build_runs(tmp_path):
    """Its results may be in use: the limit waits, and `clear` says that a build is running."""
    cache = tmp_path / "build" / ".corpus-cache"
    built(tmp_path, "build/one")
    before = names(cache)
    with result_cache.in_use(cache):
        built(tmp_path, "build/two", rows=ROWS[:3], more="cache_size: 1kB\n")
        assert names(cache) > before
        with pytest.raises(EnvironmentFault, match="another build"):
            result_cache.clear(cache, only_unused=False)
    assert names(cache) > before


def test_a_forced_build_replaces_the_results(tmp_path, monkeypatch):
    """`--force` reads everything, and the next build uses what it made."""
    built(tmp_path, "build/one")
    cache = tmp_path / "build" / ".corpus-cache"
    before = {name: (cache / name).stat().st_ino for name in names(cache)}
    passes = count_passes(monkeypatch)
    built(tmp_path, "build/one", force=True)
    assert len(passes) == 1
    assert names(cache) == set(before)
    assert all((cache / name).stat().st_ino != inode for name, inode in before.items())
    built(tmp_path, "build/two")
    assert len(passes) == 1


def test_without_a_cache_nothing_is_kept(tmp_path, monkeypatch):
    """`cache: false` neither reads nor writes the cache."""
    built(tmp_path, "build/one", more="cache: false\n")
    cache = tmp_path / "build" / ".corpus-cache"
    assert not cache.exists()
    built(tmp_path, "build/two")
    before = names(cache)
    passes = count_passes(monkeypatch)
    built(tmp_path, "build/three", more="cache: false\n")
    assert len(passes) == 1
    assert names(cache) == before


def test_foreign_files_in_the_cache_are_not_touched(tmp_path):
    """Only names of results are deleted, and unfinished ones of builds that were killed."""
    cache = tmp_path / "build" / ".corpus-cache"
    cache.mkdir(parents=True)
    (cache / "notes.txt").write_text("mine")
    unfinished = cache / ("0" * 32 + ".77.half")
    unfinished.mkdir()
    built(tmp_path, "build/one", more="cache_size: 1kB\n")
    assert (cache / "notes.txt").read_text() == "mine"
    assert not unfinished.exists()
    result_cache.clear(cache, only_unused=False)
    assert (cache / "notes.txt").exists()
    assert names(cache) == set()


def test_a_cache_may_be_a_link_but_no_file(tmp_path):
    """A large disk may hold it; anything else that has its name stops the build."""
    (tmp_path / "build").mkdir()
    (tmp_path / "disk").mkdir()
    (tmp_path / "build" / ".corpus-cache").symlink_to(tmp_path / "disk")
    built(tmp_path, "build/one")
    assert names(tmp_path / "disk")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ".corpus-cache").write_text("mine")
    with pytest.raises(ConfigError, match=r"\.corpus-cache: the build needs this folder"):
        built(tmp_path, "other/one")


def test_the_cache_of_an_earlier_version_is_deleted(tmp_path):
    """Nothing would ever use it again."""
    made = built(tmp_path, "build/one")
    old = made.path.with_name(".one") / "cache"
    old.mkdir()
    built(tmp_path, "build/one", rows=ROWS[:3])
    assert not old.exists()


def test_a_full_disk_after_publication_is_no_error(tmp_path, monkeypatch):
    """The build is there: that its results could not be recorded costs only time."""

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(result_cache, "_record_of", full)
        made = built(tmp_path, "build/one")
    assert made.manifest["counts"]["kept"] > 0


def test_the_list_names_builds_and_what_none_uses(tmp_path):
    """Each build has its results; those that no existing build used last can be deleted alone."""
    one = built(tmp_path, "build/one")
    built(tmp_path, "build/two", rows=ROWS[:4])
    cache = cache_of(tmp_path / "build")
    assert cache == cache_of(one.path) == cache_of(cache)
    assert cache_of(tmp_path / "c.yaml").resolve() == cache.resolve()
    text = listing(cache)
    assert "4 results" in text
    assert "one: 2 results" in text
    assert "used by no build" not in text
    shutil.rmtree(one.path)
    assert "one, which does not exist any more: 2 results" in listing(cache)
    assert "used by no build: 2 results" in listing(cache)
    assert "2 results deleted" in cleared(cache, only_unused=True)
    assert len(names(cache)) == 2
    assert "2 results deleted" in cleared(cache, only_unused=False)
    assert names(cache) == set()
    with pytest.raises(ConfigError, match="no such file or folder"):
        cache_of(tmp_path / "build" / "tpyo")
    with pytest.raises(ConfigError, match="no cache here"):
        cache_of(tmp_path / "in")


def test_a_record_that_is_damaged_counts_as_missing(tmp_path):
    """The list of builds only helps people: a build never depends on it."""
    built(tmp_path, "build/one")
    cache = tmp_path / "build" / ".corpus-cache"
    (record,) = (cache / "builds").iterdir()
    for damaged in (b"", b"{", b"[]", b'{"folder": 3}', b'{"folder": "x", "results": 3}'):
        record.write_bytes(damaged)
        assert list(result_cache.builds(cache)) == []
        assert "used by no build" in listing(cache)


def test_a_lock_is_shared_or_held_alone(tmp_path):
    """Two may share it; nobody gets it alone meanwhile."""
    path = tmp_path / "lock"
    with storage.shared_lock(path), storage.shared_lock(path), storage.lock_alone(path) as alone:
        assert not alone
    with storage.lock_alone(path) as alone:
        assert alone
        with storage.lock_alone(path) as again:
            assert not again


def test_the_size_of_a_result_is_that_of_all_its_files(tmp_path):
    """Also of those in folders below it, as the row groups of languages are."""
    cache = tmp_path / ".corpus-cache"
    (cache / ("0" * 32) / "data" / "de").mkdir(parents=True)
    (cache / ("0" * 32) / "data" / "de" / "train.parquet").write_bytes(bytes(100_000))
    (cache / ("0" * 32) / "summary.json").write_bytes(bytes(7))
    assert [result.bytes for result in result_cache.results(cache)] == [100_007]
