"""Each odd page of the quickstart is treated as `configs/quickstart/README.md` says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import corpus
from corpus.pipeline.engine import Serial

FOLDER = Path(__file__).parents[1] / "configs"
WIRE = "wire.jsonl"


@dataclass(frozen=True)
class Built:
    """The outcome of each page of the quickstart; a page of the wire is `wire.jsonl` and its id."""

    kept: dict[str, dict[str, Any]]
    removed: dict[str, dict[str, Any]]
    rejected: set[str]


def _page(row: dict[str, Any]) -> str:
    return f"{WIRE} {row['id']}" if row["source"] == WIRE else row["source"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the quickstart in a temporary folder."""
    target = tmp_path_factory.mktemp("quickstart") / "build"
    config = corpus.load_config(FOLDER / "quickstart.yaml", [f"output.path={target}"])
    corpus.build(config, engine=Serial())
    kept = {
        _page(row): row | {"split": path.name.split("-")[0]}
        for path in sorted(target.glob("data/**/*.parquet"))
        for row in pq.read_table(path).to_pylist()
    }
    removed = pq.read_table(target / "ledger" / "removed.parquet").to_pylist()
    rejected = pq.read_table(target / "ledger" / "rejected.parquet").to_pylist()
    lines = {True: " line {record}", False: ""}
    return Built(
        kept,
        {_page(row): row for row in removed},
        {row["source"] + lines[row["source"] == WIRE].format(**row) for row in rejected},
    )


def _table(title: str) -> list[list[str]]:
    """Return the cells of the table under a heading of the README, without header and backticks."""
    text = (FOLDER / "quickstart" / "README.md").read_text(encoding="utf-8")
    section = text.split(f"## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*) \|$", section, re.MULTILINE)
    return [[cell.strip().strip("`") for cell in row.split(" |")] for row in rows]


PAIRS = [(row[0], row[1], row[3]) for row in _table("Duplicates")]
REMOVED = [(row[0], row[2]) for row in _table("Removed pages")]
REJECTED = [row[0] for row in _table("Unreadable records")]
ODD_BUT_KEPT = [(row[0], row[2]) for row in _table("Odd pages that are kept")]
METADATA = [(row[0], row[2:5]) for row in _table("Metadata")]
FOLLOW_UPS = [(row[0], row[1]) for row in _table("Follow-ups")]


@pytest.mark.parametrize(("page", "other", "reason"), PAIRS)
def test_one_of_two_duplicates_is_removed(built: Built, page: str, other: str, reason: str) -> None:
    """One of two duplicates is removed, with the other as evidence."""
    [removed] = {page, other} & set(built.removed)
    [kept] = {page, other} & set(built.kept)
    row = built.removed[removed]
    assert (row["stage"], row["reason"]) == ("deduplicate", reason)
    assert row["evidence"] == built.kept[kept]["id"]
    assert row["score"] == 1 if reason == "exact_duplicate" else 0.8 <= row["score"] <= 1


@pytest.mark.parametrize(("page", "stage_and_reason"), REMOVED)
def test_a_page_is_removed_for_the_listed_reason(
    built: Built, page: str, stage_and_reason: str
) -> None:
    """A page listed as removed is removed by the listed stage for the listed reason."""
    row = built.removed[page]
    assert f"{row['stage']}: {row['reason']}" == stage_and_reason


def test_nothing_else_is_removed(built: Built) -> None:
    """Every other removed page is a leak among the follow-ups."""
    listed = {page for page, _ in REMOVED} | {page for pair in PAIRS for page in pair[:2]}
    leaks = {page for pair in FOLLOW_UPS for page in pair}
    others = {page: row for page, row in built.removed.items() if page not in listed}
    assert {(row["stage"], row["reason"]) for row in others.values()} <= {("split", "leak")}
    assert set(others) <= leaks


def test_only_the_listed_records_are_rejected(built: Built) -> None:
    """The ledger of rejects has exactly the records listed as damaged."""
    assert sorted(built.rejected) == sorted(REJECTED)


@pytest.mark.parametrize(("page", "words"), ODD_BUT_KEPT)
def test_an_odd_page_is_kept_and_repaired(built: Built, page: str, words: str) -> None:
    """An odd page is kept, and its text contains the repaired passage."""
    assert words in built.kept[page]["text"]


@pytest.mark.parametrize(("page", "expected"), METADATA)
def test_the_metadata_of_an_odd_page_is_extracted(
    built: Built, page: str, expected: list[str]
) -> None:
    """Title, author and publisher of an odd page are the listed ones; `-` means null."""
    row = built.kept[page]
    assert [row[name] or "-" for name in ("title", "author", "publisher")] == expected


def test_every_kept_language_occurs(built: Built) -> None:
    """The quickstart has documents in every language that its config keeps."""
    config = corpus.load_config(FOLDER / "quickstart.yaml")
    [keep] = [stage.keep for stage in config.stages if stage.stage == "language"]
    assert {row["language"] for row in built.kept.values()} == set(keep)


@pytest.mark.parametrize(("story", "sequel"), FOLLOW_UPS)
def test_a_story_and_its_sequel_are_not_in_different_splits(
    built: Built, story: str, sequel: str
) -> None:
    """A story and its sequel are in one split, or the one in train is removed as a leak."""
    splits = {page: built.kept[page]["split"] for page in (story, sequel) if page in built.kept}
    assert splits, "both were removed"
    if len(splits) == 2:
        assert len(set(splits.values())) == 1
    else:
        removed = built.removed[sequel if story in splits else story]
        assert (removed["reason"], set(splits.values())) == ("leak", {"test"})
        assert 0.5 <= removed["score"] < 0.8


def test_the_readme_explains_a_removed_page(built: Built) -> None:
    """The id in the README's example of `corpus explain` is that of a removed page."""
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    [id_prefix] = re.findall(r"corpus explain build/quickstart (\w{6,})", readme)
    pages = [page for page, row in built.removed.items() if row["id"].startswith(id_prefix)]
    assert pages == ["brackenholt-post/kittiwake.txt"]
