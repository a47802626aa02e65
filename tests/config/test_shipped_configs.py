"""The ready configs in `configs/`: each is valid, says what it is for, and builds what it says."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from datasets import Dataset

import corpus
from corpus.config.load import load_config
from corpus.pipeline.engine import Serial

FOLDER = Path(__file__).parents[2] / "configs"
PAGES = FOLDER / "quickstart" / "pages"
CONFIGS = sorted(FOLDER.glob("*.yaml"))
ELSEWHERE = sorted({path.stem for path in CONFIGS} - {"quickstart"})
"""Those that read data of the user's; the quickstart has a test of its own."""


def test_there_are_configs_to_start_from() -> None:
    """The configs that the README names are all there."""
    named = {"quickstart", "minimal", "news", "warc", "huggingface"}
    assert named <= {path.stem for path in CONFIGS}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_ready_config_is_valid(path: Path) -> None:
    """Every ready config loads without a mistake, and its stages end with a split."""
    config = load_config(path)
    assert config.stages[-1].stage == "split"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_ready_config_opens_with_what_it_is_for(path: Path) -> None:
    """The first line of a ready config is a comment that a newcomer can choose by."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert len(first) > 40


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_ready_config_builds_outside_of_the_configs(path: Path) -> None:
    """What is built goes to the `build` folder of the checkout, which git ignores."""
    target = load_config(path).destination.resolve()
    assert target.parent == FOLDER.parent / "build"


def _archive(path: Path) -> Path:
    """Write the HTML pages of the quickstart as an archive of responses, a gzip member each."""
    members = []
    for page in sorted(PAGES.glob("**/*.html")):
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        answer += page.read_bytes()
        head = (
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2025-06-20T08:00:00Z\r\n"
            f"WARC-Target-URI: https://example.org/{page.name}\r\n"
            "Content-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(answer)}\r\n\r\n"
        )
        members.append(gzip.compress(head.encode() + answer + b"\r\n\r\n", mtime=0))
    path.write_bytes(b"".join(members))
    return path


def _saved(path: Path) -> Path:
    """Save a data set of four texts, two of them the same but for a word."""
    story = (
        "The ferry came in at nine with a piano on deck and nobody to play it until the cook did"
    )
    texts = [
        f"{story}, and then it left again with an hour's delay.",
        f"{story}, and then it left again with an hour's delay. Really.",
        "Snow closed the pass for a week, and the post went by the tunnel that nobody likes.",
        "Der Markt zieht um, weil der Platz saniert wird; die Händler sind geteilter Ansicht.",
    ]
    Dataset.from_dict({"text": texts, "stars": [1, 2, 3, 4]}).save_to_disk(path)
    return path


def _inputs(name: str, folder: Path) -> list[Path]:
    """Return what the sources of a ready config are to read instead of the user's own data."""
    match name:
        case "news":
            return [PAGES / "brackenholt-post/*.txt", PAGES / "highmoss-observer/*.html"]
        case "warc":
            return [_archive(folder / "crawl.warc.gz")]
        case "huggingface":
            return [_saved(folder / "saved")]
    return [PAGES / "echo-de-saint-orvin"]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_ready_config_builds(name: str, tmp_path: Path) -> None:
    """With paths of one's own in it, every ready config makes a corpus that verifies."""
    inputs = _inputs(name, tmp_path)
    paths = [f"sources.{i}.path={path}" for i, path in enumerate(inputs)]
    target = tmp_path / "build"
    config = load_config(FOLDER / f"{name}.yaml", [*paths, f"output.path={target}"])
    assert len(config.sources) == len(inputs)
    built = corpus.build(config, engine=Serial())
    assert built.manifest["counts"]["kept"] >= 3
    assert built.manifest["counts"]["rejected"] == 0
    assert corpus.verify(target).differences == ()
