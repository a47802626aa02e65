"""The language benchmark runs on any file of labelled texts."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_languages.py"


def test_benchmark_prints_a_row_for_each_kind(
    articles: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Accuracy, undetermined texts, calibration and speed are in one table."""
    lines = [
        json.dumps({"text": text, "lang": code, "kind": "article" if n % 2 else "other"})
        for n, (code, text) in enumerate(articles.items())
    ]
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), str(path), "--each", "20", "--only", "ensemble"])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    head, *rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert head[2:6] == ["known", "either", "wrong", "neither"]
    assert [row[:5] for row in rows[:2]] == [
        ["article", "ensemble", "1.0000", "1.0000", "0.0000"],
        ["other", "ensemble", "1.0000", "1.0000", "0.0000"],
    ]
    assert [row[:2] for row in rows[2:]] == [["warm", "load,"]] * 2
