"""The section of the audit page about the mixture: how often each group is used."""

from __future__ import annotations

from corpus.auditing.page.charts import bar
from corpus.auditing.page.parts import Row, safe_text, table
from corpus.auditing.report import Report
from corpus.markup import html, percent
from corpus.mixture.report import MAX_GROUPS_IN_TABLE, epochs_of
from corpus.terminal import format_number


def mixture(audit: Report) -> str:
    """Return a table of the groups of training documents, the largest result first."""
    mixed = audit.get("mixture")
    if not mixed:
        return ""
    groups = mixed["groups"]
    reached = sum(row["reached"] for row in groups)
    rows = [
        Row(
            [
                safe_text(row["group"]),
                f"{row['documents']:,}",
                f"{row['size']:,}",
                f"{row['target']:,}",
                f"{row['reached']:,}{' (max_epochs)' if row['limited'] else ''}",
                percent(row["reached"], reached),
                f"{epochs_of(row):.3g}",
                f"{row['kept']:,}",
                f"{row['uses']:,}",
                bar([(row["reached"], "remaining")], max(each["reached"] for each in groups)),
            ]
        )
        for row in groups[:MAX_GROUPS_IN_TABLE]
    ]
    unit = mixed["unit"]
    heads = (mixed["by"], "documents", f"size in {unit}", "wanted", "used", "share", "epochs")
    more = len(groups) - len(rows)
    rest = f"<p>{more:,} smaller groups are in <code>audit.json</code>.</p>" if more > 0 else ""
    return (
        f"<p>Training documents by {safe_text(mixed['by'])}, and how much of each group is used, "
        f"in {html(unit)}. A document is used at most {format_number(mixed['max_epochs'])} times. "
        "It is stored once: the column <code>epochs</code> has how often to use it.</p>"
        + table(
            (*heads, "documents used", "rows", ""),
            rows,
            "wnnnnnnnnc",
            "How much of each group is used",
        )
        + rest
    )
