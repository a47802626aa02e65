"""Put the results of reading pages into the columns of their documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import (
    ARTICLE,
    AUTHOR,
    DATE,
    DOCUMENT,
    PUBLISHER,
    TITLE,
    URL,
    column,
    optional,
)

if TYPE_CHECKING:
    from corpus.articles.result import PageResult


def new_content(content: pa.Array, read: dict[int, PageResult]) -> pa.Array:
    """Return the new content type: `article` if extracted from a page, else `text`."""
    where = np.zeros(len(content), np.bool_)
    where[list(read)] = True
    article = pc.or_(pa.array(where), pc.equal(content, ARTICLE))
    return pc.if_else(article, ARTICLE, "text")


def values_of(read: dict[int, PageResult], before: pa.Array, name: str) -> pa.Array:
    """Return a column with the extraction results in the rows that were read."""
    rows = sorted(read)
    values = pa.array([getattr(read[row], name) for row in rows], before.type)
    if len(rows) == len(before):
        return values
    where = np.zeros(len(before), np.bool_)
    where[rows] = True
    return pc.replace_with_mask(before, pa.array(where), values)


def normalised(documents: pa.RecordBatch, steps: int) -> pa.RecordBatch:
    """Return the documents with title, author and publisher normalised like the text."""
    from corpus.articles.normalise.normalise import normalise

    for name in (TITLE, AUTHOR, PUBLISHER):
        type = DOCUMENT.field(name).type
        before = optional(documents, name, type)
        if before.null_count < len(before):
            after = normalise(before.cast(pa.large_string()).fill_null(""), steps=steps)
            values = pc.if_else(pc.is_null(before), pa.scalar(None, type), after.cast(type))
            documents = column(documents, name, values, type)
    return documents


def filled(documents: pa.RecordBatch, read: dict[int, PageResult]) -> pa.RecordBatch:
    """Return the documents with metadata from their pages in fields that are null.

    A title from the source loses the name of its site if the page has the title without it.
    """
    from corpus.articles.metadata.titles import strip_site_name

    for name in (TITLE, AUTHOR, PUBLISHER, DATE, URL):
        type = DOCUMENT.field(name).type
        before = optional(documents, name, type)
        values = [None] * len(before)
        for row, page in read.items():
            values[row] = getattr(page.metadata, name)
        if name == TITLE:
            titles = enumerate(before.to_pylist())
            shorter = [
                strip_site_name(title, values[row]) if title else title for row, title in titles
            ]
            before = pa.array(shorter, type)
        documents = column(documents, name, pc.coalesce(before, pa.array(values, type)), type)
    return documents
