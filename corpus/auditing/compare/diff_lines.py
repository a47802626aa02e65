"""The difference of two builds in lines for people; what is from outside is made safe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.builds.manifest import PACKAGE_CODE
from corpus.terminal import safe, shown

CHANGES = {
    "came": "came",
    "went": "went",
    "changed": "changed their text",
    "retagged": "changed other columns",
    "moved": "moved to another split",
}


def lines(told: dict[str, Any]) -> Iterator[str]:
    """Yield the lines that tell people of a difference; what is from outside is made safe."""
    one, other = told["builds"]
    yield f"a  {safe(one['name'])}  {safe(one['identity'])[:12]}"
    yield f"b  {safe(other['name'])}  {safe(other['identity'])[:12]}"
    if names := [safe(row["name"]) for row in told["code"] if row["name"] != PACKAGE_CODE]:
        yield f"\nother code\n  {', '.join(names)}"
    elif told["code"]:
        yield "\nother code\n  of corpus, but not of reading or of any stage"
    for part in ("settings", "versions", "columns"):
        if told[part]:
            yield f"\n{part}"
            for row in told[part]:
                yield f"  {safe(row['name'])}: {_value(row['a'])} -> {_value(row['b'])}"
    if told["inputs"]:
        yield "\ninputs"
        for what, names in told["inputs"].items():
            yield from _names(what, len(names), names)
    if gone := " and ".join(told["unaudited"]):
        have = "have" if len(told["unaudited"]) > 1 else "has"
        yield f"\n{gone} {have} no audit: words, lengths and languages are not compared"
    if told["counts"]:
        yield "\ncounts"
        for row in told["counts"]:
            a, b = row["a"] or 0, row["b"] or 0
            yield f"  {safe(row['name']):44} {a:>12,} {b:>12,} {b - a:>+12,}"
    if lengths := told["lengths"]:
        from corpus.auditing.summary import sparkline

        yield f"\nlengths in characters, from {lengths['edges'][0]:,} on"
        for side in ("a", "b"):
            yield f"  {side}  {sparkline(lengths[side])}"
    yield from _documents(told["documents"])
    if told["files"]:
        yield f"\nfiles that differ: {len(told['files']):,}"


def _value(value: Any) -> str:
    return shown(value, most=200, whole=True)


def _documents(changes: dict[str, Any]) -> Iterator[str]:
    if not any(change["documents"] for change in changes.values()):
        yield "\nevery document is the same"
        return
    yield "\ndocuments"
    for key, heading in CHANGES.items():
        change = changes[key]
        if not change["documents"]:
            continue
        yield from _names(heading, change["documents"], change["ids"])
        for row in change.get("why", ()):
            where = "b" if key == "went" else "a"
            yield f"    {row['documents']:,} {safe(_reason(row, where))}"
        for way in change.get("ways", ()):
            yield f"    {way['documents']:,} {safe(way['from'])} -> {safe(way['to'])}"


def _reason(row: dict[str, Any], where: str) -> str:
    """Return why documents are not in a build."""
    if row["stage"] is not None:
        return f"removed in {where} by {row['stage']}: {row['reason']}"
    if row["reason"] is not None:
        return f"could not be read by {where}: {row['reason'][:200]}"
    return f"not read by {where}"


def _names(what: str, n: int, names: list[str]) -> Iterator[str]:
    """Yield how many there are, and the first few of them."""
    if n:
        few = ", ".join(safe(name)[:60] for name in names[:4])
        yield f"  {n:,} {what}: {few}{', ...' if n > 4 else ''}"
