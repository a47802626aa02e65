"""Which part of a mixed document is in which language."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus import arrow_buffers
from corpus.kernels import njit
from corpus.languages.codes import NO_LANGUAGE
from corpus.languages.identify import Options, identify

MOST = 200
"""Of a document with more paragraphs, so many are tagged, spread evenly over it."""

LAST_BLANK = 0x3000
BLANK = np.array([chr(point).isspace() for point in range(LAST_BLANK + 1)])
"""Which characters are white space; none above U+3000 is."""


def shares_of(texts: pa.Array, options: Options) -> pa.Array:
    """Return the languages of each text's paragraphs, by their share of the letters, as JSON.

    The greatest share comes first; null where there are no letters. A paragraph is a line. Its
    letters are those of its sample, so one of ten thousand letters does not drown all others.
    """
    lines, counts = paragraphs(texts)
    tags = identify(lines, options)
    spoken = pc.not_equal(tags.language, NO_LANGUAGE).to_numpy(zero_copy_only=False)
    letters = np.where(spoken, tags.letters.to_numpy(), 0)
    languages = tags.language.to_pylist()
    found = []
    end = 0
    for count in counts.tolist():
        begin, end = end, end + count
        found.append(_shares(languages[begin:end], letters[begin:end].tolist()))
    return pa.array(found, pa.string())


def paragraphs(texts: pa.Array) -> tuple[pa.LargeStringArray, NDArray[np.int64]]:
    """Return the paragraphs that are tagged, and how many of each text they are (int64[n_texts]).

    At most MOST of a text, spread evenly, and no blank ones. No others are copied: a line of two
    letters takes fifty bytes as an object of Python's, and a text may have millions.
    """
    data, offsets = arrow_buffers.texts(texts)
    all_lines = np.zeros(len(texts), np.int64)
    count_lines(data, offsets, all_lines)
    counts = np.minimum(all_lines, MOST)
    spans = np.zeros((int(counts.sum()), 2), np.int64)
    choose_lines(data, offsets, all_lines, spans)
    held = b"".join([data[begin:end].tobytes() for begin, end in spans.tolist()])
    places = np.concatenate([[0], np.cumsum(spans[:, 1] - spans[:, 0])])
    return arrow_buffers.strings(np.frombuffer(held, np.uint8), places), counts


@njit
def count_lines(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], counts: NDArray[np.int64]
) -> None:
    """Write to `counts` how many lines of each text are not blank."""
    for text in range(len(counts)):
        at = offsets[text]
        while at < offsets[text + 1]:
            end = line_end(data, at, offsets[text + 1])
            counts[text] += not is_blank(data, at, end)
            at = end + 1


@njit
def choose_lines(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    counts: NDArray[np.int64],
    spans: NDArray[np.int64],
) -> None:
    """Write to `spans` (int64[n_chosen, 2]) where the chosen lines of each text begin and end.

    `counts` is what `count_lines` found; each text is left behind its last chosen line.
    """
    row = 0
    for text in range(len(counts)):
        chosen = min(counts[text], MOST)
        taken = seen = 0
        at = offsets[text]
        while taken < chosen:
            end = line_end(data, at, offsets[text + 1])
            if not is_blank(data, at, end):
                if seen == taken * counts[text] // chosen:
                    spans[row] = at, end
                    row += 1
                    taken += 1
                seen += 1
            at = end + 1


@njit
def line_end(data: NDArray[np.uint8], at: int, end: int) -> int:
    """Return where the line ends that begins at `at`: at a line feed, or with the text."""
    while at < end and data[at] != 0x0A:
        at += 1
    return at


@njit
def is_blank(data: NDArray[np.uint8], at: int, end: int) -> bool:
    """Return whether nothing but white space is in data[at:end], as `str.isspace` has it."""
    while at < end:
        first = data[at]
        length = 1 + int(first >= 0x80) + int(first >= 0xE0)
        if first > 0xE3 or at + length > end:  # E3 begins U+3000, and no white space lies above
            return False
        point = np.int64(first) if length == 1 else np.int64(first) & 0x7F >> length
        for more in range(1, length):
            point = point << 6 | np.int64(data[at + more]) & 0x3F
        if point > LAST_BLANK or not BLANK[point]:
            return False
        at += length
    return True


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
