"""Measure the quality of texts: characters that do not belong there, and lines that repeat.

Everything is counted on whole columns. Only distinct characters and the few lines that repeat are
handled in Python.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.arrow_buffers import texts
from corpus.auditing.measure.vocabulary import sorted_unique
from corpus.auditing.report import CharacterClasses, Characters, OddCharacter, RepeatedLines

MAX_ROWS = 20
"""Odd characters and repeated lines that are listed."""

MIN_LINE_DOCUMENTS = 3
"""A line in at least this many documents is repeated: it may be boilerplate."""

MAX_LINE_CHARACTERS = 160
"""Listed lines are truncated to this length."""

CLASSES = {
    "L": "letters",
    "M": "marks on letters",
    "N": "digits",
    "P": "punctuation",
    "S": "symbols",
    "Z": "spaces",
    "C": "controls",
}
"""Character classes, by the first letter of the Unicode category."""

ODD_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co"})
ALLOWED_CHARACTERS = frozenset("\n\t\u200c\u200d\u00ad")
"""Characters of these categories that texts need: line breaks, tabs, joiners, soft hyphens."""

MOJIBAKE = "[\u00c2\u00c3\u00d0\u00d1][\u0080-\u00bf]|\u00e2\u20ac|\u00ef\u00bf\u00bd"
"""What UTF-8 looks like if it was decoded as Latin-1: two letters instead of one."""

_CHUNK_BYTES = 1 << 22


def character_statistics(column: pa.Array) -> Characters:
    """Return the number of characters of each class, and the characters that do not belong."""
    counts = _code_point_counts(column)
    classes: Counter[str] = Counter()
    odd: list[OddCharacter] = []
    for code in np.flatnonzero(counts).tolist():
        character, n = chr(code), int(counts[code])
        category = unicodedata.category(character)
        is_space = character in "\n\t\r"
        classes["spaces" if is_space else CLASSES[category[0]]] += n
        is_odd = category in ODD_CATEGORIES or character == "\ufffd"
        if is_odd and character not in ALLOWED_CHARACTERS:
            name = unicodedata.name(character, "a control character").lower()
            odd.append({"code": f"U+{code:04X}", "name": name, "times": n, "documents": 0})
    odd.sort(key=lambda row: (-row["times"], row["code"]))
    for row in odd[:MAX_ROWS]:  # each takes one more pass over the texts
        has = pc.match_substring(column, chr(int(row["code"].removeprefix("U+"), 16)))
        row["documents"] = pc.sum(has).as_py() or 0
    mojibake = pc.match_substring_regex(column, MOJIBAKE)
    return {
        "classes": cast("CharacterClasses", {name: classes[name] for name in CLASSES.values()}),
        "odd": odd[:MAX_ROWS],
        "documents": _documents_with(column, [row["code"] for row in odd]),
        "distinct": int((counts > 0).sum()),
        "mojibake": pc.sum(mojibake).as_py() or 0,
    }


def _documents_with(column: pa.Array, codes: list[str]) -> int:
    """Return how many texts contain any of these characters."""
    if not codes:
        return 0
    alternatives = "".join(rf"\x{{{code.removeprefix('U+')}}}" for code in codes)
    return pc.sum(pc.match_substring_regex(column, f"[{alternatives}]")).as_py() or 0


def _code_point_counts(column: pa.Array) -> NDArray[np.int64]:
    """Return how often each code point occurs: int64[0x110000]."""
    counts = np.zeros(0x110000, np.int64)
    data, offsets = texts(column)
    body = data[offsets[0] : offsets[-1]]
    for start in range(0, len(body), _CHUNK_BYTES):  # two bytes at a time
        part = body[start : start + _CHUNK_BYTES]
        pairs = np.frombuffer(part.tobytes() + b"\xff" * (len(part) % 2), np.uint16)
        pair_counts = np.bincount(pairs, minlength=1 << 16).reshape(256, 256)
        counts[:0x80] += pair_counts.sum(axis=0)[:0x80] + pair_counts.sum(axis=1)[:0x80]
    leads = np.flatnonzero(body >= 0xC0)
    if len(leads):
        padded = np.concatenate([body, np.zeros(4, np.uint8)])
        lead = padded[leads].astype(np.int32)
        a, b, c = (padded[leads + i].astype(np.int32) & 0x3F for i in (1, 2, 3))
        two = (lead & 0x1F) << 6 | a
        three = (lead & 0x0F) << 12 | a << 6 | b
        four = (lead & 0x07) << 18 | a << 12 | b << 6 | c
        code = np.where(lead < 0xE0, two, np.where(lead < 0xF0, three, four))
        counts += np.bincount(code[code < 0x110000], minlength=0x110000)
    return counts


def repeated_lines(column: pa.Array, sources: pa.Array) -> RepeatedLines:
    """Return how many lines repeat across documents, and the lines in the most documents.

    Lines with fewer than two letters are ignored. A line that occurs twice in a document counts
    once for `documents`.
    """
    n = len(column)
    lists = pc.split_pattern(column, "\n")
    line_documents = np.repeat(np.arange(n), pc.list_value_length(lists).to_numpy())
    coded = pc.dictionary_encode(pc.utf8_trim_whitespace(lists.flatten()))
    codes = coded.indices.to_numpy().astype(np.int64)
    pairs = sorted_unique(codes * n + line_documents)  # each line once per document
    documents = np.bincount(pairs // max(n, 1), minlength=len(coded.dictionary))
    repeated = np.flatnonzero(documents >= MIN_LINE_DOCUMENTS)
    lettered = pc.match_substring_regex(coded.dictionary.take(pa.array(repeated)), r"\p{L}.*\p{L}")
    repeated = repeated[pc.fill_null(lettered, fill_value=False).to_numpy(zero_copy_only=False)]
    times = np.bincount(codes, minlength=len(coded.dictionary))
    lengths = pc.utf8_length(coded.dictionary.take(pa.array(repeated)))
    characters = (lengths.to_numpy().astype(np.int64) * times[repeated]).sum()
    is_repeated = np.zeros(len(documents) + 1, np.bool_)
    is_repeated[repeated] = True
    with_repeats = pairs[is_repeated[pairs // max(n, 1)]] % max(n, 1)
    top = repeated[np.argsort(-documents[repeated], kind="stable")[: 4 * MAX_ROWS]].tolist()
    rows = [
        {
            "line": coded.dictionary[code].as_py()[:MAX_LINE_CHARACTERS],
            "documents": int(documents[code]),
            "times": int(times[code]),
            "sources": len(pc.unique(sources.take(pa.array(_documents_of(pairs, code, n))))),
        }
        for code in top
    ]
    rows.sort(key=lambda row: (-row["documents"], row["line"]))
    report = {
        "lines": int(pc.sum(pc.not_equal(lists.flatten(), "")).as_py() or 0),
        "least": MIN_LINE_DOCUMENTS,
        "repeated": len(repeated),
        "characters": int(characters),
        "documents": len(np.unique(with_repeats)),
        "rows": rows[:MAX_ROWS],
    }
    return cast("RepeatedLines", report)


def _documents_of(pairs: NDArray[np.int64], code: int, n: int) -> NDArray[np.int64]:
    """Return the documents that contain a line, from sorted `line * n + document`."""
    first, last = np.searchsorted(pairs, [code * n, (code + 1) * n])
    return pairs[first:last] % n
