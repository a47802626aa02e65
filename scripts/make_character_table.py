"""Write corpus/words/characters.npz from the Unicode tables of the running Python.

    python scripts/make_character_table.py

The table is committed, so words are the same with every Python. A new table changes the words of
texts with code points that Unicode has added since: mention that in the CHANGELOG.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np

TABLE = Path(__file__).parents[1] / "corpus" / "words" / "characters.npz"

UNSPACED_RANGES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x9FFF),  # Han and its extension A
    (0xF900, 0xFAFF),  # Han, compatibility
    (0x20000, 0x3FFFF),  # Han, the later extensions
)
"""Scripts written without spaces: each character is a word."""


def character(code: int) -> tuple[int, int]:
    """Return the kind of a code point (0 separator, 1 in a word, 2 alone) and its case shift."""
    char = chr(code)
    if unicodedata.category(char)[0] not in "LMN" and char != "_":
        return 0, 0
    lower = char.lower()
    kind = 2 if any(low <= code <= high for low, high in UNSPACED_RANGES) else 1
    return kind, (ord(lower) - code if len(lower) == 1 else 0)


def main() -> None:
    """Write the table as runs of code points with the same kind and shift."""
    table = np.array([character(code) for code in range(0x110000)], np.int32)
    starts = np.flatnonzero(np.append(True, (table[1:] != table[:-1]).any(axis=1)))
    np.savez_compressed(
        TABLE,
        first=starts.astype(np.uint32),
        kind=table[starts, 0].astype(np.uint8),
        shift=table[starts, 1],
        unicode=np.array(unicodedata.unidata_version),
    )
    print(
        f"{len(starts)} runs, {TABLE.stat().st_size} bytes, Unicode {unicodedata.unidata_version}"
    )


if __name__ == "__main__":
    main()
