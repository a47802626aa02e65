"""The column of texts: each is a string, or bytes in valid UTF-8, or null."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
import pyarrow as pa

LARGE_TEXTS = 1 << 22
"""Characters of the texts of a batch from which they are copied piece by piece."""


def text_column(texts: Sequence[str | bytes | None]) -> pa.Array:
    """Return texts as a column of large strings. A large string is copied piece by piece.

    Arrow's own conversion reserves twice the size of a large text, and encodes all of it first.
    The bytes of a single large text are the column's own.
    """
    if sum(len(text) for text in texts if text is not None) < LARGE_TEXTS:
        return pa.array(texts, pa.large_string())
    if len(texts) == 1 and isinstance(texts[0], bytes):
        return _strings(texts[0], [0, len(texts[0])], [True])
    data, offsets = BytesIO(), [0]
    for text in texts:
        for begin in range(0, len(text or ""), LARGE_TEXTS):
            piece = (text or "")[begin : begin + LARGE_TEXTS]
            data.write(piece if isinstance(piece, bytes) else piece.encode())
        offsets.append(data.tell())
    return _strings(data.getvalue(), offsets, [text is not None for text in texts])


def _strings(data: bytes, offsets: Sequence[int], is_valid: Sequence[bool]) -> pa.Array:
    """Return the column of large strings with these bytes, which are not copied."""
    validity = pa.array(is_valid, pa.bool_()).buffers()[1]
    buffers = [validity, pa.py_buffer(np.array(offsets, np.int64)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_string(), len(is_valid), buffers)
