"""The stretches of prose of a page: how much text stands together, without a title between.

An article has one long stretch. A list of articles has many short ones, each below the title of an
article, which is a link.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus.array_types import Flags, Sums


class Stretch(NamedTuple):
    """The most prose that stands together on a page."""

    words: float
    """Words of paragraphs in the stretch with most of them."""
    paragraphs: float
    """Paragraphs in the stretch with most of them."""


def longest_stretch(words: Sums, is_prose: Flags, is_break: Flags) -> Stretch:
    """Return the most prose between two breaks.

    The arrays have an entry for each block or line, at least one: its number of words (float64),
    whether it is a paragraph, and whether a new stretch begins with it. The sums are sums of whole
    numbers, so every machine computes the same bits.
    """
    number = np.cumsum(is_break)
    sums = np.bincount(number, words * is_prose)
    return Stretch(float(sums.max()), float(np.bincount(number, is_prose).max()))


def share(part: float, whole: float) -> float:
    """Return a part of a whole as a share; 0 if the whole is 0."""
    return part / whole if whole else 0.0
