"""Elements marked as the author or the date of something.

They are marked by microdata, by `rel=author`, or by classes such as `byline` and `post-date`.

The walk notes where they are. This module reads what is in them: an element ends at its own end
tag, and is cut off if that is far away.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple

MAX_CONTENT_BYTES = 3000
"""Bytes of an element that are searched for its end."""
MAX_TAG_BYTES = 2000
"""Bytes before its content that are searched for the start of its tag."""
MAX_TEXT_CHARACTERS = 400
"""Text in an element beyond this is not read."""


class MarkedElement(NamedTuple):
    """An element that is marked as author or date."""

    tag: str
    names: str
    """The attribute that marks it and its value: `itemprop author`, `class post-date`."""
    text: str
    """Its text; parts that people see apart are lines."""
    value: str
    """What its attributes say for machines: `content`, `datetime` or `title`."""
    link: str
    """Where it leads to, or the first link in it."""
    block: int
    """The number of the block that it is in or before."""


_TAG = re.compile(rb"<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z][\w:-]*+)([^<>]*)>", re.DOTALL)
_ATTRIBUTE = re.compile(rb"""(?<![\w:-])([\w:-]++)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_MARKING, _VALUES = (b"itemprop", b"rel", b"class", b"id"), (b"content", b"datetime", b"title")
_VOID = frozenset(b"br img hr input meta link wbr source".split())
_INLINE = frozenset(b"a span b strong em i u font bdi bdo small cite abbr strike mark".split())
_HIDDEN = frozenset(b"script style svg noscript template button".split())


def read_element(data: bytes, at: int, names: bytes, block: int) -> MarkedElement | None:
    """Return the element whose content starts at `at`; `names` is what the walk noted."""
    start = data.rfind(b"<", max(0, at - MAX_TAG_BYTES), at)
    opening = re.match(rb"<([a-zA-Z][\w:-]*)", data[start:at]) if start >= 0 else None
    if opening is None:
        return None
    attributes = _attributes(data[start + len(opening[0]) : at])
    tag = opening[1].lower()
    own = next((key for key in _MARKING if attributes.get(key) == names), b"class")
    value = next((attributes[key] for key in _VALUES if attributes.get(key)), b"")
    text, link = _text(data, at, tag)
    return MarkedElement(
        tag.decode(),
        f"{own.decode()} {names.decode('utf-8', 'replace').lower()}",
        text,
        _plain(value),
        _plain(attributes.get(b"href", b"")) or link,
        block,
    )


def _attributes(tag: bytes) -> dict[bytes, bytes]:
    """Return the attributes of a start tag."""
    found = _ATTRIBUTE.findall(tag[:MAX_TAG_BYTES])
    return {name.lower(): double or single or plain for name, double, single, plain in found}


def _text(data: bytes, at: int, tag: bytes) -> tuple[str, str]:
    """Return the text from `at` to the end of the element, and the address of its first link."""
    parts: list[bytes] = []
    depth, link, hidden = 1, "", b""
    end = at
    for match in _TAG.finditer(data, at, min(len(data), at + MAX_CONTENT_BYTES)):
        if not hidden:
            parts.append(data[end : match.start()])
        end = match.end()
        if match[2] is None:  # a comment
            continue
        closes, name = bool(match[1]), match[2].lower()
        if hidden:
            hidden = b"" if closes and name == hidden else hidden
            continue
        if name == tag and name not in _VOID:
            depth += -1 if closes else 1
            if depth == 0:
                break
        if name in _HIDDEN and not closes:
            hidden = name
        if name == b"a" and not closes and not link:
            link = _plain(_attributes(match[3]).get(b"href", b""))
        if name == b"a":
            parts.append(b"\x01" if closes else b"\x02")
        else:
            parts.append(b" " if name in _INLINE else b"\n")
    else:
        parts.append(b"" if hidden else data[end : at + MAX_CONTENT_BYTES].partition(b"<")[0])
    raw = re.sub(rb"\x01\s*\x02", b"; ", b"".join(parts)).translate(_SPACES)
    lines = (_plain(line) for line in raw.split(b"\n"))
    return "\n".join(line for line in lines if line)[:MAX_TEXT_CHARACTERS], link


_SPACES = bytes.maketrans(b"\x01\x02\r\t", b"    ")


def _plain(raw: bytes) -> str:
    """Return bytes of a page as text, with entities replaced."""
    text = raw.decode("utf-8", "ignore")
    try:
        return " ".join((html.unescape(text) if "&" in text else text).split())
    except ValueError:  # a numeric entity of more digits than Python reads
        return ""
