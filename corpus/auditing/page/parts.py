"""The parts of the audit page that several sections share, and its three histograms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from corpus.auditing.measure.bottom_k import EXCERPT_CHARACTERS
from corpus.auditing.page.charts import histogram, legend
from corpus.auditing.page.word_diff import Part, word_diff
from corpus.markup import html

MONTHS, YEARS, DECADES = 60, 120, 60
"""More months than this are shown as years, more years as decades, more decades as centuries."""

HIDDEN_HEAD = '<span class="hide">chart</span>'

FEW = 14
"""So few bins of length are named one by one; of more, the powers of ten are."""


def text(value: object) -> str:
    """Return what a document says, escaped, its direction of writing kept to itself."""
    return f"<bdi>{html(value)}</bdi>"


def percent(value: int, whole: int) -> str:
    """Return a share; only nothing is 0 %, and only all is 100 %."""
    if not whole or value in (0, whole):
        return "100 %" if value else "0 %"
    share = 100 * value / whole
    return "&lt; 0.1 %" if share < 0.1 else "&gt; 99.9 %" if share > 99.9 else f"{share:.1f} %"


def table(
    heads: Sequence[str], rows: Sequence[tuple[Sequence[str], str]], kinds: str, caption: str
) -> str:
    """Return a table of cells that are HTML; each row has a class, each column a kind.

    The kinds are `t`, text; `s`, a word; `n`, a number; `c`, a chart. The caption is for those who
    cannot see.
    """
    classes = {"t": "", "s": ' class="s"', "n": ' class="n"', "c": ' class="chart"'}
    of = [classes[kind] for kind in kinds]
    head = "".join(
        f'<th scope="col"{of[i]}>{html(said) or HIDDEN_HEAD}</th>' for i, said in enumerate(heads)
    )
    lines = [
        f"<tr{f' class={kind!r}' if kind else ''}>"
        + "".join(f"<td{of[i]}>{cell}</td>" for i, cell in enumerate(cells))
        + "</tr>"
        for cells, kind in rows
    ]
    body = f"<thead><tr>{head}</tr></thead>\n<tbody>{chr(10).join(lines)}</tbody>"
    said = html(caption)
    return (
        f'<div class="wide" tabindex="0" role="group" aria-label="{said}"><table>'
        f'<caption class="hide">{said}</caption>{body}</table></div>'
    )


def folded(summary: str, body: str) -> str:
    """Return what opens when its summary is clicked; both are HTML."""
    return f"<details><summary>{summary}</summary>{body}</details>" if body else ""


def document(found: dict[str, Any], *, said: str = "") -> str:
    """Return a document: its title and numbers, and when opened the beginning of its text."""
    told = [found[key] for key in ("split", "language", "publisher", "date") if found.get(key)]
    line = " · ".join(
        [said or f"{found['characters']:,} characters", *(text(value) for value in told)]
    )
    heading = text(found.get("title") or found.get("id") or "a document")
    excerpt = found["excerpt"] or ""
    more = "…" if found.get("characters", 0) > len(excerpt) else ""
    where = " · ".join(text(found[key]) for key in ("id", "source", "url") if found.get(key))
    return folded(
        f'{heading} <span class="quiet">{line}</span>',
        f'{quote(excerpt, more)}<p class="quiet">{where}</p>',
    )


def quote(said: str | None, more: str = "") -> str:
    """Return the beginning of a text as it stands there."""
    return f'<pre dir="auto">{html(said or "", lines=True)}{more}</pre>'


def beside(left: tuple[str, str | None], right: tuple[str, str | None]) -> str:
    """Return two texts side by side, each below its heading (HTML); other words are marked."""
    parts = word_diff(left[1] or "", right[1] or "")
    cut = max(len(left[1] or ""), len(right[1] or "")) >= EXCERPT_CHARACTERS
    columns = "".join(
        f'<div><p class="quiet">{heading}</p><pre dir="auto">{_marked(told, cut=cut)}</pre></div>'
        for (heading, _), told in zip((left, right), parts, strict=True)
    )
    return f'<div class="two">{columns}</div>'


def _marked(parts: Sequence[Part], *, cut: bool) -> str:
    """Return the pieces of a text; where the texts are `cut`, how they end is no difference."""
    said = [(html(part, lines=True), mark) for part, mark in parts]
    if cut and said:
        said[-1] = (said[-1][0] + "…", False)
    return "".join(f"<mark>{part}</mark>" if mark else part for part, mark in said)


UNITS = {
    "lengths": ("characters", "length in characters"),
    "words_each": ("words", "length in words"),
    "tokens_each": ("tokens", "length in tokens"),
}


def lengths(audit: dict[str, Any]) -> str:
    """Return the histograms of lengths in characters, words and tokens."""
    parts = [_lengths(audit, key, *told) for key, told in UNITS.items()]
    tokens = _tokens(audit)
    return "".join([*parts[:2], tokens, parts[2]]) if any(parts) else ""


def _tokens(audit: dict[str, Any]) -> str:
    """Return where the numbers of tokens come from."""
    if told := audit["tokenizer"]:
        return (
            f"<p>Tokens are those of {text(told['name'])} (SHA-256 begins "
            f"<code>{html(told['sha256'][:16])}</code>), special ones not counted.</p>"
        )
    return (
        f"<p>Tokens are estimated: one for each {audit['lengths']['bytes_a_token']} bytes of text, "
        "which is near for most tokenizers of today and most languages, and no more than that. "
        "<code>corpus audit --tokenizer</code> counts them.</p>"
    )


def _lengths(audit: dict[str, Any], key: str, unit: str, head: str) -> str:
    """Return a histogram of lengths, from the shortest document to the longest."""
    edges = audit["lengths"]["edges"]
    whole = [split[key] for split in audit["splits"].values()]
    used = [i for i in range(len(edges)) if any(stack[i] for stack in whole)]
    if not used:
        return ""
    shown = range(used[0], used[-1] + 1)
    stacks = [[stack[i] for i in shown] for stack in whole]
    ends = [*(f"{edge:,}" for edge in edges[1:]), ""]
    labels = [f"{edges[i]:,} to {ends[i]}" if ends[i] else f"{edges[i]:,} and more" for i in shown]
    every = len(shown) <= FEW
    ticks = [f"{edges[i]:,}" if every or _round(edges[i]) else "" for i in shown]
    mean = audit[unit] / audit["documents"]
    typical = labels[middle([sum(column) for column in zip(*stacks, strict=True)])]
    about = "about " if unit == "tokens" and not audit["tokenizer"] else ""
    return (
        f"<p>A document has {about}{mean:,.0f} {unit} on average; the middle one has {typical}.</p>"
        + figure(labels, stacks, audit, ticks, head)
    )


def _round(edge: int) -> bool:
    return str(edge).rstrip("0") == "1"


def middle(counts: Sequence[int]) -> int:
    """Return the bin in which the middle document is."""
    half, seen = sum(counts) / 2, 0
    for i, count in enumerate(counts):
        seen += count
        if seen >= half:
            return i
    return 0


def scores(audit: dict[str, Any]) -> str:
    """Return the histogram of the language scores."""
    edges = audit["scores"]["edges"]
    stacks = [split["scores"] for split in audit["splits"].values()]
    if not any(map(sum, stacks)):
        return ""
    labels = [f"{edge:.2f} to {edge + 1 / len(edges):.2f}" for edge in edges]
    ticks = [f"{edge:.1f}" if i % 4 == 0 else "" for i, edge in enumerate(edges)]
    return "<h3>Language score</h3>" + figure(labels, stacks, audit, ticks, "language score")


def dates(audit: dict[str, Any]) -> str:
    """Return the histogram of the dates: by month, or by longer periods where there are many."""
    splits = audit["splits"].values()
    undated = sum(split["undated"] for split in splits)
    odd = sum(split["implausible"] for split in splits)
    told = f"<p>{undated:,} documents have no date.</p>" if undated else ""
    told += f"<p>{odd:,} have one that no calendar has.</p>" if odd else ""
    if not any(split["months"] for split in splits):
        return told
    unit, labels, stacks = periods_of(audit)
    return told + figure(labels, stacks, audit, (), unit)


def periods_of(audit: dict[str, Any]) -> tuple[str, list[str], list[list[int]]]:
    """Return a unit of time, its periods from first to last date, and each split's counts."""
    splits = audit["splits"].values()
    months = sorted({month for split in splits for month in split["months"]})
    if not months:
        return "month", [], []
    unit, labels = _periods(months[0], months[-1])
    stacks = []
    for split in splits:
        held: Counter[str] = Counter()
        for month, n in split["months"].items():
            held[_period(month, unit)] += n
        stacks.append([held[label] for label in labels])
    return unit, labels, stacks


def _periods(first: str, last: str) -> tuple[str, list[str]]:
    """Return the unit that fits a span of months, and all its periods, empty ones too."""
    start, stop = ((int(month[:4]), int(month[5:])) for month in (first, last))
    n = (stop[0] - start[0]) * 12 + stop[1] - start[1] + 1
    if n <= MONTHS:
        numbers = range(start[0] * 12 + start[1] - 1, start[0] * 12 + start[1] - 1 + n)
        return "month", [f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers]
    if n <= 12 * YEARS:
        return "year", [f"{year:04}" for year in range(start[0], stop[0] + 1)]
    if n <= 120 * DECADES:
        return "decade", [f"{decade:03}0s" for decade in range(start[0] // 10, stop[0] // 10 + 1)]
    return "century", [f"{century:02}00s" for century in range(start[0] // 100, stop[0] // 100 + 1)]


def _period(month: str, unit: str) -> str:
    names = {"year": month[:4], "decade": f"{month[:3]}0s", "century": f"{month[:2]}00s"}
    return names.get(unit, month)


def figure(
    labels: Sequence[str],
    stacks: Sequence[Sequence[int]],
    audit: dict[str, Any],
    ticks: Sequence[str],
    head: str,
) -> str:
    """Return a histogram with its legend, and its numbers in a table that opens."""
    splits = list(audit["splits"])
    drawn = histogram(labels, stacks, title=f"Documents by {head}", ticks=ticks)
    rows = [
        ([html(label), *(f"{stack[i]:,}" for stack in stacks)], "")
        for i, label in enumerate(labels)
    ]
    numbers = table([head, *splits], rows, "t" + "n" * len(splits), f"Documents by {head}")
    return (
        f"<figure>{legend(splits)}{drawn}"
        f"<figcaption>Documents by {html(head)}</figcaption></figure>"
        f"<details><summary>Numbers</summary>{numbers}</details>"
    )
