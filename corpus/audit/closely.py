"""The close look at the texts that are held: words, characters, lines, personal data, outliers."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from corpus.audit.held import Held
from corpus.audit.texture import characters, lines, outliers, personal
from corpus.audit.vocabulary import telling, vocabulary, words_of

READ = 8 << 20
"""Bytes of text whose words are counted: of more, the numbers would hardly be other ones."""


def closely(held: Held) -> dict[str, Any]:
    """Return what a close look at the held texts finds.

    `documents` and `bytes` say how much was looked at, and `whole` whether that is all there is.
    """
    rows = held.settled()
    some = Held(READ, rows.rows, rows.whole).settled()
    table = some.rows
    text = _one(table["text"])
    words = words_of(text)
    every = _one(rows.rows["text"])
    return {
        "documents": rows.rows.num_rows,
        "bytes": _sum(rows.rows),
        "whole": rows.whole,
        "lines": lines(every, _one(rows.rows["source"])),
        "personal": personal(every),
        "characters": characters(every),
        "words": {
            "looked_at": {"documents": len(text), "bytes": _sum(table), "whole": some.whole},
            **vocabulary(words),
            "telling": {
                "splits": telling(words, _one(table["split"])),
                "languages": telling(words, _one(table["language"])),
            },
        },
        "outliers": outliers(table, words),
    }


def _one(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return pa.concat_arrays(found.chunks) if isinstance(found, pa.ChunkedArray) else found


def _sum(rows: pa.Table) -> int:
    import pyarrow.compute as pc

    return pc.sum(rows["bytes"]).as_py() or 0
