"""The tables of the dataset card: names, fields, dates, and one document as an example."""

from __future__ import annotations

import json
from typing import Any

from corpus.card.hub import dtype
from corpus.markup import Markdown, code, fenced, markdown

FIELDS = {
    "id": "the source's own id, or a hash of its record; unique",
    "text": "the article",
    "title": "its title",
    "author": "who wrote it",
    "publisher": "who published it",
    "date": "when it was published, UTC",
    "url": "its address",
    "source": "the file it was read from, below the configured folder",
    "removed_ratio": "the share of the page that cleaning took away",
    "clean_confidence": "the F1 that the line model expects of the lines it kept of the page",
    "boilerplate_lines": "how many lines went because they stand on many pages of its site",
    "language": "its language: ISO 639; `und` where it is not sure enough, `zxx` without letters",
    "language_script": "its script: ISO 15924",
    "language_score": "the chance that the language is right",
    "language_second": "the next most likely language",
    "language_shares": "the languages of its parts",
}
"""What the columns of a document hold."""

ROWS = {"languages": 30, "publishers": 15, "hosts": 15, "sources": 8}
"""Rows of each table of names, at most; the others are summed."""

EXAMPLE = 300
"""Characters of the example's text."""


def counted(n: int, what: str) -> str:
    """Return how many there are of something: `1 file`, `2 files`."""
    return f"{n:,} {what if n == 1 else what + 's'}"


def tables(audit: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the tables of names that have something to tell."""
    found = []
    for key, title, style in (
        ("languages", "language", code),
        ("publishers", "publisher", markdown),
        ("hosts", "host", code),
        ("sources", "source", code),
    ):
        table = audit[key]
        if table["rows"]:
            found.append({"title": title, "rows": _named(table, audit, style, ROWS[key])})
    return found


def _named(
    table: dict[str, Any], audit: dict[str, Any], style: Any, most: int
) -> list[dict[str, Any]]:
    """Return the rows of a table: the most frequent names, the others, the nameless."""
    told = table["rows"][:most]
    rows = [{**row, "name": style(row["name"]), "splits": _every(row, audit)} for row in told]
    unknown = {**table["unknown"], "name": Markdown("not known")}
    unknown["splits"] = _every(unknown, audit)
    rest = _rest([*rows, unknown], audit)
    if rest["documents"]:
        about = "" if table["exact"] else "about "
        more = Markdown(f"{about}{table['names'] - len(told):,} more")
        rows.append({"name": more, **rest})
    return rows + ([unknown] if unknown["documents"] else [])


def _rest(rows: list[dict[str, Any]], audit: dict[str, Any]) -> dict[str, Any]:
    """Return what the rows leave of the whole corpus."""
    found: dict[str, Any] = {
        key: audit[key] - sum(row[key] for row in rows) for key in ("documents", "words")
    }
    found["splits"] = {
        split: told["documents"] - sum(row["splits"][split] for row in rows)
        for split, told in audit["splits"].items()
    }
    return found


def _every(row: dict[str, Any], audit: dict[str, Any]) -> dict[str, int]:
    return {split: row["splits"].get(split, 0) for split in audit["splits"]}


def dates(audit: dict[str, Any]) -> Markdown:
    """Return from when to when the documents are."""
    months = sorted({month for split in audit["splits"].values() for month in split["months"]})
    undated = sum(split["undated"] + split["implausible"] for split in audit["splits"].values())
    if not months:
        return Markdown("No document has a date.")
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    rest = f"; {counted(undated, 'document')} without a date" if undated else ""
    return Markdown(f"Dates: {span}{rest}.")


def fields(manifest: dict[str, Any], audit: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the columns with their types, how many documents fill them, and what they hold."""
    empty = {row["name"]: row["missing"] for row in audit["columns"]}
    return [
        {
            "name": one["name"],
            "type": dtype(one["type"]),
            "filled": audit["documents"] - empty.get(one["name"], audit["documents"]),
            "about": Markdown(FIELDS.get(one["name"], "a column of the source")),
        }
        for one in manifest["columns"]
    ]


def example(audit: dict[str, Any]) -> Markdown | None:
    """Return a document of the audit's sample as JSON in which no character could end its block."""
    if not audit["sample"]:
        return None
    document = dict(audit["sample"][0])
    text = document.pop("excerpt") or ""
    text = text if len(text) <= EXAMPLE else text[:EXAMPLE] + "…"
    told = {"id": document["id"], "text": text}
    told |= {key: value for key, value in document.items() if value is not None}
    told.pop("characters")
    told.pop("split")
    return fenced(json.dumps(told, indent=2, ensure_ascii=False).replace("<", "\\u003c"), "json")
