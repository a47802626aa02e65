"""The share of each language in a document of several languages."""

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

MAX_PARAGRAPHS = 200
"""Maximum number of paragraphs tagged per document; they are spread evenly over longer ones."""

MAX_SPACE_POINT = 0x3000
IS_SPACE = np.array([chr(point).isspace() for point in range(MAX_SPACE_POINT + 1)])
"""Which code points are white space; there is none above U+3000."""


def language_shares(texts: pa.Array, options: Options) -> pa.Array:
    """Return each language's share of the letters of a text, as JSON, the largest share first.

    Null for a text without letters. A paragraph is a line. Letters are those of its sample, so one
    paragraph of ten thousand letters does not outweigh all others.
    """
    lines, counts = sample_paragraphs(texts)
    tags = identify(lines, options)
    has_language = pc.not_equal(tags.language, NO_LANGUAGE).to_numpy(zero_copy_only=False)
    letters = np.where(has_language, tags.letters.to_numpy(), 0)
    languages = tags.language.to_pylist()
    shares = []
    end = 0
    for count in counts.tolist():
        begin, end = end, end + count
        shares.append(_shares_json(languages[begin:end], letters[begin:end].tolist()))
    return pa.array(shares, pa.string())


def sample_paragraphs(texts: pa.Array) -> tuple[pa.LargeStringArray, NDArray[np.int64]]:
    """Return the paragraphs to tag, and the number of them in each text (int64[n_texts]).

    They are at most MAX_PARAGRAPHS of a text, spread evenly, without blank ones. Other lines are
    not copied: a line of two letters takes fifty bytes as a Python object, and a text may have
    millions.
    """
    data, offsets = arrow_buffers.texts(texts)
    all_lines = np.zeros(len(texts), np.int64)
    count_lines(data, offsets, all_lines)
    counts = np.minimum(all_lines, MAX_PARAGRAPHS)
    spans = np.zeros((int(counts.sum()), 2), np.int64)
    choose_lines(data, offsets, all_lines, spans)
    chosen = b"".join([data[begin:end].tobytes() for begin, end in spans.tolist()])
    chosen_offsets = np.concatenate([[0], np.cumsum(spans[:, 1] - spans[:, 0])])
    return arrow_buffers.strings(np.frombuffer(chosen, np.uint8), chosen_offsets), counts


@njit
def count_lines(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], counts: NDArray[np.int64]
) -> None:
    """Write the number of lines of each text that are not blank to `counts`."""
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
    """Write the begin and end of the chosen lines of each text to `spans` (int64[n_chosen, 2]).

    `counts` comes from `count_lines`. Bytes of a text after its last chosen line are not read.
    """
    row = 0
    for text in range(len(counts)):
        wanted = min(counts[text], MAX_PARAGRAPHS)
        n_chosen = n_lines = 0
        at = offsets[text]
        while n_chosen < wanted:
            end = line_end(data, at, offsets[text + 1])
            if not is_blank(data, at, end):
                if n_lines == n_chosen * counts[text] // wanted:
                    spans[row] = at, end
                    row += 1
                    n_chosen += 1
                n_lines += 1
            at = end + 1


@njit
def line_end(data: NDArray[np.uint8], at: int, end: int) -> int:
    """Return the end of the line that begins at `at`: the next line feed, or the text's end."""
    while at < end and data[at] != 0x0A:
        at += 1
    return at


@njit
def is_blank(data: NDArray[np.uint8], at: int, end: int) -> bool:
    """Return whether data[at:end] is only white space, as `str.isspace` defines it."""
    while at < end:
        first = data[at]
        length = 1 + int(first >= 0x80) + int(first >= 0xE0)
        if first > 0xE3 or at + length > end:  # E3 begins U+3000, the last white space
            return False
        point = np.int64(first) if length == 1 else np.int64(first) & 0x7F >> length
        for more in range(1, length):
            point = point << 6 | np.int64(data[at + more]) & 0x3F
        if point > MAX_SPACE_POINT or not IS_SPACE[point]:
            return False
        at += length
    return True


def _shares_json(languages: list[str], letters: list[int]) -> str | None:
    """Return the share of each language, rounded to a hundredth, as JSON; None without letters."""
    by_language: dict[str, int] = {}
    for language, count in zip(languages, letters, strict=True):
        if count:
            by_language[language] = by_language.get(language, 0) + count
    total = sum(by_language.values())
    if not total:
        return None
    order = sorted(by_language, key=lambda language: (-by_language[language], language))
    return json.dumps({language: round(by_language[language] / total, 2) for language in order})
