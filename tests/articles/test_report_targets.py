"""A quality report names each target that it misses, and the command that printed it."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def report_targets(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the script that writes targets."""
    monkeypatch.syspath_prepend(SCRIPTS)
    return importlib.import_module("report_targets")


def test_a_missed_target_is_named_below_the_table(report_targets):
    """A figure below its minimum, as printed, is missed, and the report says by how much."""
    figures = {"news": 0.9148, "kinds": 0.8147, "articles": 0.9456}
    limits = {"news": (0.922, 0.935), "kinds": (0.815, 0.85), "articles": (0.93, 0.945)}
    targets = [report_targets.Target(name, figures[name], *limits[name]) for name in figures]
    lines = list(report_targets.target_table(targets))
    assert lines[2:5] == [
        "| news | 0.915 | 0.922 | 0.935 | **target missed** |",
        "| kinds | 0.815 | 0.815 | 0.850 | target reached, aim missed |",
        "| articles | 0.946 | 0.930 | 0.945 | aim reached |",
    ]
    assert lines[-1] == "Missed targets: news (by 0.007)."
    assert list(report_targets.target_table(targets[1:]))[-1] == "No target is missed."


def test_the_command_names_files_without_their_folders(report_targets, monkeypatch):
    """A report has no folder of the machine, only the report's own below the project."""
    arguments = [
        "/home/me/b.py",
        "/data/news.zst",
        "--wcxb",
        "/data/w.zst",
        "--report",
        "docs/a.md",
    ]
    monkeypatch.setattr("sys.argv", arguments)
    command = report_targets.command_line().strip()
    assert command == "python scripts/b.py news.zst --wcxb w.zst --report docs/a.md"
