"""What some texts are made of besides words: characters, repeated lines, personal data, oddities.

All of it is counted in columns; what is looked at in Python are distinct characters, the few lines
that repeat, and the texts that hold something that looks like personal data.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.arrow_buffers import texts
from corpus.auditing.measure.vocabulary import distinct
from corpus.documents import ID

TOP = 20
MASKED = 3
"""Findings of each kind of personal data that are shown, masked."""

REPEATED = 3
"""From so many documents on, a line is boilerplate that was left over, or may be."""

LINE = 160
"""Characters of a line that are told."""

CLASSES = {
    "L": "letters",
    "M": "marks on letters",
    "N": "digits",
    "P": "punctuation",
    "S": "symbols",
    "Z": "spaces",
    "C": "controls",
}
"""The classes of characters: the first letter of their category in Unicode."""

HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co"})
INNOCENT = frozenset("\n\t\u200c\u200d\u00ad")
"""Hidden characters that texts need: line ends, tabs, joiners, and where a word may be cut."""

MOJIBAKE = "[\u00c2\u00c3\u00d0\u00d1][\u0080-\u00bf]|\u00e2\u20ac|\u00ef\u00bf\u00bd"
"""What UTF-8 looks like when it was read as Latin-1: two letters for one."""

PATTERNS = {
    "e-mail address": (
        r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}"
        r"(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}\b"
    ),
    "telephone number": r"(?:\+\d{1,3}|\b0\d{1,4})[ ()-]{1,3}\d{2,5}(?:[ -]\d{2,5}){1,4}\b",
    "IPv4 address": r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b",
    "IBAN": r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b",
    "payment card number": r"\b(?:\d{4}[ -]?){3}\d{4}\b",
    "US social security number": r"\b\d{3}-\d{2}-\d{4}\b",
}
"""What personal data look like. Names and addresses do not look like anything: they stay unseen."""


def characters(column: pa.Array) -> dict[str, Any]:
    """Return how many characters of each class there are, and those that should not be there."""
    counts = _code_points(column)
    classes: Counter[str] = Counter()
    odd: list[dict[str, Any]] = []
    for code in np.flatnonzero(counts).tolist():
        character, n = chr(code), int(counts[code])
        category = unicodedata.category(character)
        space = character in "\n\t\r"
        classes["spaces" if space else CLASSES[category[0]]] += n
        if (category in HIDDEN or character == "\ufffd") and character not in INNOCENT:
            name = unicodedata.name(character, "a control character")
            odd.append({"code": f"U+{code:04X}", "name": name.lower(), "times": n})
    odd.sort(key=lambda row: (-row["times"], row["code"]))
    for row in odd[:TOP]:  # each is one more pass over the texts
        there = pc.match_substring(column, chr(int(row["code"].removeprefix("U+"), 16)))
        row["documents"] = pc.sum(there).as_py() or 0
    mojibake = pc.match_substring_regex(column, MOJIBAKE)
    return {
        "classes": {name: classes[name] for name in CLASSES.values()},
        "odd": odd[:TOP],
        "documents": _any_of(column, [row["code"] for row in odd]),
        "distinct": int((counts > 0).sum()),
        "mojibake": pc.sum(mojibake).as_py() or 0,
    }


def _any_of(column: pa.Array, codes: list[str]) -> int:
    """Return how many texts hold any of these characters."""
    if not codes:
        return 0
    among = "".join(rf"\x{{{code.removeprefix('U+')}}}" for code in codes)
    return pc.sum(pc.match_substring_regex(column, f"[{among}]")).as_py() or 0


def _code_points(column: pa.Array) -> NDArray[np.int64]:
    """Return how often each code point stands: int64[0x110000]."""
    counts = np.zeros(0x110000, np.int64)
    data, offsets = texts(column)
    body = data[offsets[0] : offsets[-1]]
    for start in range(0, len(body), 1 << 22):  # two bytes a step
        part = body[start : start + (1 << 22)]
        pairs = np.frombuffer(part.tobytes() + b"\xff" * (len(part) % 2), np.uint16)
        found = np.bincount(pairs, minlength=1 << 16).reshape(256, 256)
        counts[:0x80] += found.sum(axis=0)[:0x80] + found.sum(axis=1)[:0x80]
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


def lines(column: pa.Array, sources: pa.Array) -> dict[str, Any]:
    """Return how many lines repeat across documents, and those that most of them have.

    Lines of fewer than two letters are none, a line that stands twice in a document counts once.
    """
    lists = pc.split_pattern(column, "\n")
    of = np.repeat(np.arange(len(column)), pc.list_value_length(lists).to_numpy())
    coded = pc.dictionary_encode(pc.utf8_trim_whitespace(lists.flatten()))
    codes = coded.indices.to_numpy().astype(np.int64)
    once = distinct(codes * len(column) + of)
    documents = np.bincount(once // max(len(column), 1), minlength=len(coded.dictionary))
    often = np.flatnonzero(documents >= REPEATED)
    said = pc.match_substring_regex(coded.dictionary.take(pa.array(often)), r"\p{L}.*\p{L}")
    often = often[pc.fill_null(said, fill_value=False).to_numpy(zero_copy_only=False)]
    times = np.bincount(codes, minlength=len(coded.dictionary))
    held = pc.utf8_length(coded.dictionary.take(pa.array(often))).to_numpy().astype(np.int64)
    repeats = np.zeros(len(documents) + 1, np.bool_)
    repeats[often] = True
    inside = repeats[once // max(len(column), 1)]
    told = often[np.argsort(-documents[often], kind="stable")[: 4 * TOP]].tolist()
    rows = [
        {
            "line": coded.dictionary[code].as_py()[:LINE],
            "documents": int(documents[code]),
            "times": int(times[code]),
            "sources": len(pc.unique(sources.take(pa.array(_where(once, code, len(column)))))),
        }
        for code in told
    ]
    rows.sort(key=lambda row: (-row["documents"], row["line"]))
    return {
        "lines": int(pc.sum(pc.not_equal(lists.flatten(), "")).as_py() or 0),
        "least": REPEATED,
        "repeated": len(often),
        "characters": int((held * times[often]).sum()),
        "documents": len(np.unique(once[inside] % max(len(column), 1))),
        "rows": rows[:TOP],
    }


def _where(once: NDArray[np.int64], code: int, n: int) -> NDArray[np.int64]:
    first, last = np.searchsorted(once, [code * n, (code + 1) * n])
    return once[first:last] % n


def personal(column: pa.Array) -> list[dict[str, Any]]:
    """Return how many texts hold what looks like personal data, with a few findings, masked."""
    found = []
    for kind, pattern in PATTERNS.items():
        there = pc.match_substring_regex(column, pattern)
        held = column.filter(there).to_pylist()
        matches = [m[0] for text in held for m in re.finditer(pattern, text) if _real(kind, m[0])]
        documents = sum(any(_real(kind, m[0]) for m in re.finditer(pattern, t)) for t in held)
        shapes = Counter(masked(match) for match in matches)
        shown = sorted(shapes, key=lambda shape: (-shapes[shape], shape))[:MASKED]
        found.append({"kind": kind, "documents": documents, "times": len(matches), "masked": shown})
    return found


def _real(kind: str, found: str) -> bool:
    """Return whether a finding may be one: by its check digits, or by how many digits it has."""
    digits = [int(c) for c in found if c.isdigit()]
    if kind == "telephone number":
        return 8 <= len(digits) <= 15
    if kind != "payment card number":
        return True
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1


def masked(found: str) -> str:
    """Return the shape of a finding: `x` for each letter, `0` for each digit."""
    shape = "".join("x" if c.isalpha() else "0" if c.isdigit() else c for c in found)
    return shape if len(shape) <= 60 else shape[:59] + "…"


def hidden(text: str) -> str:
    """Return the text with everything in it that looks like personal data masked."""
    for kind, pattern in PATTERNS.items():
        matches = {match[0] for match in re.finditer(pattern, text)}
        for found in sorted(matches, key=lambda match: (-len(match), match)):
            text = text.replace(found, masked(found)) if _real(kind, found) else text
    return text


OUTLIERS = 3
KINDS = tuple(
    bytes(chr(byte) in kind for byte in range(256))
    for kind in (string.digits, string.ascii_uppercase, string.punctuation, "\n")
)
"""For each kind of byte, which bytes are of it."""

LEAST_WORDS = 50
"""Shorter texts are odd in too many ways to tell."""


def outliers(rows: pa.Table, words: Any) -> list[dict[str, Any]]:
    """Return the texts that are farthest out: repetitive, shouting, full of digits or signs."""
    data, offsets = texts(rows["text"])
    size, first = np.diff(offsets), offsets[0]  # a slice of a column has the whole one's bytes
    n = np.bincount(words.documents, minlength=len(size))
    pairs = distinct(words.documents * (len(words.names) + 1) + words.codes)
    different = np.bincount(pairs // (len(words.names) + 1), minlength=len(size))
    raw = data[first : offsets[-1]].tobytes()
    shares = [
        _sums(np.frombuffer(raw.translate(kind), np.bool_), offsets - first) / np.maximum(size, 1)
        for kind in KINDS
    ]
    eligible = np.flatnonzero(n >= LEAST_WORDS)
    found = []
    for why, value in (
        ("few different words", 1 - different / np.maximum(n, 1)),
        ("digits", shares[0]),
        ("capital letters", shares[1]),
        ("signs", shares[2]),
        ("line ends", shares[3]),
    ):
        order = eligible[np.argsort(-np.round(value[eligible], 6), kind="stable")][:OUTLIERS]
        found += [{"why": why, "share": round(float(value[i]), 4), **_told(rows, i)} for i in order]
    return found


def _sums(there: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.diff(np.searchsorted(np.flatnonzero(there), offsets))


def _told(rows: pa.Table, at: int) -> dict[str, Any]:
    from corpus.auditing.measure.bottom_k import EXCERPT, QUOTED

    row = rows.slice(int(at), 1).to_pylist()[0]
    short = {k: row[k] and row[k][:QUOTED] for k in ("title", "publisher", "url", "source")}
    return {
        ID: row[ID] and row[ID][:QUOTED],
        **short,
        "language": row["language"],
        "date": row["date"],
        "excerpt": row["text"][:EXCERPT],
        "split": row["split"],
        "characters": len(row["text"]),
    }
