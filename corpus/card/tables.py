"""The tables of the dataset card: names, columns, dates, and one document as an example."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from corpus.card.descriptions import COLUMNS, OTHER_COLUMN
from corpus.card.hub import dtype
from corpus.markup import Markdown, code, count_of, fenced, markdown

Audit = Mapping[str, Any]

MAX_ROWS = {"content_kinds": 7, "languages": 30, "publishers": 15, "hosts": 15, "sources": 8}
"""Maximum number of rows of each table; the remaining names are summed in one row."""

MAX_EXAMPLE_CHARACTERS = 300
MAX_TYPE_CHARACTERS = 100


class NameRow(NamedTuple):
    """A row of a table of names; `splits` has the documents in each split."""

    name: Markdown
    documents: int
    words: int
    splits: dict[str, int]


class NameTable(NamedTuple):
    """A table of documents by name: by content kind, language, publisher, host or source."""

    title: str
    rows: list[NameRow]


class Field(NamedTuple):
    """A column of the corpus; `filled` is the number of documents with a value."""

    name: str
    type: str
    filled: int
    description: Markdown


def name_tables(audit: Audit) -> list[NameTable]:
    """Return the tables of kinds, languages, publishers, hosts and sources that are not empty."""
    tables = []
    for key, title, style in (
        ("content_kinds", "content kind", code),
        ("languages", "language", code),
        ("publishers", "publisher", markdown),
        ("hosts", "host", code),
        ("sources", "source", code),
    ):
        if audit[key]["rows"]:
            tables.append(NameTable(title, _rows(audit[key], audit, style, MAX_ROWS[key])))
    return tables


def _rows(
    counts: Mapping[str, Any], audit: Audit, style: Callable[[object], Markdown], max_rows: int
) -> list[NameRow]:
    """Return the most frequent names, one row for all others, and one for unnamed documents."""

    def row(name: Markdown, totals: Mapping[str, Any]) -> NameRow:
        splits = {split: totals["splits"].get(split, 0) for split in audit["splits"]}
        return NameRow(name, totals["documents"], totals["words"], splits)

    rows = [row(style(each["name"]), each) for each in counts["rows"][:max_rows]]
    unknown = row(Markdown("unknown"), counts["unknown"])
    about = "" if counts["exact"] else "about "
    name = Markdown(f"{about}{counts['names'] - len(rows):,} more")
    others = _remainder(name, [*rows, unknown], audit)
    return [*rows, *(each for each in (others, unknown) if each.documents)]


def _remainder(name: Markdown, rows: Sequence[NameRow], audit: Audit) -> NameRow:
    """Return what is left of the whole corpus after some rows."""
    return NameRow(
        name,
        documents=audit["documents"] - sum(row.documents for row in rows),
        words=audit["words"] - sum(row.words for row in rows),
        splits={
            name: split["documents"] - sum(row.splits[name] for row in rows)
            for name, split in audit["splits"].items()
        },
    )


def dates(audit: Audit) -> Markdown:
    """Return the first and the last month, and how many documents have no date."""
    splits = audit["splits"].values()
    months = sorted({month for split in splits for month in split["months"]})
    undated = sum(split["undated"] + split["implausible"] for split in splits)
    if not months:
        return Markdown("No document has a date.")
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    missing = f"; {count_of(undated, 'document')} without a date" if undated else ""
    return Markdown(f"Dates: {span}{missing}.")


def fields(manifest: Mapping[str, Any], audit: Audit) -> list[Field]:
    """Return the columns with types, number of filled values, and descriptions."""
    missing = {column["name"]: column["missing"] for column in audit["columns"]}
    return [
        Field(
            name=column["name"],
            type=_shortened(dtype(column["type"])),
            filled=audit["documents"] - missing.get(column["name"], audit["documents"]),
            description=_description(column),
        )
        for column in manifest["columns"]
    ]


def _description(column: Mapping[str, Any]) -> Markdown:
    if "description" in column:
        return markdown(column["description"])
    return Markdown(COLUMNS.get(column["name"], OTHER_COLUMN))


def _shortened(type: str) -> str:
    """Return the type of a column, or the beginning of a long one."""
    if len(type) <= MAX_TYPE_CHARACTERS:
        return type
    return type[:MAX_TYPE_CHARACTERS] + " ..."


def example(audit: Audit) -> Markdown | None:
    """Return one document of the audit's sample as JSON that cannot close its code block."""
    if not audit["sample"]:
        return None
    document = dict(audit["sample"][0])
    text = document.pop("excerpt") or ""
    if len(text) > MAX_EXAMPLE_CHARACTERS:
        text = text[:MAX_EXAMPLE_CHARACTERS] + "…"
    shown = {"id": document["id"], "text": text}
    shown |= {key: value for key, value in document.items() if value is not None}
    shown.pop("characters")
    shown.pop("split")
    return fenced(json.dumps(shown, indent=2, ensure_ascii=False).replace("<", "\\u003c"), "json")
