"""The differences between two builds as lines of text; outside text is made safe to print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.auditing.compare.types import Change, Changes, Differences, Why
from corpus.builds.manifest import PACKAGE_CODE
from corpus.terminal import format_value, safe

MAX_LISTED_NAMES = 4
MAX_NAME_CHARACTERS = 60
MAX_VALUE_CHARACTERS = 200
MAX_REASON_CHARACTERS = 200
MAX_COUNT_CHARACTERS = 44

CHANGES = {
    "came": "only in b",
    "went": "only in a",
    "changed": "with another text",
    "retagged": "with other values in other columns",
    "moved": "in another split",
}
LABELS = {"characters each": "characters per document", "in doubt": "doubtful language"}
"""How counts are labelled if not by their name."""

INPUTS = {"came": "only in b", "went": "only in a", "changed": "changed"}


def diff_lines(differences: Differences) -> Iterator[str]:
    """Yield the differences between two builds as lines."""
    for side, build in zip("ab", differences["builds"], strict=True):
        yield f"{side}  {safe(build['name'])}  {safe(build['identity'])[:12]}"
    yield from _code(differences)
    sections = {
        "settings": differences["settings"],
        "versions": differences["versions"],
        "columns": differences["columns"],
    }
    for heading, rows in sections.items():
        if rows:
            yield f"\n{heading}"
            for row in rows:
                yield f"  {safe(row['name'])}: {_value(row['a'])} -> {_value(row['b'])}"
    if differences["inputs"]:
        yield "\ninputs"
        for key, names in differences["inputs"].items():
            yield from _names(INPUTS[key], len(names), names)
    if sides := differences["unaudited"]:
        have = "have" if len(sides) > 1 else "has"
        yield (
            f"\n{' and '.join(sides)} {have} no audit: words, lengths and languages are not "
            "compared"
        )
    yield from _counts(differences)
    if lengths := differences["lengths"]:
        from corpus.auditing.summary import sparkline

        yield f"\nlengths in characters, from {lengths['edges'][0]:,} up"
        yield f"  a  {sparkline(lengths['a'])}"
        yield f"  b  {sparkline(lengths['b'])}"
    yield from _documents(differences["documents"])
    if differences["files"]:
        yield f"\nfiles that differ: {len(differences['files']):,}"


def _code(differences: Differences) -> Iterator[str]:
    """Yield the stages whose code changed."""
    rows = differences["code"]
    if names := [safe(row["name"]) for row in rows if row["name"] != PACKAGE_CODE]:
        yield f"\nchanged code\n  {', '.join(names)}"
    elif rows:
        yield "\nchanged code\n  in corpus, but neither in a stage nor in the readers"


def _counts(differences: Differences) -> Iterator[str]:
    """Yield the counts that differ, in aligned columns."""
    if rows := differences["counts"]:
        yield f"\n{'counts':46} {'a':>12} {'b':>12} {'b - a':>12}"
        for row in rows:
            a, b = row["a"] or 0, row["b"] or 0
            name = safe(LABELS.get(row["name"], row["name"]))
            name = name if len(name) <= MAX_COUNT_CHARACTERS else name[:43] + "…"
            yield f"  {name:44} {a:>12,} {b:>12,} {b - a:>+12,}"


def _value(value: Any) -> str:
    return format_value(value, max_characters=MAX_VALUE_CHARACTERS, expand=True)


def _documents(changes: Changes) -> Iterator[str]:
    """Yield the documents that differ, and why those of one build are not in the other."""
    listed: list[tuple[str, Change]] = [
        (key, changes[key])  # type: ignore[literal-required]
        for key in CHANGES
        if changes[key]["documents"]  # type: ignore[literal-required]
    ]
    yield "\ndocuments" if listed else "\nall documents are the same"
    for key, change in listed:
        yield from _names(CHANGES[key], change["documents"], change["ids"])
        other = "b" if key == "went" else "a"
        for why in change.get("why", ()):
            yield f"    {why['documents']:,} {safe(_reason(why, other))}"
        for move in change.get("ways", ()):
            yield f"    {move['documents']:,} {safe(move['from'])} -> {safe(move['to'])}"


def _reason(why: Why, build: str) -> str:
    """Return why documents are not in a build."""
    if why["stage"] is not None:
        return f"removed in {build} by {why['stage']}: {why['reason']}"
    if why["reason"] is not None:
        return f"could not be read in {build}: {why['reason'][:MAX_REASON_CHARACTERS]}"
    return f"not among the records of {build}"


def _names(heading: str, n: int, names: list[str]) -> Iterator[str]:
    """Yield how many there are, and the first few names."""
    if n:
        few = ", ".join(safe(name)[:MAX_NAME_CHARACTERS] for name in names[:MAX_LISTED_NAMES])
        yield f"  {n:,} {heading}: {few}{', ...' if n > MAX_LISTED_NAMES else ''}"
