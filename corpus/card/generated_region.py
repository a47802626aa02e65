"""Separate the generated part of a dataset card from what people wrote around it.

The generated region is between a `BEGIN` and the next `END`, each alone on its line. Generated text
contains no such line, even if the config's settings quote one. But people may quote the markers in
their own text, or keep older regions there. So if there are several regions, ours is the one whose
hash is in the manifest. If none matches, because our region was edited or the manifest is missing,
the longest region counts as ours.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

import yaml

from corpus.card.hub import AUTHOR_KEYS, MEASURED_KEYS

BEGIN = "<!-- corpus: generated, edits here are overwritten -->"
END = "<!-- corpus: end of what is generated -->"
HEAD_MARKER = "# corpus: generated below, edits there are overwritten"
BOM = "\ufeff"

MAX_HEAD_LINES, MAX_HEAD_CHARACTERS = 20_000, 1_000_000
"""A larger head, which takes more than ten seconds to read, is kept as text."""


class WrittenByPeople(NamedTuple):
    """What people wrote into a card: YAML keys, and text above and below the generated region."""

    keys: str
    above: str
    below: str


class Region(NamedTuple):
    """The line numbers of the two markers of a region."""

    first: int
    last: int


def without_markers(body: str) -> str:
    """Return generated text with quoted markers escaped, so that they show as text."""
    for marker in (BEGIN, END):
        body = body.replace(marker, marker.replace("<", "&lt;"))
    return body


def generated_hash(card: str, built: str | None = None) -> str:
    """Return the SHA-256 of the generated part of a card; what people wrote does not change it.

    `built` is the hash from the manifest, which identifies our region if there are several.
    """
    head, body = _head_and_body(card)
    lines = body.split("\n")
    head_below = _split_head(head)[1]
    return _hash(lines, _find_region(lines, head_below, built) or Region(0, 0), head_below)


def hash_of(head_below: str, region: str) -> str:
    """Return the hash of generated text: the YAML below our marker, and a region with markers."""
    lines = region.split("\n")
    return _hash(lines, Region(0, len(lines) - 1), head_below)


def _hash(lines: list[str], region: Region, head_below: str) -> str:
    inside = "\n".join(["", *lines[region.first + 1 : region.last], ""])
    return hashlib.sha256(f"\n{head_below.rstrip(chr(10))}\0{inside}".encode()).hexdigest()


def _head_and_body(card: str) -> tuple[str, str]:
    """Return the YAML head of a card and its body; a byte order mark is dropped."""
    card = card.removeprefix(BOM)
    match = re.match(r"---\n(.*?\n)?---(?:\n|$)", card, re.DOTALL)
    return (match[1] or "", card[match.end() :]) if match else ("", card)


def _split_head(head: str) -> tuple[str, str]:
    """Return the lines of a head above its last marker, and the lines below it."""
    lines = head.splitlines(keepends=True)
    markers = [i for i, line in enumerate(lines) if line.rstrip("\n") == HEAD_MARKER]
    if not markers:
        return head, ""
    return "".join(lines[: markers[-1]]), "".join(lines[markers[-1] + 1 :])


def _find_region(lines: list[str], head_below: str, built: str | None) -> Region | None:
    """Return the generated region, or None if there is no pair of markers."""
    start, regions = None, []
    for number, line in enumerate(lines):
        if line == BEGIN:
            start = number
        elif line == END and start is not None:
            regions.append(Region(start, number))
            start = None
    matching = (region for region in regions if built and _hash(lines, region, head_below) == built)
    longest = max(regions, key=lambda region: region.last - region.first, default=None)
    return next(matching, longest)


def written_by_people(previous: str, built: str | None = None) -> WrittenByPeople:
    """Return what people wrote into a card: keys, and text above and below the generated region.

    `built` is the hash of the generated part, from the manifest.
    """
    head, body = _head_and_body(previous)
    keys = _keys_of_people(head)
    if keys is None:  # keep all of it as text
        keys, body = "", previous.removeprefix(BOM)
    lines = body.split("\n")
    region = _find_region(lines, _split_head(head)[1], built)
    if region is None:
        return WrittenByPeople(keys, "", body.strip())
    above, below = lines[: region.first], lines[region.last + 1 :]
    return WrittenByPeople(keys, "\n".join(above).strip(), "\n".join(below).strip())


def _keys_of_people(head: str) -> str | None:
    """Return the lines of the keys that people wrote, unchanged, or None if they cannot be read.

    The head may be no valid YAML, or larger than that of any card that people have written.

    Measured keys are always ours. The other keys that we generate are ours below the marker only.
    """
    if len(head) > MAX_HEAD_CHARACTERS or head.count("\n") > MAX_HEAD_LINES:
        return None
    above, below = _split_head(head)
    generated = {*MEASURED_KEYS, *AUTHOR_KEYS}
    kept = [block for block in _blocks(above) if not set(MEASURED_KEYS) & set(keys_of(block))]
    kept += [block for block in _blocks(below) if not generated & set(keys_of(block))]
    text = "".join(kept)
    try:
        parsed = yaml.safe_load(head)
        yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return text if parsed is None or isinstance(parsed, dict) else None


def _blocks(head: str) -> list[str]:
    """Return a head cut before every line that starts with a key."""
    return [block for block in re.split(r"(?m)^(?=[^\s#-][^\n]*?:(?:\s|$))", head) if block]


def keys_of(block: str) -> list[str]:
    """Return the top-level keys of a piece of YAML, or nothing if it is not a valid mapping."""
    try:
        parsed = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    return [str(key) for key in parsed] if isinstance(parsed, dict) else []
