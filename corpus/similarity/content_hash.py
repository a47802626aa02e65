"""Content hashes of a whole column of texts: `corpus.words.definition.content`, computed fast."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa

from corpus.arrow_buffers import texts
from corpus.words.normalize import normalize


def content_hashes(column: pa.Array | pa.ChunkedArray) -> pa.FixedSizeBinaryArray:
    """Return 16 bytes for each text, equal for texts with the same words.

    A text without words equals only the identical text.
    """
    data, offsets = texts(column)
    normalized, bounds = normalize(column)
    words, raw = normalized.data, np.ascontiguousarray(data).data
    hashes, raw_bounds, begin = bytearray(), offsets.tolist(), 0
    for k, end in enumerate(bounds[1:].tolist()):
        digest = hashlib.sha256(words[begin:end] if end > begin else b" ")
        if end == begin:
            digest.update(raw[raw_bounds[k] : raw_bounds[k + 1]])
        hashes += digest.digest()[:16]
        begin = end
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(bounds) - 1, [None, pa.py_buffer(bytes(hashes))]
    )
