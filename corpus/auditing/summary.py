"""The audit in a terminal: some forty lines, with histograms of one line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, cast

from corpus.auditing.page.distributions import date_counts, median_bin
from corpus.auditing.report import Report
from corpus.terminal import safe, width

LEVELS = "▁▂▃▄▅▆▇█"
BAR = 24
COLUMNS = 100
BINS = 48
"""Columns of a histogram of one line."""

CHECKS = 6
"""Checks that are told one by one, of those that fail and of those that warn."""

NAMES = 5
"""Names that are told of each kind."""


def summary(
    audit: dict[str, Any],
    manifest: dict[str, Any] | None = None,
    *,
    name: str = "",
) -> str:
    """Return the audit for a terminal; whatever documents say is made safe."""
    lines = list(_lines(audit, manifest, name or (manifest or {}).get("name", "")))
    return "\n".join(a for a, b in zip_longest(lines, lines[1:]) if a or b).rstrip("\n")


def sparkline(values: Sequence[int]) -> str:
    """Return a histogram of one line; a space is nothing, and a full block the highest.

    Where there are more than `BINS` values, each column is the sum of several.
    """
    each = -(-len(values) // BINS) or 1
    values = [sum(values[i : i + each]) for i in range(0, len(values), each)]
    top = max(values, default=0)
    return "".join(LEVELS[(len(LEVELS) * n - 1) // top] if n else " " for n in values)


def _lines(audit: dict[str, Any], manifest: dict[str, Any] | None, name: str) -> Iterator[str]:
    whole = audit["documents"]
    yield (
        f"{safe(name)}: {whole:,} documents, {audit['words']:,} words, "
        f"{audit['characters']:,} characters, {audit['bytes']:,} bytes"
    )
    yield from _checks(audit)
    if manifest:
        yield ""
        yield from _funnel(manifest)
    yield ""
    if len(files := audit["files"] or {}) > 1:
        yield f"{'files':11}{', '.join(f'{n:,} {kind}' for kind, n in files.items())}"
    for split, told in audit["splits"].items():
        yield _row("split", split, told["documents"], whole)
    yield from _names(audit, "languages", "language", 10)
    if audit["doubtful"]:
        yield f"{'':11}{audit['doubtful']:,} score below {audit['scores']['doubtful']}: in doubt"
    yield ""
    yield from _histograms(audit)
    for key, head in (("publishers", "publisher"), ("hosts", "host"), ("sources", "source")):
        yield from _names(audit, key, head, NAMES)
    missing = [row for row in audit["columns"] if row["missing"]]
    if missing:
        yield ""
        told = ", ".join(f"{safe(row['name'])} {row['missing']:,}" for row in missing[:12])
        yield _fitting(f"{'missing':11}{told}")
    unread = audit["unread"] or {"first": (), "skipped": ()}
    for line in unread["first"]:
        yield _fitting(f"{'unread':11}{safe(line)}")
    if names := ", ".join(map(safe, unread["skipped"])):
        yield _fitting(f"{'no data':11}{names}")


def _checks(audit: dict[str, Any]) -> Iterator[str]:
    """Yield how many checks pass, and those that do not, the failures first."""
    found = [check["status"] for check in audit["checks"]]
    told = ", ".join(f"{found.count(status)} {status}" for status in ("pass", "warn", "fail"))
    yield f"{'checks':11}{told}"
    for status in ("fail", "warn"):
        rows = [check for check in audit["checks"] if check["status"] == status]
        for check in rows[:CHECKS]:
            line = safe(f"  {status:9}{check['id'].replace('_', ' ')}: {check['reason']}")
            yield _fitting(line)


def _fitting(line: str) -> str:
    """Return a line, or as much of its beginning as fits."""
    if width(line) <= COLUMNS:
        return line
    while width(line) >= COLUMNS:
        line = line[: max(1, COLUMNS - 1 - (width(line) - len(line)))][:-1]
    return line + "…"


def _funnel(manifest: dict[str, Any]) -> Iterator[str]:
    counts = manifest["counts"]
    yield f"{'read':56}{counts['read']:>12,}"
    if counts["rejected"]:
        yield f"{'  could not be read':56}{-counts['rejected']:>12,}"
    for row in manifest["funnel"]:
        step = safe(f"  {row['stage']}: {row['reason']}")
        yield f"{step[:54]:56}{-row['documents']:>12,}"
    yield f"{'kept':56}{counts['kept']:>12,}"


def _names(audit: dict[str, Any], key: str, head: str, most: int) -> Iterator[str]:
    """Yield the most frequent names, the first line after an empty one."""
    found = audit[key]
    if found["rows"]:
        yield ""
    for row in found["rows"][:most]:
        yield _row(head, row["name"], row["documents"], audit["documents"])
        head = ""
    more = found["names"] - min(most, len(found["rows"]))
    about = "" if found["exact"] else "about "
    if found["rows"] and more:
        yield f"{'':11}and {about}{more:,} more"
    if found["rows"] and found["unknown"]["documents"]:
        yield _row("", "not known", found["unknown"]["documents"], audit["documents"])


def _row(head: str, name: str, n: int, whole: int) -> str:
    shown = safe(name)
    shown = shown if width(shown) <= 32 else shown[:31] + "…"
    pad = " " * max(0, 33 - width(shown))
    share = 100 * n / whole if whole else 0
    return (
        f"{head:11}{shown}{pad}{n:>12,} {share:5.1f} %  {'█' * round(share * BAR / 100)}".rstrip()
    )


def _histograms(audit: dict[str, Any]) -> Iterator[str]:
    edges = audit["lengths"]["edges"]
    splits = audit["splits"].values()
    counts = [sum(column) for column in zip(*(s["lengths"] for s in splits), strict=True)]
    used = [i for i, n in enumerate(counts) if n]
    if used:
        first, last, half = used[0], used[-1], median_bin(counts)
        line = sparkline(counts[first : last + 1])
        end = f"{edges[last + 1]:,}" if last + 1 < len(edges) else "more"
        yield f"{'characters':11}{line}  {edges[first]:,} to {end}, the middle {edges[half]:,}"
    unit, labels, stacks = date_counts(cast(Report, audit))
    if labels:
        line = sparkline([sum(column) for column in zip(*stacks, strict=True)])
        undated = sum(split["undated"] for split in splits)
        told = f"; {undated:,} without" if undated else ""
        span = labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"
        yield f"{'date':11}{line}  {span}, by {unit}{told}"
