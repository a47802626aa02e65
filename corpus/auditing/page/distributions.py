"""The sections of the audit page with histograms: lengths, language scores and dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from corpus.auditing.page.charts import histogram, legend
from corpus.auditing.page.parts import Row, folded, safe_text, table
from corpus.auditing.report import Report
from corpus.markup import count_of, html

MAX_MONTHS, MAX_YEARS, MAX_DECADES = 60, 120, 60
"""Maximum number of columns of each unit; a longer period is shown in the next larger unit."""

MAX_LABELLED_BINS = 14
"""With at most this many length bins, all are labelled; with more, only the powers of ten are."""


class LengthHistogram(NamedTuple):
    """One of the histograms of lengths, and where its numbers are in the audit."""

    per_split: Literal["lengths", "words_each", "tokens_each"]
    """Key of the counts in each split."""
    unit: Literal["characters", "words", "tokens"]
    """The unit, and the key of the total."""


LENGTHS = (
    LengthHistogram("lengths", "characters"),
    LengthHistogram("words_each", "words"),
    LengthHistogram("tokens_each", "tokens"),
)


class DateCounts(NamedTuple):
    """Documents by date: the unit, a label for each period, and a list of counts for each split."""

    unit: str
    labels: list[str]
    stacks: list[list[int]]


def lengths(audit: Report) -> str:
    """Return the histograms of lengths in characters, words and tokens."""
    characters, words, tokens = (_length_histogram(audit, each) for each in LENGTHS)
    if not (characters or words or tokens):
        return ""
    return characters + words + _token_note(audit) + tokens


def _token_note(audit: Report) -> str:
    """Return how tokens were counted."""
    if tokenizer := audit["tokenizer"]:
        return (
            f"<p>Tokens are counted with the tokenizer {safe_text(tokenizer['name'])} (SHA-256 "
            f"<code>{html(tokenizer['sha256'][:16])}</code>…), without special tokens.</p>"
        )
    return (
        f"<p>Token counts are estimates: one token per {audit['lengths']['bytes_a_token']} bytes "
        "of text, which is close for most tokenizers and languages. For exact counts, run "
        "<code>corpus audit --tokenizer FILE</code>.</p>"
    )


def _length_histogram(audit: Report, length: LengthHistogram) -> str:
    """Return mean, median and histogram of a length, from the shortest document to the longest."""
    edges = audit["lengths"]["edges"]
    counts = [split[length.per_split] for split in audit["splits"].values()]
    used = [i for i in range(len(edges)) if any(stack[i] for stack in counts)]
    if not used:
        return ""
    shown = range(used[0], used[-1] + 1)
    stacks = [[stack[i] for i in shown] for stack in counts]
    labels = [
        f"{edges[i]:,} to {edges[i + 1]:,}" if i + 1 < len(edges) else f"{edges[i]:,} or more"
        for i in shown
    ]
    label_all = len(shown) <= MAX_LABELLED_BINS
    ticks = [f"{edges[i]:,}" if label_all or _is_power_of_ten(edges[i]) else "" for i in shown]
    mean = audit[length.unit] / audit["documents"]
    median = labels[median_bin([sum(column) for column in zip(*stacks, strict=True)])]
    about = "about " if length.unit == "tokens" and not audit["tokenizer"] else ""
    return (
        f"<p>Mean: {about}{mean:,.0f} {length.unit} per document. "
        f"Median: {about}{median} {length.unit}.</p>"
        + _figure(audit, labels, stacks, head=f"length in {length.unit}", ticks=ticks)
    )


def _is_power_of_ten(edge: int) -> bool:
    return str(edge).rstrip("0") == "1"


def median_bin(counts: Sequence[int]) -> int:
    """Return the number of the bin that contains the median document."""
    half, running_total = sum(counts) / 2, 0
    for i, count in enumerate(counts):
        running_total += count
        if running_total >= half:
            return i
    return 0


def language_scores(audit: Report) -> str:
    """Return the histogram of language scores."""
    stacks = [split["scores"] for split in audit["splits"].values()]
    if not any(map(sum, stacks)):
        return ""
    figure = _score_figure(audit, audit["scores"]["edges"], stacks, head="language score")
    return f"<h3>Language scores</h3>{figure}"


def confidences(audit: Report) -> str:
    """Return the histogram of the confidence in the extractions, by split."""
    stacks = [split["confidences"] for split in audit["splits"].values()]
    if not any(map(sum, stacks)):
        return ""
    edges = audit["extraction"]["edges"]
    return f"<h3>Confidence</h3>{_score_figure(audit, edges, stacks, head='clean_confidence')}"


def _score_figure(
    audit: Report, edges: Sequence[float], stacks: Sequence[Sequence[int]], *, head: str
) -> str:
    """Return a histogram of scores from 0 to 1."""
    labels = [f"{edge:.2f} to {edge + 1 / len(edges):.2f}" for edge in edges]
    ticks = [f"{edge:.1f}" if i % 4 == 0 else "" for i, edge in enumerate(edges)]
    return _figure(audit, labels, stacks, head=head, ticks=ticks)


def dates(audit: Report) -> str:
    """Return the histogram of dates, and how many documents have no usable date."""
    splits = audit["splits"].values()
    undated = sum(split["undated"] for split in splits)
    implausible = sum(split["implausible"] for split in splits)
    notes = ""
    if undated:
        notes += f"<p>Without a date: {count_of(undated, 'document')}.</p>"
    if implausible:
        notes += (
            f"<p>With a date before year 1 or after year 9999: {count_of(implausible, 'document')}."
            "</p>"
        )
    if not any(split["months"] for split in splits):
        return notes
    unit, labels, stacks = date_counts(audit)
    return notes + _figure(audit, labels, stacks, head=unit)


def date_counts(audit: Report) -> DateCounts:
    """Return the documents of each split by month, or by a longer unit if there are many months.

    All periods from the first date to the last are included, even if they have no documents.
    """
    splits = audit["splits"].values()
    months = sorted({month for split in splits for month in split["months"]})
    if not months:
        return DateCounts("month", [], [])
    unit, labels = periods(months[0], months[-1])
    stacks = []
    for split in splits:
        counts: Counter[str] = Counter()
        for month, n in split["months"].items():
            counts[_period_of(month, unit)] += n
        stacks.append([counts[label] for label in labels])
    return DateCounts(unit, labels, stacks)


def periods(first: str, last: str) -> tuple[str, list[str]]:
    """Return a suitable unit for the time between two months (`2023-05`), and all its periods."""
    (start_year, start_month), (stop_year, stop_month) = (
        (int(month[:4]), int(month[5:])) for month in (first, last)
    )
    n = (stop_year - start_year) * 12 + stop_month - start_month + 1
    if n <= MAX_MONTHS:
        numbers = range(start_year * 12 + start_month - 1, start_year * 12 + start_month - 1 + n)
        return "month", [f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers]
    if n <= 12 * MAX_YEARS:
        return "year", [f"{year:04}" for year in range(start_year, stop_year + 1)]
    if n <= 120 * MAX_DECADES:
        decades = range(start_year // 10, stop_year // 10 + 1)
        return "decade", [f"{decade:03}0s" for decade in decades]
    centuries = range(start_year // 100, stop_year // 100 + 1)
    return "century", [f"{century:02}00s" for century in centuries]


def _period_of(month: str, unit: str) -> str:
    names = {"year": month[:4], "decade": f"{month[:3]}0s", "century": f"{month[:2]}00s"}
    return names.get(unit, month)


def _figure(
    audit: Report,
    labels: Sequence[str],
    stacks: Sequence[Sequence[int]],
    *,
    head: str,
    ticks: Sequence[str] = (),
) -> str:
    """Return a histogram with its legend, and its numbers in a folded table."""
    splits = list(audit["splits"])
    caption = f"Documents by {head}"
    drawing = histogram(labels, stacks, title=caption, ticks=ticks)
    rows = [
        Row([html(label), *(f"{stack[i]:,}" for stack in stacks)]) for i, label in enumerate(labels)
    ]
    numbers = table([head, *splits], rows, "t" + "n" * len(splits), caption)
    return (
        f"<figure>{legend(splits)}{drawing}"
        f"<figcaption>{html(caption)}</figcaption></figure>{folded('Numbers', numbers)}"
    )
