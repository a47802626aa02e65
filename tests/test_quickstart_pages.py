"""The quickstart, built: of every odd page becomes what `configs/quickstart/README.md` says."""

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
    """The quickstart, and what was said of each page; a page of the wire is `wire.jsonl` and id."""

    kept: dict[str, dict[str, Any]]
    removed: dict[str, dict[str, Any]]
    rejected: set[str]


def _page(row: dict[str, Any]) -> str:
    return f"{WIRE} {row['id']}" if row["source"] == WIRE else row["source"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the quickstart somewhere else."""
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
    """Return the cells of the table under a heading of the README, without head and backticks."""
    text = (FOLDER / "quickstart" / "README.md").read_text(encoding="utf-8")
    section = text.split(f"## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*) \|$", section, re.MULTILINE)
    return [[cell.strip().strip("`") for cell in row.split(" |")] for row in rows]


PAIRS = [(row[0], row[1], row[3]) for row in _table("Duplicates")]
GOES = [(row[0], row[2]) for row in _table("Removed pages")]
REJECTED = [row[0] for row in _table("Unreadable records")]
STAYS = [(row[0], row[2]) for row in _table("Odd pages that are kept")]
SAID = [(row[0], row[2:5]) for row in _table("Metadata")]
FOLLOW_UPS = [(row[0], row[1]) for row in _table("Follow-ups")]


@pytest.mark.parametrize(("one", "other", "reason"), PAIRS)
def test_one_of_two_goes_in_favour_of_the_other(
    built: Built, one: str, other: str, reason: str
) -> None:
    """Of two pages that say the same one stays, and is the evidence against the other."""
    [gone] = {one, other} & set(built.removed)
    [kept] = {one, other} & set(built.kept)
    row = built.removed[gone]
    assert (row["stage"], row["reason"]) == ("deduplicate", reason)
    assert row["evidence"] == built.kept[kept]["id"]
    assert row["score"] == 1 if reason == "exact_duplicate" else 0.8 <= row["score"] <= 1


@pytest.mark.parametrize(("page", "fate"), GOES)
def test_a_page_goes_for_the_reason_that_is_told(built: Built, page: str, fate: str) -> None:
    """A page that is told to go is removed by that stage for that reason."""
    row = built.removed[page]
    assert f"{row['stage']}: {row['reason']}" == fate


def test_nothing_else_is_removed(built: Built) -> None:
    """Every other page that was removed is one of a story and its sequel, and a leak."""
    told = {page for page, _ in GOES} | {page for pair in PAIRS for page in pair[:2]}
    leaks = {page for pair in FOLLOW_UPS for page in pair}
    others = {page: row for page, row in built.removed.items() if page not in told}
    assert {(row["stage"], row["reason"]) for row in others.values()} <= {("split", "leak")}
    assert set(others) <= leaks


def test_what_is_rejected_is_what_is_told(built: Built) -> None:
    """The damaged records, and they alone, are in the ledger of rejects."""
    assert sorted(built.rejected) == sorted(REJECTED)


@pytest.mark.parametrize(("page", "words"), STAYS)
def test_an_odd_page_is_kept_and_mended(built: Built, page: str, words: str) -> None:
    """An odd page is in the corpus, and its text reads as it should."""
    assert words in built.kept[page]["text"]


@pytest.mark.parametrize(("page", "said"), SAID)
def test_a_page_is_described_as_it_describes_itself(
    built: Built, page: str, said: list[str]
) -> None:
    """Title, author and publisher are read off an odd page; `-` where it names none."""
    row = built.kept[page]
    assert [row[name] or "-" for name in ("title", "author", "publisher")] == said


def test_every_language_is_there(built: Built) -> None:
    """The quickstart shows all the languages that its config keeps."""
    config = corpus.load_config(FOLDER / "quickstart.yaml")
    [keep] = [stage.keep for stage in config.stages if stage.stage == "language"]
    assert {row["language"] for row in built.kept.values()} == set(keep)


@pytest.mark.parametrize(("story", "sequel"), FOLLOW_UPS)
def test_a_story_and_its_sequel_are_not_on_both_sides(
    built: Built, story: str, sequel: str
) -> None:
    """A story and its sequel are in one split, or the one in train is a leak."""
    splits = {page: built.kept[page]["split"] for page in (story, sequel) if page in built.kept}
    assert splits, "both are gone"
    if len(splits) == 2:
        assert len(set(splits.values())) == 1
    else:
        gone = built.removed[sequel if story in splits else story]
        assert (gone["reason"], set(splits.values())) == ("leak", {"test"})
        assert 0.5 <= gone["score"] < 0.8


def test_the_readme_explains_a_page_that_went(built: Built) -> None:
    """The id that the project's README tells people to ask about is that of a removed page."""
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    [named] = re.findall(r"corpus explain build/quickstart (\w{6,})", readme)
    found = [page for page, row in built.removed.items() if row["id"].startswith(named)]
    assert found == ["brackenholt-post/kittiwake.txt"]
