"""The text and metadata of one XML element that is an article: TEI, or trafilatura's `<doc>`.

Both use the element names of the Text Encoding Initiative (TEI P5): `<p>`, `<head>`, `<list>` with
`<item>`, `<table>` with `<row>` and `<cell>`. Each block is a line of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "ab body bibl byline closer dateline div div1 div2 div3 doc epigraph figure floatingText "
        "front group head item l lg list listBibl main opener p quote row salute signed sp speaker "
        "stage table text trailer",
    )
)
_PARAGRAPHS = frozenset(["ab", "head", "item", "l", "p", "cell"])
"""Elements within which a quote or code is part of the sentence."""

_LEFT_OUT = frozenset(["teiHeader", "comments", "fw", "graphic"])
_ALTERNATIVES = {"sic": "corr", "orig": "reg", "abbr": "expan", "am": "ex"}
"""The reading of the source and the editor's, of which `<choice>` offers both."""

_DOMAIN_IN_BRACKETS = re.compile(r"(?<=\S) \([\w-]+(\.[\w-]+)+\)$")


def local_name(element: Any) -> str:
    """Return the name of an element without its namespace; empty for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


@dataclass
class _Lines:
    """The lines of a text, while its elements are visited."""

    lines: list[str] = field(default_factory=list)
    current: list[str] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)
    """Footnotes of the current line: each becomes a line after it."""

    def end_line(self) -> None:
        line = " ".join("".join(self.current).split())
        self.current.clear()
        notes, self.notes = self.notes, []
        if line:
            self.lines.append(line)
        self.lines += [text for note in notes if (text := block_text(note))]


def block_text(element: Any) -> str:
    """Return the text of an element, one block a line; comments of readers are left out."""
    lines = _Lines()
    _add_content(element, lines)
    lines.end_line()
    return "\n".join(lines.lines)


def inline_text(element: Any) -> str:
    """Return the text of an element in one line; an empty string for None."""
    return "" if element is None else " ".join(block_text(element).split())


def _add_content(element: Any, lines: _Lines) -> None:
    """Add the text in an element to the lines."""
    lines.current.append(element.text or "")
    for child in element:
        _add_element(child, element, lines)
        lines.current.append(child.tail or "")


def _add_element(element: Any, parent: Any, lines: _Lines) -> None:
    """Add an element to the lines, by its name."""
    name, parent_name = local_name(element), local_name(parent)
    in_sentence = name in ("quote", "bibl") and parent_name in _PARAGRAPHS
    if not name or name in _LEFT_OUT or _is_comments(element) or _has_better_reading(name, parent):
        return
    if name == "note":
        lines.notes.append(element)
    elif name == "lb":
        lines.end_line()
    elif name == "cell":
        if element.getprevious() is not None:
            lines.current.append(" | ")
        _add_content(element, lines)
    elif name == "code" and parent_name not in _PARAGRAPHS:
        lines.end_line()
        lines.lines += "".join(element.itertext()).strip("\n").split("\n")
    elif name in _BLOCKS and not in_sentence:
        lines.end_line()
        if name == "item":
            lines.current.append("- ")
        _add_content(element, lines)
        lines.end_line()
    else:
        _add_content(element, lines)


def _is_comments(element: Any) -> bool:
    return element.get("type") == "comments" and local_name(element) == "div"


def _has_better_reading(name: str, parent: Any) -> bool:
    """Return whether `<choice>` also has the editor's reading of what an element has."""
    better = _ALTERNATIVES.get(name) if local_name(parent) == "choice" else None
    return better is not None and any(local_name(child) == better for child in parent)


def tei_row(element: Any) -> dict[str, Any]:
    """Return the columns of a `<TEI>` element: title, author, date, publisher, url and text."""
    header = _first(element, "teiHeader")
    origin = None if header is None else _first(header, "biblFull", "biblStruct", "sourceDesc")
    texts = [block_text(body) for body in _bodies(element)]
    row = {
        "id": element.get("{http://www.w3.org/XML/1998/namespace}id"),
        "text": "\n".join(texts) if texts else None,
        "title": _title(header),
        "author": _authors(header),
        "date": _date(header, origin),
        "publisher": _publisher(origin, header),
        "url": _url(header),
        "keywords": [inline_text(term) for term in _all(header, "term")],
        "comments": "\n".join(
            block_text(div) for div in element.iter() if local_name(div) and _is_comments(div)
        ),
    }
    return {name: value for name, value in row.items() if value or name == "text"}


def doc_row(element: Any) -> dict[str, Any]:
    """Return the columns of a `<doc>` as trafilatura writes it: its attributes, and its text."""
    row: dict[str, Any] = {name: value for name, value in element.attrib.items() if value}
    if "sitename" in row:
        row.setdefault("publisher", row["sitename"])
    main = _first(element, "main")
    row["text"] = block_text(element if main is None else main)
    if comments := inline_text(_first(element, "comments")):
        row["comments"] = comments
    return row


def _bodies(element: Any) -> Iterator[Any]:
    """Yield the bodies of a TEI text; a text without one, such as a bare `<text>`, is its own."""
    text = next((child for child in element if local_name(child) == "text"), None)
    if text is None:
        return
    bodies = [each for each in text.iter() if local_name(each) == "body"]
    yield from bodies or [text]


def _all(element: Any, *names: str) -> list[Any]:
    return [] if element is None else [e for e in element.iter() if local_name(e) in names]


def _first(element: Any, *names: str) -> Any:
    """Return the first element below one of these names, by the order of the names."""
    for name in names:
        if elements := _all(element, name):
            return elements[0]
    return None


def _publisher(*headers: Any) -> str:
    """Return the first publisher; trafilatura writes its domain behind it, in brackets."""
    for header in headers:
        for publisher in _all(header, "publisher"):
            if name := inline_text(publisher):
                return _DOMAIN_IN_BRACKETS.sub("", name)
    return ""


def _title(header: Any) -> str:
    titles = _all(_first(header, "titleStmt"), "title") or _all(header, "title")
    main = [title for title in titles if title.get("type") == "main"]
    return inline_text(next(iter(main or titles), None))


def _authors(header: Any) -> list[str]:
    """Return the authors of the title statement or, if it has none, of the source."""
    authors = _all(_first(header, "titleStmt"), "author") or _all(
        _first(header, "sourceDesc"), "author"
    )
    return list(dict.fromkeys(name for author in authors if (name := inline_text(author))))


def _date(header: Any, origin: Any) -> str | None:
    """Return the date of publication: that of the source rather than that of the file."""
    statements = (origin, _first(header, "publicationStmt"), _first(header, "creation"))
    for statement in statements:
        for date in _all(statement, "date"):
            value = date.get("when") or date.get("when-iso") or inline_text(date)
            if value and date.get("type") != "download":
                return str(value)
    return None


def _url(header: Any) -> str | None:
    """Return the address in the header: `<ptr type="URL">`, `<idno type="URL">` or `<ref>`."""
    for element in _all(header, "ptr", "ref", "idno"):
        address = element.get("target") or inline_text(element)
        parents = {local_name(parent) for parent in element.iterancestors()}
        if address.startswith(("http://", "https://")) and "sourceDesc" in parents:
            return str(address)
    return None
