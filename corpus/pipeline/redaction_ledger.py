"""The ledger of redactions: what the stage `redact` replaced in documents that are kept.

Documents carry what was found in them (`corpus.documents.REDACTED`) through all passes. The last
pass moves it from those that are published to the ledger, so that a document that another stage
removes is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import ID, LANGUAGE, REDACTED, REDACTED_TYPE


class Redactions(NamedTuple):
    """How often a type was found in the kept documents of one language."""

    type: str
    language: str | None
    """None if the documents have no language."""

    documents: int
    matches: int


def redaction_rows(documents: pa.Table) -> pa.Table:
    """Return the ledger's rows (`REDACTIONS`) of documents, in their order, with the language."""
    found = pa.concat_arrays([pa.array([], REDACTED_TYPE), *documents.column(REDACTED).chunks])
    parents = pc.list_parent_indices(found)
    spans = found.flatten()
    columns = {ID: documents.column(ID).take(parents)}
    columns |= {field.name: spans.field(field.name) for field in REDACTED_TYPE.value_type}
    languages = pa.chunked_array([pa.nulls(documents.num_rows, pa.string())])
    if LANGUAGE in documents.schema.names:
        languages = documents.column(LANGUAGE)
    columns[LANGUAGE] = languages.take(parents)
    return pa.table(columns)


def count_redactions(rows: pa.Table) -> tuple[Redactions, ...]:
    """Return how often each type was found in each language, of rows with the language."""
    counts = rows.group_by(["type", LANGUAGE]).aggregate([(ID, "count_distinct"), (ID, "count")])
    return tuple(
        Redactions(row["type"], row[LANGUAGE], row["id_count_distinct"], row["id_count"])
        for row in counts.to_pylist()
    )


def redaction_metrics(parts: Iterable[Iterable[Redactions]]) -> Mapping[str, Any]:
    """Return the metrics of the stage: the sums over all parts, by type and language."""
    totals: dict[tuple[str, str | None], list[int]] = {}
    for part in parts:
        for type, language, documents, matches in part:
            total = totals.setdefault((type, language), [0, 0])
            total[0] += documents
            total[1] += matches
    ordered = sorted(totals, key=lambda key: (key[0], key[1] or ""))
    return {
        "redacted": [
            {
                "type": type,
                "language": language,
                "documents": totals[type, language][0],
                "matches": totals[type, language][1],
            }
            for type, language in ordered
        ]
    }
