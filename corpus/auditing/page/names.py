"""The sections of the audit page that count documents by name: split, language, publisher, host.

They end with the table of columns.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.auditing.page.charts import bar, legend
from corpus.auditing.page.distributions import confidences, language_scores
from corpus.auditing.page.parts import Row, document_details, folded, safe_text, table
from corpus.auditing.report import NameTable, Report, Totals
from corpus.markup import count_of, percent

MAX_ROWS, TOLERANCE = 15, 5
"""A table with more than `MAX_ROWS + TOLERANCE` names is folded after `MAX_ROWS` of them."""


def splits(audit: Report) -> str:
    """Return a table of the splits."""
    total = audit["documents"]
    rows = []
    for number, (name, split) in enumerate(audit["splits"].items()):
        n = split["documents"]
        mean = split["characters"] / n if n else 0
        counts = [f"{n:,}", f"{split['words']:,}", f"{split['characters']:,}"]
        share = [percent(n, total), f"{mean:,.0f}", bar([(n, f"s{number}")], total)]
        rows.append(Row([safe_text(name), *counts, *share]))
    heads = ("split", "documents", "words", "characters", "share", "mean characters", "")
    return table(heads, rows, "tnnnnnc", "Documents by split")


def extraction(audit: Report) -> str:
    """Return the kinds of pages, the confidence in their extraction, and the lowest to read."""
    report = audit["extraction"]
    if not any(report["confidences"]):
        return ""
    doubtful = (
        f"<p>{count_of(report['doubtful'], 'document')} with a clean_confidence below "
        f"{report['doubtful_below']}: text may be missing, or boilerplate kept.</p>"
        if report["doubtful"]
        else ""
    )
    lowest = "".join(
        document_details(
            document,
            note=f"confidence {document['score']:.2f}, {document['characters']:,} characters",
        )
        for document in report["lowest"]
    )
    return "".join(
        [
            doubtful,
            names(audit, audit["content_kinds"], "content kind"),
            confidences(audit),
            f"<h3>Lowest confidence</h3>{lowest}" if lowest else "",
        ]
    )


def languages(audit: Report) -> str:
    """Return languages by split and by source, their scores, and the lowest scores to read."""
    if not audit["languages"]["rows"]:
        return ""
    uncertain = (
        f"<p>{count_of(audit['doubtful'], 'document')} with a language score below "
        f"{audit['scores']['doubtful']}: the language is uncertain.</p>"
        if audit["doubtful"]
        else ""
    )
    lowest = "".join(
        document_details(
            document,
            note=f"{safe_text(document['language'] or '?')}, score {document['score']:.2f}, "
            f"{document['characters']:,} characters",
        )
        for document in audit["unsure"]
    )
    return "".join(
        [
            uncertain,
            names(audit, audit["languages"], "language", with_uncertain=True),
            _languages_by_source(audit),
            language_scores(audit),
            f"<h3>Lowest language scores</h3>{lowest}" if lowest else "",
        ]
    )


def _languages_by_source(audit: Report) -> str:
    """Return a table of documents by source and language, if there is more than one source."""
    pairs = audit["languages_of_sources"]
    if len({pair["source"] for pair in pairs}) < 2:
        return ""
    rows = [
        Row(
            [
                safe_text(pair["source"]),
                safe_text(pair["language"]),
                f"{pair['documents']:,}",
                f"{pair['doubtful']:,}",
            ]
        )
        for pair in sorted(pairs, key=lambda pair: (pair["source"], -pair["documents"]))
    ]
    heads = ("source", "language", "documents", "uncertain")
    return folded("Languages by source", table(heads, rows, "ttnn", "Languages by source"))


def names(audit: Report, counts: NameTable, head: str, *, with_uncertain: bool = False) -> str:
    """Return a table of documents by name, each name with a bar that shows the splits.

    `head` is the singular of what is counted: `publisher`.
    """
    if not counts["rows"]:
        return ""
    split_names = list(audit["splits"])
    longest = max(row["documents"] for row in counts["rows"])

    def cells(totals: Totals, name: str, segments: Sequence[tuple[float, str]] = ()) -> list[str]:
        share = percent(totals["documents"], audit["documents"])
        uncertain = [f"{totals['doubtful']:,}"] if with_uncertain else []
        numbers = [f"{totals['documents']:,}", share, f"{totals['words']:,}", *uncertain]
        return [name, *numbers, bar(segments, longest)]

    rows, rest = [], []
    for row in counts["rows"]:
        segments = [(row["splits"].get(s, 0), f"s{i}") for i, s in enumerate(split_names)]
        rows.append(Row(cells(row, safe_text(row["name"]), segments)))
    others, unknown = counts["others"], counts["unknown"]
    if others["documents"]:
        about = "" if counts["exact"] else "about "
        rest.append(Row(cells(others, f"{about}{others['names']:,} more"), "rest"))
    if unknown["documents"]:
        rest.append(Row(cells(unknown, "unknown"), "rest"))
    before = _concentration(counts, head) + legend(split_names)
    return before + _folded_rows(head, rows, rest, with_uncertain=with_uncertain)


def _folded_rows(head: str, rows: list[Row], rest: list[Row], *, with_uncertain: bool) -> str:
    """Return a table of names; if it is long, most of it is folded."""
    heads = [head, "documents", "share", "words", *(["uncertain"] if with_uncertain else []), ""]
    kinds = "tnnnnc" if with_uncertain else "tnnnc"
    caption = f"Documents by {head}"
    if len(rows) <= MAX_ROWS + TOLERANCE:
        return table(heads, rows + rest, kinds, caption)
    more = table(heads, rows[MAX_ROWS:] + rest, kinds, f"{caption}, continued")
    return table(heads, rows[:MAX_ROWS], kinds, caption) + folded(
        f"{len(rows) - MAX_ROWS:,} more", more
    )


def _concentration(counts: NameTable, head: str) -> str:
    """Return which share of the documents the largest names have."""
    concentration = counts["concentration"]
    if not concentration or counts["names"] < 3:
        return ""
    ten = (
        f"; the ten largest have {100 * concentration['ten']:.3g} %" if counts["names"] > 10 else ""
    )
    return (
        f"<p>The largest {head} has {100 * concentration['largest']:.3g} % of the documents with a "
        f"known {head}{ten}. The effective number of {head}s is {concentration['effective']:.3g} "
        f"of {counts['names']:,} (inverse Simpson index).</p>"
    )


def columns(audit: Report) -> str:
    """Return a table of columns, and how many documents have a value in each."""
    total = audit["documents"]
    rows = []
    for column in audit["columns"]:
        n = total - column["missing"]
        fill = bar([(n, "s0"), (column["missing"], "remaining")], total)
        cells = [safe_text(column["name"]), f"{column['missing']:,}", percent(n, total), fill]
        rows.append(Row(cells))
    return table(("column", "missing", "filled", ""), rows, "tnnc", "Columns")
