"""Similarities in the cache: the next build reads fewer texts, and is the same build."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from corpus import storage
from corpus.cli.cache import cleared, listing
from corpus.config.load import load_config
from corpus.pipeline import decide, remembered_pairs, result_cache
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from corpus.similarity import remembered

STAGES = "[{stage: deduplicate, threshold: 0.8}, {stage: split, test: 0.3}]"


def rows(n: int, *, first: int = 0) -> str:
    """Return n articles in lines of JSON; each resembles a few others."""
    made = []
    for k in range(first, first + n):
        words = [f"w{(k % 5) * 9 + i}" for i in range(40)] + [f"own{k}x{i}" for i in range(k % 7)]
        made.append(json.dumps({"id": f"d{k}", "text": " ".join(words)}) + "\n")
    return "".join(made)


@pytest.fixture(autouse=True)
def _small_memories(monkeypatch):
    """Write memories of few pairs, too."""
    monkeypatch.setattr(remembered_pairs, "MIN_PAIRS", 1)


@pytest.fixture
def compared(monkeypatch):
    """Return a list to which the number of pairs is added whenever pairs are compared."""
    counts = []
    real = remembered.similarities

    def similarities(documents, pairs, **options):
        counts.append(len(pairs))
        return real(documents, pairs, **options)

    monkeypatch.setattr(remembered, "similarities", similarities)
    return counts


def built(folder, output="build/one", *, stages=STAGES, more="", files=(), **options):
    """Return a build of these files."""
    (folder / "in").mkdir(parents=True, exist_ok=True)
    for name, text in zip("abc", files or (rows(30),), strict=False):
        (folder / "in" / f"{name}.jsonl").write_text(text, encoding="utf-8")
    config = folder / "c.yaml"
    config.write_text(
        f"name: c\nsources: [{{path: 'in/*'}}]\nstages: {stages}\n"
        f"output: {{path: {output}}}\n{more}",
        encoding="utf-8",
    )
    return build(load_config(config), engine=Serial(), **options)


def content(made):
    """Return everything that a build says about documents and decisions."""
    tables = [
        pq.read_table(made.path / name).to_pylist()
        for name in sorted(made.manifest["files"])
        if name.endswith(".parquet")
    ]
    return tables, made.manifest["stages"], made.manifest["counts"]


def memories(folder, output="build"):
    """Return the files with similarities in a cache."""
    return sorted((folder / output / ".corpus-cache").glob("*.pairs"))


def test_one_more_file_compares_only_its_own_pairs(tmp_path, compared):
    """The build equals a fresh one, and what was compared is in the memory afterwards."""
    files = (rows(30), rows(2, first=30))
    built(tmp_path / "a", files=files[:1])
    first = sum(compared)
    compared.clear()
    again = built(tmp_path / "a", files=files)
    assert 0 < sum(compared) < first / 3
    compared.clear()
    assert content(again) == content(built(tmp_path / "b", files=files))
    assert sum(compared) > first
    compared.clear()
    built(tmp_path / "a", "build/other", files=files)
    assert sum(compared) == 0


@pytest.mark.parametrize(
    "changed",
    [
        STAGES.replace("0.3", "0.4"),
        STAGES.replace("0.8", "0.85"),
        "[{stage: deduplicate, threshold: 0.8}]",
    ],
)
def test_a_changed_setting_compares_no_pair_again(tmp_path, compared, changed):
    """Thresholds decide which pairs are compared, and not how similar they are."""
    built(tmp_path / "a")
    first = sum(compared)
    compared.clear()
    again = built(tmp_path / "a", stages=changed)
    assert sum(compared) < first / 3
    assert content(again) == content(built(tmp_path / "b", stages=changed))


@pytest.mark.parametrize("limit", [10**6, 1])
def test_a_later_pass_and_a_large_corpus_remember_too(tmp_path, compared, monkeypatch, limit):
    """The decisions after each pass share a memory, wherever they are made."""
    monkeypatch.setattr(decide, "MAX_DOCUMENTS_ON_ONE_WORKER", limit)
    stages = "[deduplicate, {stage: site_boilerplate, pages: 2}, {stage: split, test: 0.3}]"
    built(tmp_path, stages=stages)
    assert sum(compared) > 0
    (memory,) = memories(tmp_path)
    compared.clear()
    built(tmp_path, "build/two", stages=stages)
    assert sum(compared) == 0
    assert memories(tmp_path) == [memory]


def damage(data: bytes) -> list[bytes]:
    """Return a file with a byte changed here and there, cut, extended, and replaced by others."""
    changed = [
        data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        for at in (0, 8, 20, len(data) // 2, len(data) - 80, len(data) - 2)
    ]
    shorter = [data[:size] for size in (0, 1, 15, 16, len(data) // 2, len(data) - 1)]
    other = storage.seal("0" * 32 + ".pairs", data[:-66])
    return [*changed, *shorter[:-1], data + b"\0", other, b"{}\n", bytes(400)]


def test_a_damaged_memory_is_an_empty_one(tmp_path, compared):
    """Whatever is wrong with the file, the build is the same, and writes it again."""
    expected = content(built(tmp_path))
    first = sum(compared)
    (path,) = memories(tmp_path)
    whole = path.read_bytes()
    for k, damaged in enumerate(damage(whole)):
        path.write_bytes(damaged)
        compared.clear()
        assert content(built(tmp_path, f"build/b{k}")) == expected
        assert sum(compared) == first
        assert path.read_bytes() == whole
    path.unlink()
    path.mkdir()
    assert content(built(tmp_path, "build/folder")) == expected


def test_similarities_of_other_shingles_or_other_code_are_not_used(tmp_path, compared, monkeypatch):
    """The words of a shingle and the code have files of their own."""
    built(tmp_path)
    built(tmp_path, stages="[{stage: deduplicate, words: 3}]")
    assert len(memories(tmp_path)) == 2
    compared.clear()
    with monkeypatch.context() as patch:
        patch.setattr(decide, "sources_hash", lambda: "other code")
        built(tmp_path, "build/two")
    assert sum(compared) > 0
    assert len(memories(tmp_path)) == 3


def test_a_forced_build_and_one_without_cache_remember_nothing(tmp_path, compared):
    """`--force` compares everything and replaces the memory; `cache: false` leaves it alone."""
    built(tmp_path)
    first = sum(compared)
    (path,) = memories(tmp_path)
    before, inode = path.read_bytes(), path.stat().st_ino
    compared.clear()
    built(tmp_path, "build/two", more="cache: false\n")
    assert sum(compared) == first
    assert path.stat().st_ino == inode
    compared.clear()
    built(tmp_path, force=True)
    assert sum(compared) == first
    assert memories(tmp_path) == [path]
    assert path.stat().st_ino != inode
    assert path.read_bytes() == before
    built(tmp_path / "none", more="cache: false\n")
    assert memories(tmp_path / "none") == []


def test_a_memory_is_a_result_of_its_builds(tmp_path):
    """It is listed, kept while a build has used it, and deleted with the others."""
    built(tmp_path)
    cache = tmp_path / "build" / ".corpus-cache"
    (path,) = memories(tmp_path)
    found = {result.name: result for result in result_cache.results(cache)}
    assert found[path.name].bytes == path.stat().st_size
    assert "one: 3 results" in listing(cache)
    result_cache.clear(cache, only_unused=True)
    assert path.exists()
    built(tmp_path, files=(rows(8),), more="cache_size: 1kB\n")
    assert path.exists()  # this build has used it as well
    built(tmp_path, stages="[language]", more="cache_size: 1kB\n")
    assert not path.exists()
    built(tmp_path)
    assert "deleted" in cleared(cache, only_unused=False)
    assert memories(tmp_path) == []


def test_what_a_killed_build_left_half_written_is_deleted(tmp_path):
    """The file appears under its name once it is complete; its beginning has another name."""
    cache = tmp_path / "build" / ".corpus-cache"
    cache.mkdir(parents=True)
    half = cache / f".{'0' * 32}.pairs.77.half"
    half.write_bytes(b"half")
    built(tmp_path)
    assert not half.exists()


def test_a_full_disk_costs_only_the_memory(tmp_path, monkeypatch):
    """A build that cannot write it is complete, and the next one compares again."""
    real = storage.write

    def full(path, data):
        if path.suffix == ".pairs":
            raise OSError(28, "No space left on device")
        real(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "write", full)
        made = built(tmp_path)
    assert made.manifest["counts"]["kept"] > 0
    assert memories(tmp_path) == []
    built(tmp_path, "build/two")
    assert len(memories(tmp_path)) == 1


def test_few_pairs_are_not_worth_a_file(tmp_path, monkeypatch):
    """A small build writes no file that takes longer than comparing again."""
    monkeypatch.setattr(remembered_pairs, "MIN_PAIRS", 10**6)
    built(tmp_path)
    assert memories(tmp_path) == []
