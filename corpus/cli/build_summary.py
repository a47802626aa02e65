"""Print what a build contains: where every document is, and what to do next."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.builds.summary import (
    Row,
    describe_skipped,
    notices,
    rows_of,
    skipped_files,
    skipped_records,
)
from corpus.sources.files.skipped import describe_kinds
from corpus.terminal import safe, width

if TYPE_CHECKING:
    from corpus.card.settings import Card
    from corpus.pipeline.result import Build

LINE_WIDTH = 84


def as_dict(build: Build) -> dict[str, Any]:
    """Return what `corpus build --json` prints."""
    manifest = build.manifest
    return (
        {"path": str(build.path), "unchanged": build.unchanged}
        | {key: manifest[key] for key in ("name", "identity", "counts", "funnel", "splits")}
        | {"skipped": skipped_records(manifest), "skipped_files": skipped_files(manifest)}
    )


def summary(build: Build, card: Card) -> str:
    """Return how many documents were read, removed (by stage and reason) and kept (by split)."""
    place = _relative(build.path)
    state = "unchanged, nothing to do" if build.unchanged else "built"
    lines = [f"{place}: {state}", "", *_table(rows_of(build.manifest)), ""]
    if skipped := skipped_records(build.manifest):
        lines += [
            f"  skipped because they are not documents: {safe(describe_skipped(skipped))}",
            "",
        ]
    if files := skipped_files(build.manifest):
        described = safe(describe_kinds(files))
        lines += [*_wrapped("skipped", f"files that are not read: {described}"), ""]
    for subject, text in notices(build.manifest):
        lines += [*_wrapped(subject, safe(text)), ""]
    return "\n".join([*lines, *_next_steps(place, card)])


def _table(rows: Sequence[Row]) -> list[str]:
    """Return one line for each row, columns aligned: names left, numbers right."""
    cells = [(safe(r.stage), safe(r.reason), f"{r.documents:,}", safe(r.files)) for r in rows]
    widths = [max(width(row[i]) for row in cells) for i in range(3)]
    lines = (
        (_padded(stage, widths[0]), _padded(reason, widths[1]), f"{n:>{widths[2]}}", files)
        for stage, reason, n, files in cells
    )
    return ["  " + "  ".join(line).rstrip() for line in lines]


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def _relative(path: Path) -> str:
    """Return a path as one would type it here: relative if it is below the working directory."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _next_steps(place: str, card: Card) -> Iterator[str]:
    from corpus.card.write import missing

    yield f"load     datasets.load_dataset({place!r})"
    yield f"read     {place}/audit/index.html"
    names = [line.partition(":")[0] for line in missing(card)]
    if names:
        text = f"{', '.join(names)} (optional; shown on the dataset card)"
        yield from _wrapped("not set", text)


def _wrapped(subject: str, text: str) -> Iterator[str]:
    """Yield the lines of a text, indented behind its subject."""
    for i, line in enumerate(textwrap.wrap(text, LINE_WIDTH, break_on_hyphens=False)):
        yield f"{subject if i == 0 else '':9}{line}"
