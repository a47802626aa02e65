"""Documents to train on: reports and advertisements, of several sites."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

NEUTRAL = ("the", "a", "of", "in", "to", "and", "for", "with", "on", "at", "by", "from", "as", "is")
REPORT = ("council", "committee", "budget", "harvest", "railway", "minister", "survey", "river")
ADVERT = ("buy", "now", "click", "discount", "subscribe", "offer", "cart", "deal")
SITES = tuple(f"site-{k}.example" for k in range(12))


def make_records(
    n: int, own: Sequence[str], *, sites: Sequence[str] = SITES, words: int = 40, **columns: Any
) -> list[dict[str, Any]]:
    """Return records of neutral words, a fifth of them of a class, with URLs of sites in turn."""
    chance = random.Random(f"{own} {sites}")
    return [
        {
            "text": " ".join(
                chance.choice(own if chance.random() < 0.2 else NEUTRAL) for _ in range(words)
            ),
            "url": f"https://www.{sites[k % len(sites)]}/{k}",
        }
        | columns
        for k in range(n)
    ]


@pytest.fixture
def records() -> Callable[..., list[dict[str, Any]]]:
    """Return a function that makes records: (number, words of the class)."""
    return make_records


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Sequence[dict[str, Any]]], str]:
    """Return a function that writes records into a file, and returns its path."""

    def write_records(name: str, rows: Sequence[dict[str, Any]]) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return str(path)

    return write_records
