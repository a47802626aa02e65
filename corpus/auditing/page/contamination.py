"""The section of the audit page about benchmarks: what was searched for, and what was found."""

from __future__ import annotations

from corpus.auditing.page.parts import Row, safe_text, table
from corpus.auditing.report import Report
from corpus.contamination.coverage import describe_skipped


def contamination(audit: Report) -> str:
    """Return a table of the benchmarks that the documents were searched for."""
    coverage = audit.get("contamination")
    if not coverage:
        return ""
    rows = [
        Row(
            [
                safe_text(row["benchmark"]),
                safe_text(row["version"]),
                f"{row['items']:,}",
                f"{row['indexed']:,}",
                f"{row['answers']:,}",
                safe_text(describe_skipped(row)),
                f"{row['documents']:,}" if "documents" in row else "not counted",
            ]
        )
        for row in coverage
    ]
    heads = ("benchmark", "version", "items", "questions", "answers", "skipped", "documents")
    return (
        "<p>Questions and answers of these benchmarks were searched for. An item that was skipped "
        "may be in the corpus; a duplicate is found with the first item.</p>"
        + table(heads, rows, "wwnnnwn", "Benchmarks that the documents were searched for")
    )
