"""Find patterns of personal data, and mask them.

A pattern finds what has a fixed form, such as an e-mail address. Names and postal addresses have
none, so they are not found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.report import PersonalData
from corpus.privacy.candidates.definition import PEM_LABEL, find_candidates
from corpus.privacy.candidates.folding import fold
from corpus.privacy.detect import DEFAULT_REGIONS, Wanted, find_personal_data, find_private_keys

MAX_COMMON_SHAPES = 3
"""Masked matches that are listed for each pattern."""

MAX_SHAPE_CHARACTERS = 60

EVERYTHING = Wanted()
"""All types, with the usual regions."""

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


def personal_data(column: pa.Array) -> list[PersonalData]:
    """Return how many texts match each pattern of personal data, with a few matches, masked."""
    rows: list[PersonalData] = []
    for kind, pattern in PATTERNS.items():
        candidates = column.filter(pc.match_substring_regex(column, pattern)).to_pylist()
        by_text = [_matches(kind, text) for text in candidates]
        matches = [match for matches in by_text for match in matches]
        shapes = Counter(mask(match) for match in matches)
        top = sorted(shapes, key=lambda shape: (-shapes[shape], shape))[:MAX_COMMON_SHAPES]
        documents = sum(bool(matches) for matches in by_text)
        rows.append({"kind": kind, "documents": documents, "times": len(matches), "masked": top})
    return rows


def _matches(kind: str, text: str) -> list[str]:
    return [m[0] for m in re.finditer(PATTERNS[kind], text) if _is_plausible(kind, m[0])]


def _is_plausible(kind: str, match: str) -> bool:
    """Return whether a match has the right number of digits, or valid check digits."""
    digits = [int(c) for c in match if c.isdigit()]
    if kind == "telephone number":
        return 8 <= len(digits) <= 15
    if kind != "payment card number":
        return True
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1


def mask(match: str) -> str:
    """Return the shape of a match: `x` for each letter, `0` for each digit."""
    shape = "".join(map(_mask_character, match))
    if len(shape) <= MAX_SHAPE_CHARACTERS:
        return shape
    return shape[: MAX_SHAPE_CHARACTERS - 1] + "…"


def mask_personal_data(
    text: str,
    wanted: Wanted = EVERYTHING,
    *,
    begin: int = 0,
    end: int | None = None,
) -> str:
    """Return the text from `begin` to `end` with personal data masked, each character by one.

    What only the patterns above match is masked, too. What stands around the part is looked at: for
    words that name a number, and for personal data that goes on beyond. If it could go on beyond
    `end`, it is masked without a check, as all that belongs to it may not be there.
    """
    end = len(text) if end is None else min(end, len(text))
    spans = [(match.begin, match.end) for match in find_personal_data(text, wanted)]
    for kind, pattern in PATTERNS.items():
        found = (match for match in re.finditer(pattern, text) if _is_plausible(kind, match[0]))
        spans += [match.span() for match in found]
    if end < len(text):
        spans += [c[1:] for c in find_candidates(text) if c.begin < end < c.end]
    characters = list(text[:end])
    for first, last in spans:
        characters[first:last] = map(_mask_character, characters[first:last])
    return "".join(characters[begin:])


def mask_private_keys(text: str) -> str:
    """Return the text with private keys masked, each character by one."""
    if PEM_LABEL not in fold(text):
        return text
    characters = list(text)
    for _, first, last in find_private_keys(text):
        characters[first:last] = map(_mask_character, characters[first:last])
    return "".join(characters)


def _mask_character(character: str) -> str:
    return "x" if character.isalpha() else "0" if character.isdigit() else character


def wanted_in(manifest: Mapping[str, Any]) -> Wanted:
    """Return what is masked in a build: all types, with the regions of its stages `redact`."""
    regions = set(DEFAULT_REGIONS)
    for stage in manifest["stages"]:
        types = stage.get("types") if stage["stage"] == "redact" else None
        if isinstance(types, Mapping):
            regions |= set((types.get("phone") or {}).get("regions") or ())
    return Wanted(regions=tuple(sorted(regions)))
