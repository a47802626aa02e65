"""The classes of characters that signals rest on, one bit each.

The package ships its own table, so signals do not depend on Python's version of Unicode.
`scripts/make_signal_characters.py` writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.shipped_models import read_shipped_model

SPACE = 1 << 0
"""White space, as in `str.split`."""
LINE_BREAK = 1 << 1
"""What `str.splitlines` splits at."""
LETTER = 1 << 2
"""As in `str.isalpha`."""
LETTER_OR_DIGIT = 1 << 3
"""As in `str.isalnum`."""
UPPER = 1 << 4
"""Letters that are not lower case; those without case are both."""
LOWER = 1 << 5
"""Letters that are not upper case."""
DIGIT = 1 << 6
"""0 to 9."""
SYMBOL = 1 << 7
"""What datatrove counts as punctuation: a word of these alone is not counted."""
SENTENCE_END = 1 << 8
"""Ends of sentences in any script, as FineWeb counts them."""
SPACY_SENTENCE_END = 1 << 9
"""Ends of sentences, as spaCy's sentence splitter knows them."""
PUNCTUATION = 1 << 10
"""Unicode's categories P."""
AFFIX = 1 << 11
"""What the English tokenizer takes off both ends of a word."""
PREFIX = 1 << 12
"""What it takes off the beginning only."""
BEFORE_FULL_STOP = 1 << 13
"""Besides lower-case letters: that after which it takes off a full stop."""
QUOTE = 1 << 14
HYPHEN = 1 << 15
ICON = 1 << 16
"""What splits a word wherever it stands: pictures and the ellipsis."""
CURRENCY = 1 << 17
BRACE = 1 << 18
"""The opening curly bracket."""
BRACKET = 1 << 19
"""The opening square bracket."""
LONE = 1 << 20
"""A word of its own in `corpus.words`: a character of a script written without spaces."""

CODE_POINTS = 0x110000
PATH = Path(__file__).with_name("characters.npz")


@cache
def class_table() -> NDArray[np.uint32]:
    """Return the classes of each code point: uint32[0x110000], 4 MB, read-only."""
    return read_shipped_model(PATH, _unpack)


def _unpack(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.uint32]:
    """Return the table from the runs in its file."""
    table = np.repeat(arrays["bits"], np.diff(arrays["first"], append=CODE_POINTS))
    table.flags.writeable = False
    return table.astype(np.uint32, copy=False)


def has(char: str, classes: int) -> bool:
    """Return whether a character belongs to one of these classes."""
    return bool(class_table()[ord(char)] & classes)
