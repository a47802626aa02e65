"""What a build says when it is done: where every document went, and what to do next."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.terminal import in_bytes, safe, width

if TYPE_CHECKING:
    from corpus.card.settings import Card
    from corpus.pipeline.build import Build


def as_dict(built: Build) -> dict[str, Any]:
    """Return what `corpus build --json` prints."""
    manifest = built.manifest
    return {"path": str(built.path), "unchanged": built.unchanged} | {
        key: manifest[key] for key in ("name", "identity", "counts", "funnel", "splits")
    }


def summary(built: Build, card: Card) -> str:
    """Return how many documents were read, removed, by stage and reason, and kept, by split."""
    counts = built.manifest["counts"]
    rows = [("read", "", counts["read"], "")]
    rows += [
        (f"  {told['stage']}", told["reason"], -told["documents"], "")
        for told in built.manifest["funnel"]
        if told["documents"]
    ]
    if counts["rejected"]:
        rows.append(("  rejected", "could not be read", -counts["rejected"], ""))
    for split, told in built.manifest["splits"].items():
        size, shards = in_bytes(told["bytes"]), len(told["shards"])
        files = f"{shards} file{'' if shards == 1 else 's'}, {size}"
        rows.append((split, "", told["documents"], files))
    place = _from_here(built.path)
    head = f"{place}: unchanged, nothing to do" if built.unchanged else f"{place}: built"
    return "\n".join([head, "", *_table(rows), "", *_next(built, card)])


def _table(rows: list[tuple[str, str, int, str]]) -> list[str]:
    """Return lines with the columns under each other: names left, numbers right."""
    texts = [(safe(a), safe(b), f"{n:,}", safe(d)) for a, b, n, d in rows]
    wide = [max(width(row[i]) for row in texts) for i in range(3)]
    return [
        f"  {_wide(a, wide[0])}  {_wide(b, wide[1])}  {n:>{wide[2]}}  {d}".rstrip()
        for a, b, n, d in texts
    ]


def _wide(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def _from_here(path: Path) -> str:
    """Return a path as one would type it here: relative to the working directory if below it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _next(built: Build, card: Card) -> list[str]:
    from corpus.card.write import missing

    wanting = [line.partition(":")[0] for line in missing(card)]
    place = _from_here(built.path)
    lines = [
        f"load it      datasets.load_dataset({place!r})",
        f"read it      {place}/audit/index.html",
    ]
    if wanting:
        told = textwrap.wrap(f"{', '.join(wanting)}: only you can say", 84, break_on_hyphens=False)
        lines += [f"{'still open' if i == 0 else '':13}{line}" for i, line in enumerate(told)]
    return lines
