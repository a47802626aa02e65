"""How many words a text has, counted by Arrow over whole columns.

A word is a run of letters, marks, digits or underscores; in scripts without spaces (Thai, Lao,
Myanmar, Khmer, Kana, Han) each character is a word.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_ALONE = (
    r"\x{0E00}-\x{0EFF}\x{1000}-\x{109F}\x{1780}-\x{17FF}\x{3040}-\x{30FF}"
    r"\x{3400}-\x{9FFF}\x{F900}-\x{FAFF}\x{20000}-\x{3FFFF}"
)
_KINDS = "|".join(rf"[^{_ALONE}\P{{{kind}}}]" for kind in "LMN")
_WORD = rf"(?:_|{_KINDS})+|[{_ALONE}]"
_ASCII_WORD = "[0-9A-Za-z_]+"


def words(texts: pa.Array) -> pa.Array:
    """Return the number of words of each text (int64[n_texts]); null where the text is."""
    ascii = pc.all(pc.string_is_ascii(texts), min_count=0).as_py()
    return pc.count_substring_regex(texts, _ASCII_WORD if ascii else _WORD).cast(pa.int64())
