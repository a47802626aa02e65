"""A rule: a signal, and the bounds within which a text is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

NGRAM_BOUNDS = (0.2, 0.18, 0.16, 0.15, 0.14, 0.13, 0.12, 0.11, 0.1)
"""Gopher, Table A1: top 2- to 4-grams, repeated 5- to 10-grams."""


class Rule(NamedTuple):
    """A signal, and the bounds within which a text is kept; both are inclusive."""

    name: str
    signal: str
    min: float | None = None
    max: float | None = None


def repeated_ngrams(
    suffix: str = "", *, bounds: Sequence[float] = NGRAM_BOUNDS
) -> tuple[Rule, ...]:
    """Return the rules for top 2- to 4-grams and repeated 5- to 10-grams, counted in one way."""
    names = [f"top_{n}gram" for n in (2, 3, 4)] + [f"duplicate_{n}grams" for n in range(5, 11)]
    return tuple(
        Rule(name, name + suffix, max=bound) for name, bound in zip(names, bounds, strict=True)
    )
