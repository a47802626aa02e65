"""Which part of a card is ours: the marks around it, and what people wrote beside.

What we write holds no mark, whatever people say in the config. But they may quote the marks in
what they write around it; so the region is from a mark that begins one to the next that ends it,
and of several the longest.
"""

from __future__ import annotations

import hashlib
import re

import yaml

from corpus.hub import MEASURED, TOLD

BEGIN = "<!-- corpus: generated, edits here are overwritten -->"
END = "<!-- corpus: end of what is generated -->"
BELOW = "# corpus: generated below, edits there are overwritten"


def unmarked(body: str) -> str:
    """Return what we wrote with no mark in it: one that people's words hold is shown as text."""
    for mark in (BEGIN, END):
        body = body.replace(mark, mark.replace("<", "&lt;"))
    return body


def generated_hash(card: str) -> str:
    """Return the SHA-256 of what a build wrote of a card: people may write the rest."""
    head, body = _cut(card)
    lines = body.split("\n")
    first, last = _region(lines) or (0, 0)
    own = "\n".join(["", *lines[first + 1 : last], ""])
    below = _at_mark(head)[1].rstrip("\n")
    return hashlib.sha256(f"\n{below}\0{own}".encode()).hexdigest()


def _cut(card: str) -> tuple[str, str]:
    """Return the head of a card, which is YAML, and the rest."""
    found = re.match(r"---\n(.*?\n)?---(?:\n|$)", card, re.DOTALL)
    return (found[1] or "", card[found.end() :]) if found else ("", card)


def _at_mark(head: str) -> tuple[str, str]:
    """Return the lines of a head above the last mark, and those below it."""
    lines = head.splitlines(keepends=True)
    marks = [i for i, line in enumerate(lines) if line.rstrip("\n") == BELOW]
    if not marks:
        return head, ""
    return "".join(lines[: marks[-1]]), "".join(lines[marks[-1] + 1 :])


def _region(lines: list[str]) -> tuple[int, int] | None:
    """Return the lines of the marks around what was generated, None where there is no such pair."""
    begun, found = None, []
    for number, line in enumerate(lines):
        if line == BEGIN:
            begun = number
        elif line == END and begun is not None:
            found.append((begun, number))
            begun = None
    return max(found, key=lambda pair: pair[1] - pair[0]) if found else None


def by_people(previous: str) -> tuple[str, str, str]:
    """Return what people wrote into a card: keys, text above the region, and below it."""
    head, body = _cut(previous)
    kept = _their_keys(head)
    if kept is None:
        kept, body = "", previous  # no YAML: text that somebody wrote all the same
    lines = body.split("\n")
    if (found := _region(lines)) is None:
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
