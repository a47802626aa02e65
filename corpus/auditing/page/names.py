"""The sections of the audit page that tell names: splits, languages, publishers, columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpus.auditing.page.charts import bar, legend
from corpus.auditing.page.parts import document, folded, percent, scores, table, text
from corpus.markup import html

SHOWN = 15
"""Rows of a table of names that are shown at once; the others are folded away."""

Audit = dict[str, Any]


def splits(audit: Audit) -> str:
    """Return a table of the splits."""
    whole = audit["documents"]
    rows = []
    for kind, (name, split) in enumerate(audit["splits"].items()):
        n = split["documents"]
        mean = split["characters"] / n if n else 0
        numbers = [f"{split[key]:,}" for key in ("documents", "words", "characters")]
        share = [percent(n, whole), f"{mean:,.0f}", bar([(n, f"s{kind}")], whole)]
        rows.append(([text(name), *numbers, *share], ""))
    heads = ("split", "documents", "words", "characters", "share", "characters each", "")
    return table(heads, rows, "tnnnnnc", "Documents by split")


def languages(audit: Audit) -> str:
    """Return the languages, by split and by source, how sure they are, and the least sure ones."""
    if not audit["languages"]["rows"]:
        return ""
    doubtful = (
        f"<p>{audit['doubtful']:,} documents have a language score below "
        f"{audit['scores']['doubtful']}: their language is in doubt.</p>"
        if audit["doubtful"]
        else ""
    )
    read = "".join(
        document(
            found,
            said=f"{text(found['language'] or '?')} with {found['score']:.2f}, "
            f"{found['characters']:,} characters",
        )
        for found in audit["unsure"]
    )
    return "".join(
        [
            doubtful,
            names(audit, "languages", "language", doubt=True),
            _by_source(audit),
            scores(audit),
            f"<h3>The least sure, to read</h3>{read}" if read else "",
        ]
    )


def _by_source(audit: Audit) -> str:
    """Return how many documents of each source have each language, where sources differ."""
    pairs = audit["languages_of_sources"]
    if len({row["source"] for row in pairs}) < 2:
        return ""
    heads = ("source", "language", "documents", "in doubt")
    rows = [
        (
            [
                text(row["source"]),
                text(row["language"]),
                f"{row['documents']:,}",
                f"{row['doubtful']:,}",
            ],
            "",
        )
        for row in sorted(pairs, key=lambda row: (row["source"], -row["documents"]))
    ]
    return folded("Languages by source", table(heads, rows, "ttnn", "Languages by source"))


def names(audit: Audit, key: str, head: str, *, doubt: bool = False) -> str:
    """Return a table of names with a bar for each, its parts the splits."""
    found = audit[key]
    if not found["rows"]:
        return ""
    parts_of, longest = list(audit["splits"]), max(row["documents"] for row in found["rows"])
    rows, rest = [], []
    for row in found["rows"]:
        parts = [(row["splits"].get(split, 0), f"s{kind}") for kind, split in enumerate(parts_of)]
        rows.append((_row(row, audit, text(row["name"]), parts, longest, doubt=doubt), ""))
    others, unknown = found["others"], found["unknown"]
    about = "" if found["exact"] else "about "
    for told, row in ((f"{about}{others['names']:,} more", others), ("not known", unknown)):
        if row["documents"]:
            rest.append((_row(row, audit, html(told), [], longest, doubt=doubt), "rest"))
    heads = [head, "documents", "share", "words", *(["in doubt"] if doubt else []), ""]
    kinds = "tnnnnc" if doubt else "tnnnc"
    caption = f"Documents by {head}"
    before = _concentration(found, head) + legend(parts_of)
    if len(rows) <= SHOWN + 5:
        return before + table(heads, rows + rest, kinds, caption)
    more = table(heads, rows[SHOWN:] + rest, kinds, f"{caption}, the others")
    hidden = folded(f"{len(rows) - SHOWN:,} more", more)
    return before + table(heads, rows[:SHOWN], kinds, caption) + hidden


def _concentration(found: dict[str, Any], head: str) -> str:
    """Return how much of the corpus the largest names have."""
    told = found["concentration"]
    if not told or found["names"] < 3:
        return ""
    ten = f", the largest ten {100 * told['ten']:.3g} %" if found["names"] > 10 else ""
    return (
        f"<p>The largest {head} has {100 * told['largest']:.3g} % of the documents whose {head} is "
        f"known{ten}. The {found['names']:,} are as concentrated as {told['effective']:.3g} of "
        "equal size would be.</p>"
    )


def _row(
    row: dict[str, Any],
    audit: Audit,
    name: str,
    parts: Sequence[tuple[float, str]],
    longest: int,
    *,
    doubt: bool,
) -> list[str]:
    share = percent(row["documents"], audit["documents"])
    cells = [name, f"{row['documents']:,}", share, f"{row['words']:,}"]
    return [*cells, *([f"{row['doubtful']:,}"] if doubt else []), bar(parts, longest)]


def columns(audit: Audit) -> str:
    """Return which columns there are, and how many documents fill them."""
    whole = audit["documents"]
    rows = []
    for column in audit["columns"]:
        n = whole - column["missing"]
        drawn = bar([(n, "s0"), (column["missing"], "left")], whole)
        cells = [text(column["name"]), f"{column['missing']:,}", percent(n, whole), drawn]
        rows.append((cells, ""))
    return table(("column", "without a value", "filled", ""), rows, "tnnc", "Columns")
