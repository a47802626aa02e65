"""Tests of `corpus check`: the plan of a build, and its warnings."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from pathlib import Path

import pytest

from corpus.cli.check import plan
from corpus.cli.recall import recall_lines
from corpus.config.load import load_config
from corpus.errors import InputError
from corpus.pipeline.prepare_workers import INPUT_BYTES_PER_WORKER
from corpus.similarity.bands import comparison_recall
from corpus.stages.clean import Clean
from corpus.stages.deduplicate import Deduplicate
from corpus.stages.split import Split


@pytest.fixture
def project(tmp_path) -> Path:
    """Return a folder with three files to read and a config."""
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


def test_the_plan_lists_sources_passes_and_resources(project):
    """The plan has files and bytes by source, the passes in order, and the number of workers."""
    project_plan = planned(project)
    lines = str(project_plan).splitlines()

    assert lines[0] == f"news, into {project}/build/news"
    assert "  in/*.txt: 2 files, 2.2 kB, text (page)" in lines
    assert "  in/*.jsonl: 1 file, 14 bytes, jsonl (text)" in lines
    assert "  pass 1   read · clean" in lines
    assert "  decide   site_boilerplate" in lines
    assert "  pass 2   apply decisions" in lines
    assert "  decide   language · deduplicate · split" in lines
    assert any(line.startswith("  1 worker, about ") for line in lines)
    assert project_plan.warnings == ()
    assert "look at" not in lines
    assert not (project / "build").exists()


def test_a_document_stage_after_a_corpus_stage_needs_another_pass(project):
    """A document stage that follows a decision on the corpus has its own pass."""
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
def test_the_plan_has_the_recall_of_each_comparison(stage, threshold):
    """The printed recall is that of the bands and of the filter after them."""
    bands, rows = stage.bands
    output = " ".join(recall_lines(stage))

    assert f"{bands} bands of {rows} hashes" in output
    for jaccard in (0.5, 0.8):
        share = Decimal(comparison_recall(jaccard, stage.bands, hashes=128, threshold=threshold))
        assert f"{share.quantize(Decimal('0.0001'), ROUND_DOWN)} at {jaccard}" in output


@pytest.mark.parametrize("stage", [Clean(), Split(leakage_threshold=None), Split(test=0.0)])
def test_a_stage_that_compares_nothing_has_no_recall(stage):
    """A stage without bands has no line about recall."""
    assert recall_lines(stage) == []


def test_the_number_of_workers_depends_on_the_input(project):
    """There is at most one worker for each 32 MB, and at most `jobs` workers."""
    big = project / "in" / "big.txt"
    with big.open("wb") as out:
        out.truncate(3 * INPUT_BYTES_PER_WORKER)  # a hole: nothing is written

    assert planned(project, jobs=8).workers == 4
    assert planned(project, jobs=2).workers == 2
    big.unlink()
    assert planned(project, jobs=8).workers == 1


def test_the_estimated_time_grows_with_the_input(project):
    """The estimate grows with the input, and falls with the number of workers."""
    small = planned(project).seconds
    with (project / "in" / "big.txt").open("wb") as out:
        out.truncate(8 * INPUT_BYTES_PER_WORKER)

    assert small < planned(project, jobs=2).seconds < planned(project, jobs=1).seconds


def test_a_compressed_file_counts_with_its_estimated_text(project):
    """The text of a compressed file is estimated as three times its size."""
    before = planned(project).text_bytes
    (project / "in" / "wire.jsonl.gz").write_bytes(b"x" * 1000)
    project_plan = planned(project, "sources.1.path=in/wire*")

    assert project_plan.text_bytes == before + 3000


@pytest.mark.parametrize(
    ("overrides", "warning"),
    [
        (["sources=[{path: in/*.txt}, {path: in/a.*}]"], "1 file in two sources"),
        (["stages=[clean]"], "no stage 'split': all documents will be in train"),
        (["stages=[clean]"], "no stage compares documents: duplicates will be kept"),
        (["card.license="], "card.license is not set"),
        (["output.path=in/out", "sources.0.path=in/**/*.txt"], "1 file of the build in in/out"),
    ],
)
def test_probable_mistakes_are_warned_about(project, overrides, warning):
    """The plan warns of settings that are valid but probably a mistake."""
    (project / "in" / "out").mkdir()
    (project / "in" / "out" / "c.txt").write_text("x", encoding="utf-8")

    assert any(warning in text for text in planned(project, *overrides).warnings)


def test_empty_files_are_listed(project):
    """An empty file is a warning, not an error."""
    (project / "in" / "empty.txt").touch()

    assert planned(project).warnings == ("1 empty file, the first is empty.txt",)


def test_nothing_to_read_is_an_error(project):
    """A source that matches nothing is an error, not an empty corpus."""
    with pytest.raises(InputError, match=r"no\*\.txt"):
        planned(project, "sources.0.path=in/no*.txt")
