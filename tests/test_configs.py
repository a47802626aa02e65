"""The ready configs in `configs/`: each is valid, says what it is for, and builds where it may."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.config import load_config

FOLDER = Path(__file__).parents[1] / "configs"
CONFIGS = sorted(FOLDER.glob("*.yaml"))


def test_there_are_configs_to_start_from() -> None:
    """The configs that the README names are all there."""
    assert {path.stem for path in CONFIGS} >= {
        "quickstart",
        "minimal",
        "news",
        "warc",
        "huggingface",
    }


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
