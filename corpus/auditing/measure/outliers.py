"""Find the most unusual texts: repetitive, or full of digits, capitals, punctuation or breaks."""

from __future__ import annotations

import string

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.arrow_buffers import texts
from corpus.auditing.measure.bottom_k import EXCERPT_CHARACTERS, MAX_FIELD_CHARACTERS
from corpus.auditing.measure.vocabulary import Words, sorted_unique
from corpus.auditing.report import Document, Outlier
from corpus.documents import ID

MAX_OUTLIERS = 3
"""Documents listed for each measure."""

MIN_WORDS = 50
"""Shorter texts are ignored: too many of them are unusual."""

BYTE_CLASSES = tuple(
    bytes(chr(byte) in members for byte in range(256))
    for members in (string.digits, string.ascii_uppercase, string.punctuation, "\n")
)
"""For each class, a translation table: 1 for the bytes in it, 0 for all others."""


def outliers(rows: pa.Table, words: Words) -> list[Outlier]:
    """Return the texts with the highest share of repeated words, digits, capitals and so on."""
    data, offsets = texts(rows["text"])
    size, first = np.diff(offsets), offsets[0]  # a slice of a column has the bytes of the whole
    n = np.bincount(words.documents, minlength=len(size))
    stride = len(words.names) + 1
    pairs = sorted_unique(words.documents * stride + words.codes)
    distinct = np.bincount(pairs // stride, minlength=len(size))
    raw = data[first : offsets[-1]].tobytes()
    shares = [
        _sums(np.frombuffer(raw.translate(table), np.bool_), offsets - first) / np.maximum(size, 1)
        for table in BYTE_CLASSES
    ]
    eligible = np.flatnonzero(n >= MIN_WORDS)
    results: list[Outlier] = []
    for why, share in (
        ("repeated words", 1 - distinct / np.maximum(n, 1)),
        ("digits", shares[0]),
        ("capital letters", shares[1]),
        ("punctuation", shares[2]),
        ("line breaks", shares[3]),
    ):
        order = eligible[np.argsort(-np.round(share[eligible], 6), kind="stable")][:MAX_OUTLIERS]
        results += [
            {"why": why, "share": round(float(share[i]), 4), **_document(rows, int(i))}
            for i in order
        ]
    return results


def _sums(flags: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of true flags between each two offsets."""
    return np.diff(np.searchsorted(np.flatnonzero(flags), offsets))


def _document(rows: pa.Table, at: int) -> Document:
    """Return a row of the sample in short."""
    row = rows.slice(at, 1).to_pylist()[0]

    def short(name: str) -> str | None:
        return row[name] and row[name][:MAX_FIELD_CHARACTERS]

    return {
        "id": short(ID),
        "title": short("title"),
        "publisher": short("publisher"),
        "url": short("url"),
        "source": short("source"),
        "language": row["language"],
        "date": row["date"],
        "excerpt": row["text"][:EXCERPT_CHARACTERS],
        "split": row["split"],
        "characters": len(row["text"]),
    }
