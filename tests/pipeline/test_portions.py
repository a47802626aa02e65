"""Portions: where a document is in a corpus, and that new files leave the others where they are."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import corpus
from corpus.documents import KEY, PORTION, SOURCE
from corpus.errors import ConfigError
from corpus.pipeline import portions, sharding, shards
from corpus.pipeline.build import build as build_with
from corpus.pipeline.engine import Serial
from corpus.pipeline.portions import END, aligned_ranges, portions_of, rows_in_range, with_portions
from corpus.sources import splitting

LAST = (1 << 64) - 1


def key(head):
    """Return a key whose first 64 bits are this number."""
    return head.to_bytes(8, "big") + bytes(8)


def documents(*rows):
    """Return documents with these heads of keys and names of files."""
    heads, names = zip(*rows, strict=True)
    return pa.record_batch(
        {
            KEY: pa.array([key(head) for head in heads], pa.binary(16)),
            SOURCE: pa.array(names, pa.string()),
        }
    )


@given(
    st.lists(st.tuples(st.integers(0, LAST), st.sampled_from("abc")), min_size=1, max_size=20),
    st.data(),
)
def test_the_portion_of_a_document_depends_on_its_file_and_its_key(rows, data):
    """Not on the documents beside it, nor on their order."""
    sizes = {"a": 0, "b": portions.PORTION_BYTES, "c": 7 * portions.PORTION_BYTES}
    all_at_once = portions_of(with_portions(documents(*rows), sizes)).tolist()
    alone = [portions_of(with_portions(documents(row), sizes))[0] for row in rows]
    assert all_at_once == alone
    order = data.draw(st.permutations(range(len(rows))))
    mixed = with_portions(documents(*(rows[i] for i in order)), sizes)
    assert portions_of(mixed).tolist() == [all_at_once[i] for i in order]


@pytest.mark.parametrize(
    ("size", "expected"), [(0, 1), (1, 1), (4 << 20, 1), ((4 << 20) + 1, 2), (100 << 20, 25)]
)
def test_a_file_has_a_portion_for_each_four_megabytes(size, expected):
    """They have about equal shares of its keys, and those of two files differ."""
    heads = np.linspace(0, LAST - 2000, 10_000, dtype=np.float64).astype(np.uint64).tolist()
    found = portions_of(with_portions(documents(*((h, "a") for h in heads)), {"a": size}))
    counts = np.unique(found, return_counts=True)[1]
    assert len(counts) == expected
    assert counts.max() - counts.min() <= 2
    other = portions_of(with_portions(documents(*((h, "b") for h in heads)), {"b": size}))
    assert not set(found.tolist()) & set(other.tolist())


def test_rows_without_portions_are_all_in_one():
    """As those of a table that was never read from a file."""
    assert portions_of(documents((1, "a"), (2, "a"))).tolist() == [0, 0]
    missing = pa.record_batch({PORTION: pa.array([None, 3], pa.uint64())})
    assert portions_of(missing).tolist() == [0, 3]


places = st.tuples(st.sampled_from([0, 5, LAST]), st.sampled_from([0, 1, 9, LAST]))


@given(st.lists(places), places, places)
def test_a_range_of_places_includes_its_first_place_and_not_its_end(rows, low, high):
    """Every row is in exactly one of neighbouring ranges, the last place included."""
    rows = sorted(rows)
    numbers = np.array([portion for portion, _ in rows], np.uint64)
    keys = pa.array([key(head) for _, head in rows], pa.binary(16))
    low, high = sorted(portion << 64 | head for portion, head in (low, high))
    bounds = [rows_in_range(numbers, keys, *pair) for pair in ((0, low), (low, high), (high, END))]
    assert [first for first, _ in bounds] == [0, *(last for _, last in bounds[:-1])]
    assert bounds[-1][1] == len(rows)
    inside = [row for row in rows if low <= row[0] << 64 | row[1] < high]
    assert rows[slice(*bounds[1])] == inside


def test_parts_at_one_place_are_not_divided():
    """They are one range, however large; a range without documents is left out."""
    ranges = aligned_ranges([7, 7, 7, 1 << 127], np.array([9] * 4), np.array([1, 1, 1, 0]), 10)
    assert list(ranges) == [(7, 0, 3)]


def story(name, k):
    """Return a document that no other one is similar to."""
    words = " ".join(f"{name}{k}x{(k * 7 + j * j) % 97}y{j}" for j in range(60))
    return {"id": f"{name}-{k}", "text": words, "url": f"https://example.org/{name}/{k}"}


CONFIG = """
name: parts
sources: [{path: in/*.jsonl}]
stages: [deduplicate, {stage: split, test: 0.1}]
output: {path: build, shard_size: 20kB}
"""


def built(folder, files):
    """Return the build of these files; the cache of an earlier one is used."""
    (folder / "in").mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / "in" / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (folder / "parts.yaml").write_text(CONFIG, encoding="utf-8")
    return corpus.build(corpus.load_config(folder / "parts.yaml"), engine=Serial())


def published(build):
    """Return the bytes of every file of a build that may not differ between equal builds."""
    return {
        path.relative_to(build.path).as_posix(): path.read_bytes()
        for path in sorted(build.path.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


@pytest.fixture
def small_portions(monkeypatch):
    """Make portions and row groups small, so that a small corpus has many."""
    monkeypatch.setattr(portions, "PORTION_BYTES", 4000)
    monkeypatch.setattr(sharding, "ROW_GROUP_BYTES", 9000)
    monkeypatch.setattr(splitting, "MAX_GROUPED_BYTES", 0)  # as if the files were large
    portions._portions_of_file.cache_clear()
    yield
    portions._portions_of_file.cache_clear()


OLD = {"a": [story("a", k) for k in range(150)], "b": [story("b", k) for k in range(80)]}
NEW = {"c": [story("c", k) for k in range(4)] + [story("a", 3) | {"id": "copy"}]}


@pytest.mark.parametrize("grouped", [0, 1 << 18])
def test_a_new_file_changes_few_row_groups_and_the_result_is_that_of_a_fresh_build(
    tmp_path, monkeypatch, small_portions, grouped
):
    """Its own, and that of a document whose decision changed; all others are copied.

    Also if it is read in one group with the others, which are then read again.
    """
    monkeypatch.setattr(splitting, "MAX_GROUPED_BYTES", grouped)
    counted = []
    real = shards.write_row_groups

    def count(path, *arguments):
        counted.append(path)
        return real(path, *arguments)

    monkeypatch.setattr("corpus.pipeline.last_pass.write_row_groups", count)
    first = built(tmp_path / "one", OLD)
    n_first = len(counted)
    assert n_first > 10
    assert len(list((first.path / "data").glob("train*"))) > 3
    counted.clear()
    grown = built(tmp_path / "one", NEW)
    assert len(counted) < n_first / 3
    assert published(grown) == published(built(tmp_path / "two", OLD | NEW))
    assert corpus.verify(grown.path).differences == ()
    assert grown.manifest["counts"]["removed"] == 1


class Counting:
    """A progress that counts the documents of each phase."""

    def __init__(self):
        self.documents = {}
        self.phase = ""

    def start(self, phase, *, bytes):
        """Begin a phase."""
        self.phase = phase

    def advance(self, *, documents, bytes):
        """Count documents."""
        self.documents[self.phase] = self.documents.get(self.phase, 0) + documents

    def finish(self):
        """Do nothing."""


def test_the_progress_counts_every_document_that_is_written(tmp_path, small_portions):
    """Also those of a split whose row groups several partitions share."""
    built(tmp_path, OLD)
    config = corpus.load_config(tmp_path / "parts.yaml", ["seed=5"])
    progress = Counting()
    build = build_with(config, engine=Serial(), progress=progress)
    assert len(list((build.path / "data").glob("train*"))) > 3
    assert progress.documents["write"] == build.manifest["counts"]["kept"]


def test_a_file_that_is_taken_away_leaves_the_others_as_they_are(tmp_path, small_portions):
    """The result is that of a build that never saw it."""
    built(tmp_path / "one", OLD | NEW)
    (tmp_path / "one" / "in" / "c.jsonl").unlink()
    assert published(built(tmp_path / "one", {})) == published(built(tmp_path / "two", OLD))


def test_a_file_that_changes_while_the_last_pass_reads_it_leaves_no_result(tmp_path):
    """A stage reads words from a file in `apply`: what was made of others is never used."""
    (tmp_path / "words.txt").write_text("first")
    (tmp_path / "own.py").write_text(OWN_STAGE, encoding="utf-8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text(json.dumps(story("a", 1)) + "\n", encoding="utf-8")
    (tmp_path / "c.yaml").write_text(
        "name: c\nsources: [{path: in/*.jsonl}]\nstages: [{use: 'own:Ends'}]\n"
        "output: {path: build}\n",
        encoding="utf-8",
    )
    config = corpus.load_config(tmp_path / "c.yaml")
    (tmp_path / "change").touch()
    with pytest.raises(ConfigError, match="changed during the build"):
        corpus.build(config, engine=Serial())
    (tmp_path / "change").unlink()
    (tmp_path / "words.txt").write_text("first")
    (text,) = corpus.build(config, engine=Serial()).load()["train"]["text"]
    assert text.endswith("first")


OWN_STAGE = """
from pathlib import Path
from typing import ClassVar, Literal

import pyarrow as pa

from corpus.documents import TEXT, column
from corpus.stages import CorpusStage

HERE = Path(__file__).parent


class Ends(CorpusStage):
    stage: Literal["ends"] = "ends"
    reasons: ClassVar[dict[str, str]] = {"none": "it is never removed"}

    def files(self):
        return (str(HERE / "words.txt"),)

    def observes(self):
        return ()

    def decide(self, corpus):
        n = len(corpus.alive)
        none = pa.nulls(n, pa.string())
        return pa.record_batch(
            {"reason": none, "evidence": none, "score": pa.nulls(n, pa.float64())}
        )

    def apply(self, documents, decisions):
        if (HERE / "change").exists():
            (HERE / "words.txt").write_text("second")
        end = (HERE / "words.txt").read_text()
        texts = [f"{text} {end}" for text in documents.column(TEXT).to_pylist()]
        return column(documents, TEXT, texts, pa.large_string())
"""


def test_equal_records_of_two_files_of_one_name_are_in_one_portion(tmp_path, small_portions):
    """However large each file is: their rows of the ledger are numbered one after the other."""
    same = [{"text": f"Short {k}."} for k in range(30)]
    more = [{"text": story("m", k)["text"]} for k in range(40)]
    sources = []
    for folder, rows in (("a", same), ("b", same + more)):
        (tmp_path / folder).mkdir()
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / folder / "x.jsonl").write_text(lines, encoding="utf-8")
        sources.append({"path": f"{folder}/x.jsonl"})
    config = {
        "name": "c",
        "sources": sources,
        "stages": [{"stage": "filter", "words": {"min": 5}}],
        "output": {"path": str(tmp_path / "build"), "shard_size": 9000},
    }
    (tmp_path / "c.yaml").write_text(json.dumps(config), encoding="utf-8")
    build = corpus.build(corpus.load_config(tmp_path / "c.yaml"), engine=Serial())
    ids = pq.read_table(build.path / "ledger" / "removed.parquet")["id"].to_pylist()
    assert len(ids) == 60
    assert len(set(ids)) == 60
