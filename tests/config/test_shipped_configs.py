"""Each config in `configs/` is valid, says what it is for, and builds a corpus."""

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
WITH_OWN_INPUTS = sorted({path.stem for path in CONFIGS} - {"quickstart"})
"""Configs that read the user's data; the quickstart has its own tests."""


def test_the_named_configs_exist() -> None:
    """Every config that the README names exists."""
    named = {"quickstart", "minimal", "news", "warc", "huggingface"}
    assert named <= {path.stem for path in CONFIGS}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_config_is_valid(path: Path) -> None:
    """Each config loads without mistakes and ends with a split."""
    config = load_config(path)
    assert config.stages[-1].stage == "split"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_config_starts_with_its_purpose(path: Path) -> None:
    """The first line of a config is a comment that says what it is for."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert len(first) > 40


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_config_builds_into_the_build_folder(path: Path) -> None:
    """The output is in the `build` folder of the checkout, which git ignores."""
    target = load_config(path).destination.resolve()
    assert target.parent == FOLDER.parent / "build"


def _archive(path: Path) -> Path:
    """Write the HTML pages of the quickstart as a WARC file, one gzip member for each response."""
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
    """Save a data set of four texts, two of which are near duplicates."""
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
    """Return the inputs that replace the user's data in a config."""
    match name:
        case "news":
            return [PAGES / "brackenholt-post/*.txt", PAGES / "highmoss-observer/*.html"]
        case "warc":
            return [_archive(folder / "crawl.warc.gz")]
        case "huggingface":
            return [_saved(folder / "saved")]
    return [PAGES / "echo-de-saint-orvin"]


@pytest.mark.parametrize("name", WITH_OWN_INPUTS)
def test_a_shipped_config_builds(name: str, tmp_path: Path) -> None:
    """With other input paths, each config builds a corpus that verifies."""
    inputs = _inputs(name, tmp_path)
    paths = [f"sources.{i}.path={path}" for i, path in enumerate(inputs)]
    target = tmp_path / "build"
    config = load_config(FOLDER / f"{name}.yaml", [*paths, f"output.path={target}"])
    assert len(config.sources) == len(inputs)
    built = corpus.build(config, engine=Serial())
    assert built.manifest["counts"]["kept"] >= 3
    assert built.manifest["counts"]["rejected"] == 0
    assert corpus.verify(target).differences == ()
