"""The close look at the texts that are held: words, characters, lines, personal data, outliers."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.measure.text_quality import characters, lines, outliers, personal
from corpus.auditing.measure.text_sample import Held
from corpus.auditing.measure.vocabulary import telling, vocabulary, words_of

READ = 4 << 20
"""Bytes of text that are read word by word: of more, the numbers would hardly be other ones."""


def closely(held: Held) -> dict[str, Any]:
    """Return what a close look at the held texts finds.

    `documents`, `bytes` and `whole` say how much was looked at, and whether that is all there is:
    for repeated lines; `read` says the same of everything else.
    """
    rows = held.settled()
    some = Held(READ, rows.rows, rows.whole).settled()
    table, text = some.rows, _one(some.rows["text"])
    words = words_of(text)
    return {
        **_size(rows),
        "lines": lines(_one(rows.rows["text"]), _one(rows.rows["source"])),
        "read": _size(some),
        "words": {
            **vocabulary(words),
            "telling": {
                "splits": telling(words, _one(table["split"])),
                "languages": telling(words, _one(table["language"])),
            },
        },
        "characters": characters(text),
        "personal": personal(text),
        "outliers": outliers(table, words),
    }


def _size(held: Held) -> dict[str, Any]:
    n = pc.sum(held.rows["bytes"]).as_py() or 0
    return {"documents": held.rows.num_rows, "bytes": n, "whole": held.whole}


def _one(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return pa.concat_arrays(found.chunks) if isinstance(found, pa.ChunkedArray) else found
