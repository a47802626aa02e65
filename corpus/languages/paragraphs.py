"""Which part of a mixed document is in which language."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.languages.codes import NO_LANGUAGE
from corpus.languages.identify import Options, identify

MOST = 200
"""Of a document with more paragraphs, so many are tagged, spread evenly over it."""


def shares_of(texts: pa.Array, options: Options) -> pa.Array:
    """Return the languages of each text's paragraphs, by their share of the letters, as JSON.

    The greatest share comes first; null where there are no letters. A paragraph is a line. Its
    letters are those of its sample, so one of ten thousand letters does not drown all others.
    """
    lines: list[str] = []
    counts = []
    for text in texts:
        here = [line for line in (text.as_py() or "").split("\n") if line.strip()]
        if len(here) > MOST:
            here = [here[at * len(here) // MOST] for at in range(MOST)]
        lines += here
        counts.append(len(here))
    tags = identify(pa.array(lines, pa.large_string()), options)
    spoken = pc.not_equal(tags.language, NO_LANGUAGE).to_numpy(zero_copy_only=False)
    letters = np.where(spoken, tags.letters.to_numpy(), 0)
    languages = tags.language.to_pylist()
    found = []
    end = 0
    for count in counts:
        begin, end = end, end + count
        found.append(_shares(languages[begin:end], letters[begin:end].tolist()))
    return pa.array(found, pa.string())


def _shares(languages: list[str], letters: list[int]) -> str | None:
    """Return the share of each language, rounded to a hundredth, as JSON; null without letters."""
    total: dict[str, int] = {}
    for language, count in zip(languages, letters, strict=True):
        if count:
            total[language] = total.get(language, 0) + count
    everything = sum(total.values())
    if not everything:
        return None
    order = sorted(total, key=lambda language: (-total[language], language))
    return json.dumps({language: round(total[language] / everything, 2) for language in order})
