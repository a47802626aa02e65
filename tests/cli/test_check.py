"""`corpus check`: what a build would do, found out without doing it."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from pathlib import Path

import pytest

from corpus.cli.check import plan, recall_lines
from corpus.config.load import load_config
from corpus.errors import InputError
from corpus.pipeline.prepare_workers import INPUT_BYTES_PER_WORKER
from corpus.similarity.bands import comparison_recall
from corpus.stages.clean import Clean
from corpus.stages.deduplicate import Deduplicate
from corpus.stages.split import Split


@pytest.fixture
def project(tmp_path) -> Path:
    """Return a folder with a few files to read and a config."""
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        (tmp_path / "in" / f"{name}.txt").write_text("Some page.\n" * 100, encoding="utf-8")
    (tmp_path / "in" / "wire.jsonl").write_text('{"text": "x"}\n', encoding="utf-8")
    (tmp_path / "news.yaml").write_text(
        "name: news\nsources: [{path: in/*.txt}, {path: in/*.jsonl}]\ncard: {license: cc0-1.0}\n",
        encoding="utf-8",
    )
    return tmp_path


def planned(project: Path, *overrides: str, jobs: int | None = None):
    """Return the plan of the project's config."""
    return plan(load_config(project / "news.yaml", overrides), jobs=jobs)


def test_the_plan_says_what_is_read_and_done(project):
    """Files and bytes by source, passes in order, and what it takes."""
    found = planned(project)
    lines = str(found).splitlines()

    assert lines[0] == f"news, into {project}/build/news"
    assert "  in/*.txt: 2 files, 2.2 kB, text (page)" in lines
    assert "  in/*.jsonl: 1 file, 14 bytes, jsonl (text)" in lines
    assert "  pass 1   read · clean" in lines
    assert "  decide   site_boilerplate" in lines
    assert "  pass 2   apply decisions · language" in lines
    assert "  decide   deduplicate · split" in lines
    assert any(line.startswith("  1 worker, about ") for line in lines)
    assert found.problems == ()
    assert "look at" not in lines
    assert not (project / "build").exists()


def test_a_stage_behind_a_decision_takes_another_pass(project):
    """A document stage that follows a decision on the corpus needs its own pass."""
    lines = str(planned(project, "stages=[deduplicate, clean, split]")).splitlines()

    assert lines[lines.index("does") + 1 : lines.index("does") + 6] == [
        "  pass 1   read",
        "  decide   deduplicate",
        "  pass 2   apply decisions · clean",
        "  decide   split",
        "  write    apply · shards · ledgers · audit · card",
    ]


@pytest.mark.parametrize(
    ("stage", "threshold"),
    [(Deduplicate(), 0.8), (Deduplicate(threshold=0.9), 0.9), (Split(), 0.5)],
)
def test_the_recall_told_is_that_of_what_is_compared(stage, threshold):
    """Nobody has to believe a threshold: the curve of the bands and the filter is printed."""
    bands, rows = stage.bands
    told = " ".join(recall_lines(stage))

    assert f"{bands} bands of {rows} hashes" in told
    for jaccard in (0.5, 0.8):
        share = Decimal(comparison_recall(jaccard, stage.bands, hashes=128, threshold=threshold))
        assert f"{share.quantize(Decimal('0.0001'), ROUND_DOWN)} at {jaccard}" in told


@pytest.mark.parametrize("stage", [Clean(), Split(leakage_threshold=None), Split(test=0.0)])
def test_a_stage_that_compares_nothing_has_no_recall(stage):
    """No bands, no curve."""
    assert recall_lines(stage) == []


def test_workers_are_as_many_as_the_input_is_worth(project):
    """A worker for each 32 MB at the most, and never more than were asked for."""
    big = project / "in" / "big.txt"
    with big.open("wb") as out:
        out.truncate(3 * INPUT_BYTES_PER_WORKER)  # a hole: nothing is written

    assert planned(project, jobs=8).workers == 4
    assert planned(project, jobs=2).workers == 2
    big.unlink()
    assert planned(project, jobs=8).workers == 1


def test_more_to_read_takes_longer(project):
    """The estimate grows with the input, and falls with the workers."""
    small = planned(project).seconds
    with (project / "in" / "big.txt").open("wb") as out:
        out.truncate(8 * INPUT_BYTES_PER_WORKER)

    assert small < planned(project, jobs=2).seconds < planned(project, jobs=1).seconds


def test_a_packed_file_counts_for_what_is_in_it(project):
    """What is compressed is more than it seems."""
    before = planned(project).text_bytes
    (project / "in" / "wire.jsonl.gz").write_bytes(b"x" * 1000)
    found = planned(project, "sources.1.path=in/wire*")

    assert found.text_bytes == before + 3000


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["sources=[{path: in/*.txt}, {path: in/a.*}]"], "1 file in two sources"),
        (["stages=[clean]"], "no stage 'split': all documents will be in train"),
        (["stages=[clean]"], "no stage compares documents: duplicates will be kept"),
        (["card.license="], "card.license is not set"),
        (["output.path=in/out", "sources.0.path=in/**/*.txt"], "1 file of the build in in/out"),
    ],
)
def test_what_may_not_be_meant_is_pointed_at(project, overrides, said):
    """A plan names what is probably a mistake, though it could be built."""
    (project / "in" / "out").mkdir()
    (project / "in" / "out" / "c.txt").write_text("x", encoding="utf-8")

    assert any(said in problem for problem in planned(project, *overrides).problems)


def test_files_without_a_byte_are_named(project):
    """An empty file is no mistake, and no document."""
    (project / "in" / "empty.txt").touch()

    assert planned(project).problems == ("1 empty file, the first is empty.txt",)


def test_nothing_to_read_is_an_error(project):
    """A source that matches nothing is a mistake, not an empty corpus."""
    with pytest.raises(InputError, match=r"no\*\.txt"):
        planned(project, "sources.0.path=in/no*.txt")
