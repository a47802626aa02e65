"""The audit as a summary for the terminal: about forty lines, with one-line histograms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from corpus.auditing.page.distributions import date_counts, median_bin
from corpus.auditing.report import NameTable, Report
from corpus.builds.summary import describe_skipped
from corpus.mixture.report import epochs_of
from corpus.sources.files.skipped import describe_kinds
from corpus.terminal import safe, width

SPARKLINE_CHARACTERS = "▁▂▃▄▅▆▇█"
MAX_LINE_COLUMNS = 100
MAX_NAME_COLUMNS = 32
MAX_BAR_COLUMNS = 24
MAX_HISTOGRAM_COLUMNS = 48

MAX_CHECKS = 6
"""Checks listed of those that fail, and of those that warn."""

MAX_LANGUAGES = 10
MAX_KINDS = 7
MAX_NAMES = 5
"""Publishers, hosts and sources listed."""

MAX_MISSING_COLUMNS = 12


def summary(report: Report, manifest: dict[str, Any] | None = None, *, name: str = "") -> str:
    """Return the summary of a report; everything that documents say is made safe to print."""
    lines = list(_lines(report, manifest, name or (manifest or {}).get("name", "")))
    return "\n".join(a for a, b in zip_longest(lines, lines[1:]) if a or b).rstrip("\n")


def sparkline(values: Sequence[int]) -> str:
    """Return a histogram of one line: a space for 0, a full block for the maximum.

    If there are more than `MAX_HISTOGRAM_COLUMNS` values, each column is the sum of several.
    """
    step = -(-len(values) // MAX_HISTOGRAM_COLUMNS) or 1
    values = [sum(values[i : i + step]) for i in range(0, len(values), step)]
    top = max(values, default=0)
    return "".join(
        SPARKLINE_CHARACTERS[(len(SPARKLINE_CHARACTERS) * n - 1) // top] if n else " "
        for n in values
    )


def _lines(report: Report, manifest: dict[str, Any] | None, name: str) -> Iterator[str]:
    total = report["documents"]
    yield (
        f"{safe(name)}: {total:,} documents, {report['words']:,} words, "
        f"{report['characters']:,} characters, {report['bytes']:,} bytes"
    )
    yield from _checks(report)
    if manifest:
        yield ""
        yield from _funnel(manifest)
    yield ""
    if len(files := report["files"] or {}) > 1:
        yield f"{'files':11}{', '.join(f'{n:,} {format}' for format, n in files.items())}"
    if report["tokenizer"]:
        yield f"{'tokens':11}{report['tokens']:,}, {safe(report['tokenizer']['name'])}"
    for i, (split, counts) in enumerate(report["splits"].items()):
        yield _row("split" if i == 0 else "", split, counts["documents"], total)
    yield from _mixture(report)
    yield from _names(report["content_kinds"], "kind", total, limit=MAX_KINDS)
    if report["extraction"]["doubtful"]:
        below = f"a clean_confidence below {report['extraction']['doubtful_below']}"
        yield f"{'':11}{report['extraction']['doubtful']:,} doubtful, with {below}"
    yield from _names(report["languages"], "language", total, limit=MAX_LANGUAGES)
    if report["doubtful"]:
        below = f"a score below {report['scores']['doubtful']}"
        yield f"{'':11}{report['doubtful']:,} doubtful, with {below}"
    yield ""
    yield from _histograms(report)
    yield from _names(report["publishers"], "publisher", total)
    yield from _names(report["hosts"], "host", total)
    yield from _names(report["sources"], "source", total)
    if missing := [row for row in report["columns"] if row["missing"]]:
        yield ""
        columns = [f"{safe(row['name'])} {row['missing']:,}" for row in missing]
        yield _truncated(f"{'missing':11}{', '.join(columns[:MAX_MISSING_COLUMNS])}")
    if skipped := report.get("skipped"):
        yield _truncated(safe(f"{'not pages':11}{describe_skipped(skipped)}"))
    if not_read := report.get("skipped_files"):
        yield _truncated(safe(f"{'not read':11}{describe_kinds(not_read)}"))
    if unread := report["unread"]:
        for line in unread["first"]:
            yield _truncated(f"{'unreadable':11}{safe(line)}")
        if unread["skipped"]:
            yield _truncated(f"{'skipped':11}{', '.join(map(safe, unread['skipped']))}")


def _checks(report: Report) -> Iterator[str]:
    """Yield the number of checks with each status, then the failures and the warnings."""
    statuses = [check["status"] for check in report["checks"]]
    counts = (f"{statuses.count(s)} {s}" for s in ("pass", "warn", "fail"))
    yield f"{'checks':11}{', '.join(counts)}"
    for status in ("fail", "warn"):
        rows = [check for check in report["checks"] if check["status"] == status]
        for check in rows[:MAX_CHECKS]:
            yield _truncated(
                safe(f"  {status:9}{check['id'].replace('_', ' ')}: {check['reason']}")
            )
        if len(rows) > MAX_CHECKS:
            yield f"  {status:9}and {len(rows) - MAX_CHECKS} more"


def _mixture(report: Report) -> Iterator[str]:
    """Yield how much of the largest groups the mixture uses."""
    if mixture := report.get("mixture"):
        total = sum(row["reached"] for row in mixture["groups"])
        yield ""
        yield f"mixture    {safe(mixture['by'])}, in {mixture['unit']}"
        for row in mixture["groups"][:MAX_NAMES]:
            yield _row(f"{epochs_of(row):.3g} times", row["group"], row["reached"], total)
        if more := len(mixture["groups"][MAX_NAMES:]):
            yield f"{'':11}and {more:,} more"


def _truncated(line: str) -> str:
    """Return a line, truncated if it is too wide for the terminal."""
    if width(line) <= MAX_LINE_COLUMNS:
        return line
    while width(line) >= MAX_LINE_COLUMNS:
        line = line[: max(1, MAX_LINE_COLUMNS - 1 - (width(line) - len(line)))][:-1]
    return line + "…"


def _funnel(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield the number of records read, removed for each reason, and kept."""
    counts = manifest["counts"]
    yield f"{'read':56}{counts['read']:>12,}"
    if counts["rejected"]:
        yield f"{'  could not be read':56}{-counts['rejected']:>12,}"
    for row in manifest["funnel"]:
        step = safe(f"  {row['stage']}: {row['reason']}")
        yield f"{step[:54]:56}{-row['documents']:>12,}"
    yield f"{'kept':56}{counts['kept']:>12,}"


def _names(table: NameTable, head: str, total: int, *, limit: int = MAX_NAMES) -> Iterator[str]:
    """Yield an empty line and the most frequent names, if there are any."""
    if not table["rows"]:
        return
    yield ""
    for row in table["rows"][:limit]:
        yield _row(head, row["name"], row["documents"], total)
        head = ""
    if more := table["names"] - min(limit, len(table["rows"])):
        yield f"{'':11}and {'' if table['exact'] else 'about '}{more:,} more"
    if table["unknown"]["documents"]:
        yield _row("", "unknown", table["unknown"]["documents"], total)


def _row(head: str, name: str, n: int, total: int) -> str:
    """Return a name with its documents, their share, and a bar."""
    shown = safe(name)
    shown = shown if width(shown) <= MAX_NAME_COLUMNS else shown[: MAX_NAME_COLUMNS - 1] + "…"
    pad = " " * max(0, MAX_NAME_COLUMNS + 1 - width(shown))
    share = 100 * n / total if total else 0
    bar = "█" * round(share * MAX_BAR_COLUMNS / 100)
    return f"{head:11}{shown}{pad}{n:>12,} {share:5.1f} %  {bar}".rstrip()


def _histograms(report: Report) -> Iterator[str]:
    """Yield the histograms of document lengths and of dates."""
    edges = report["lengths"]["edges"]
    splits = report["splits"].values()
    counts = [sum(column) for column in zip(*(s["lengths"] for s in splits), strict=True)]
    used = [i for i, n in enumerate(counts) if n]
    if used:
        first, last, median = used[0], used[-1], median_bin(counts)
        line = sparkline(counts[first : last + 1])
        end = f"{edges[last + 1]:,}" if last + 1 < len(edges) else "more"
        yield f"{'characters':11}{line}  {edges[first]:,} to {end}, median {edges[median]:,}"
    unit, labels, stacks = date_counts(report)
    if labels:
        line = sparkline([sum(column) for column in zip(*stacks, strict=True)])
        undated = sum(split["undated"] for split in splits)
        suffix = f"; {undated:,} undated" if undated else ""
        span = labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"
        yield f"{'date':11}{line}  {span}, by {unit}{suffix}"
