"""Which part of a card is ours: the marks around it, and what people wrote beside.

What we write holds no mark, whatever people say in the config. But they may quote the marks in
what they write around it, and keep older regions there; so the region is from a mark that begins
one to the next that ends it, and of several the one that the manifest has the hash of. Where none
is it, because ours was edited or the manifest is gone, it is the longest.
"""

from __future__ import annotations

import hashlib
import re

import yaml

from corpus.card.hub import MEASURED, TOLD

BEGIN = "<!-- corpus: generated, edits here are overwritten -->"
END = "<!-- corpus: end of what is generated -->"
BELOW = "# corpus: generated below, edits there are overwritten"
BOM = "\ufeff"


def unmarked(body: str) -> str:
    """Return what we wrote with no mark in it: one that people's words hold is shown as text."""
    for mark in (BEGIN, END):
        body = body.replace(mark, mark.replace("<", "&lt;"))
    return body


def generated_hash(card: str, built: str | None = None) -> str:
    """Return the SHA-256 of what a build wrote of a card: people may write the rest.

    `built` is what it was when the card was written: so it is known among other regions.
    """
    head, body = _cut(card)
    lines = body.split("\n")
    below = _at_mark(head)[1]
    return _hash_of(lines, _region(lines, below, built) or (0, 0), below)


def hash_of(below: str, region: str) -> str:
    """Return the hash of what is generated: YAML below our mark, and the region with its marks."""
    lines = region.split("\n")
    return _hash_of(lines, (0, len(lines) - 1), below)


def _hash_of(lines: list[str], region: tuple[int, int], below: str) -> str:
    first, last = region
    own, below = "\n".join(["", *lines[first + 1 : last], ""]), below.rstrip("\n")
    return hashlib.sha256(f"\n{below}\0{own}".encode()).hexdigest()


def _cut(card: str) -> tuple[str, str]:
    """Return the head of a card, which is YAML, and the rest; some editors put a mark before it."""
    card = card.removeprefix(BOM)
    found = re.match(r"---\n(.*?\n)?---(?:\n|$)", card, re.DOTALL)
    return (found[1] or "", card[found.end() :]) if found else ("", card)


def _at_mark(head: str) -> tuple[str, str]:
    """Return the lines of a head above the last mark, and those below it."""
    lines = head.splitlines(keepends=True)
    marks = [i for i, line in enumerate(lines) if line.rstrip("\n") == BELOW]
    if not marks:
        return head, ""
    return "".join(lines[: marks[-1]]), "".join(lines[marks[-1] + 1 :])


def _region(lines: list[str], below: str, built: str | None) -> tuple[int, int] | None:
    """Return the lines of the marks around what was generated, None where there is no such pair."""
    begun, found = None, []
    for number, line in enumerate(lines):
        if line == BEGIN:
            begun = number
        elif line == END and begun is not None:
            found.append((begun, number))
            begun = None
    ours = (pair for pair in found if built and _hash_of(lines, pair, below) == built)
    longest = max(found, key=lambda pair: pair[1] - pair[0], default=None)
    return next(ours, longest)


def by_people(previous: str, built: str | None = None) -> tuple[str, str, str]:
    """Return what people wrote into a card: keys, text above the region, and below it.

    `built` is the hash of what was generated of it, as its manifest has it.
    """
    head, body = _cut(previous)
    kept = _their_keys(head)
    if kept is None:
        kept, body = (
            "",
            previous.removeprefix(BOM),
        )  # no YAML: text that somebody wrote all the same
    lines = body.split("\n")
    if (found := _region(lines, _at_mark(head)[1], built)) is None:
        return kept, "", body.strip()
    first, last = found
    return kept, "\n".join(lines[:first]).strip(), "\n".join(lines[last + 1 :]).strip()


def _their_keys(head: str) -> str | None:
    """Return the lines of the keys that people wrote, as they wrote them; None where it is no YAML.

    Below our mark, and everywhere for what is measured, a key of ours is ours.
    """
    above, below = _at_mark(head)
    ours = {*MEASURED, *TOLD}
    kept = [block for block in _blocks(above) if not set(MEASURED) & set(keys(block))]
    kept += [block for block in _blocks(below) if not ours & set(keys(block))]
    text = "".join(kept)
    try:
        whole = yaml.safe_load(head)
        yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return None
    return text if whole is None or isinstance(whole, dict) else None


def _blocks(head: str) -> list[str]:
    """Cut the head of a card before every line that begins with a key."""
    return [block for block in re.split(r"(?m)^(?=[^\s#-][^\n]*?:(?:\s|$))", head) if block]


def keys(block: str) -> list[str]:
    """Return the names of the keys in some lines of YAML; none where they are no such lines."""
    try:
        found = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError):
        return []
    return [str(key) for key in found] if isinstance(found, dict) else []
