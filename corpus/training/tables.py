"""The tables of a report, for the terminal and for Markdown, and its summary for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from corpus.markup import count_of
from corpus.terminal import safe, width

if TYPE_CHECKING:
    from corpus.training.evaluate import KeptGroup
    from corpus.training.report import ClassCounts, Report
    from corpus.training.weighty import WeightyWord

MAX_WIDTH = 40
TERMINAL_WORDS = 12


class Table(NamedTuple):
    """A table with a heading; the first column is text, the others are numbers."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


RIVAL_NAMES = {
    "length": "length",
    "stop_words": "share of stop words",
    "language": "language",
    "site": "site (other documents of it known)",
}


def tables(report: Report) -> list[Table]:
    """Return all tables of a report."""
    good, bad = report.counts
    return [
        Table(
            "Documents",
            "Each text is used once. A text in both classes is not used.",
            ("", "good", "bad"),
            tuple((name, f"{a:,}", f"{b:,}") for name, a, b in _count_rows(good, bad)),
        ),
        rivals_table(report),
        kept_shares_table(report),
        Table(
            "Calibration",
            f"Expected calibration error: {report.calibration_error:.3f}. A score is the "
            "probability that a document is good if both classes are equally frequent.",
            ("score", "documents", "mean score", "good"),
            tuple(
                (
                    f"{row['from_score']:.1f} to {row['from_score'] + 0.1:.1f}",
                    f"{row['documents']:,}",
                    _number(row["mean_score"]),
                    _number(row["good_share"]),
                )
                for row in report.reliability
            ),
        ),
        _groups("Kept by language", report.by_language),
        _groups("Kept by length", report.by_length),
        _groups("Kept by site", report.by_site),
        _words("Words that speak for good documents", report.good_words),
        _words("Words that speak for bad documents", report.bad_words),
    ]


def rivals_table(report: Report) -> Table:
    """Return the AUC of the classifier and of its trivial rivals."""
    rows = [("this classifier", f"{report.auc:.3f}", "")]
    rows += [
        (RIVAL_NAMES[each["name"]], f"{each['auc']:.3f}", "near" if each["near"] else "")
        for each in report.rivals
    ]
    by_fold = report.auc_by_fold
    return Table(
        "ROC AUC on held-out sites",
        f"By fold: {min(by_fold):.3f} to {max(by_fold):.3f} in {len(by_fold)} folds.",
        ("", "AUC", ""),
        tuple(rows),
    )


def kept_shares_table(report: Report) -> Table:
    """Return what keeping the best documents would keep."""
    good, bad = (counts.used for counts in report.counts)
    return Table(
        "Keeping the best documents",
        f"{_share(good / (good + bad))} of these documents are good.",
        ("share kept", "min_score", "precision", "recall"),
        tuple(
            (
                _share(row["share"]),
                f"{row['min_score']:.3f}",
                f"{row['precision']:.3f}",
                f"{row['recall']:.3f}",
            )
            for row in report.kept_shares
        ),
    )


def _count_rows(good: ClassCounts, bad: ClassCounts) -> Iterable[tuple[str, int, int]]:
    for name, field in (
        ("documents with words", "documents"),
        ("used", "used"),
        ("of sites", "sites"),
        ("duplicates", "duplicates"),
        ("in both classes", "in_both_classes"),
        ("above the limits", "over_limit"),
    ):
        yield name, getattr(good, field), getattr(bad, field)


def _groups(title: str, groups: Sequence[KeptGroup]) -> Table:
    rows = tuple(
        (
            row["group"],
            f"{row['good']:,}",
            f"{row['bad']:,}",
            _share(row["kept"]),
            _share(row["kept_of_good"]),
            _share(row["kept_of_bad"]),
            _number(row["auc"]),
        )
        for row in groups
    )
    columns = ("", "good", "bad", "kept", "of good", "of bad", "AUC")
    return Table(title, "With min_score 0.5.", columns, rows)


def _words(title: str, found: Sequence[WeightyWord]) -> Table:
    return Table(
        title,
        "Contribution: what a word adds to the difference between the mean logits.",
        ("word", "weight", "contribution", "in good", "in bad"),
        tuple(
            (
                row["word"],
                f"{row['weight']:+.2f}",
                f"{row['contribution']:.3f}",
                _share(row["in_good"], digits=1),
                _share(row["in_bad"], digits=1),
            )
            for row in found
        ),
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _share(value: float | None, *, digits: int = 0) -> str:
    return "" if value is None else f"{100 * value:.{digits}f} %"


def summary(report: Report) -> str:
    """Return the summary of a report for the terminal; the Markdown file has all of it."""
    good, bad = report.counts
    of_good, of_bad = (
        f"{count_of(each.used, f'{name} document')} of {count_of(each.sites, 'site')}"
        for name, each in (("good", good), ("bad", bad))
    )
    lines = [f"trained on {of_good} and {of_bad}"]
    lines += [f"  {line}" for line in not_used(report)]
    for table in (rivals_table(report), kept_shares_table(report)):
        lines += ["", f"{table.title}. {table.note}", *aligned(table)]
    for name, found in (("good", report.good_words), ("bad", report.bad_words)):
        words = ", ".join(row["word"] for row in found[:TERMINAL_WORDS])
        lines += ["", f"words for {name} documents: {safe(words)}"]
    lines += ["", f"calibration error: {report.calibration_error:.3f}"]
    lines += [f"warning: {safe(warning)}" for warning in report.warnings]
    return "\n".join(lines)


def not_used(report: Report) -> list[str]:
    """Return one line for each reason why documents were not used."""
    good, bad = report.counts
    reasons = {
        "records that cannot be read": report.unreadable,
        "documents without words": report.without_words,
        "documents without a label": report.without_label,
        "duplicates": good.duplicates + bad.duplicates,
        "documents whose text is in both classes": good.in_both_classes + bad.in_both_classes,
        "documents above the limits": good.over_limit + bad.over_limit,
    }
    return [f"not used: {n:,} {reason}" for reason, n in reasons.items() if n]


def aligned(table: Table) -> list[str]:
    """Return the rows of a table in columns for a terminal."""
    rows = [tuple(_cut(safe(cell)) for cell in row) for row in (table.columns, *table.rows)]
    widths = [max(width(row[k]) for row in rows) for k in range(len(table.columns))]
    lines = []
    for row in rows:
        first = row[0] + " " * (widths[0] - width(row[0]))
        others = (
            " " * (size - width(cell)) + cell
            for cell, size in zip(row[1:], widths[1:], strict=True)
        )
        lines.append("  ".join(["", first, *others]).rstrip())
    return lines


def _cut(text: str) -> str:
    return text if len(text) <= MAX_WIDTH else text[: MAX_WIDTH - 1] + "…"
