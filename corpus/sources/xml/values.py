"""The values of an XML element that is a record: texts, lists and objects, as Scrapy has them."""

from __future__ import annotations

from typing import Any

from corpus.sources.xml.text import local_name

TEXT_BLOCKS = frozenset(["br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "ul"])
"""Elements of HTML that begin a line; a value that has nothing else is a text."""

MAX_VALUE_DEPTH = 8
"""Lists and objects within each other in a record; what is deeper is a text."""


def record_row(element: Any) -> dict[str, Any]:
    """Return the columns of a record: its attributes, and the value of each child by its name.

    Several children of one name are a list.
    """
    return dict(element.attrib) | _values_by_name(element, MAX_VALUE_DEPTH)


def _values_by_name(element: Any, depth: int) -> dict[str, Any]:
    """Return the value of each child; a list for several of one name."""
    values: dict[str, list[Any]] = {}
    lists = set()
    for child in element:
        if name := local_name(child):
            value = _value(child, depth - 1)
            values.setdefault(name, []).extend(value if isinstance(value, list) else [value])
            if isinstance(value, list):
                lists.add(name)
    return {
        name: each if name in lists or len(each) > 1 else each[0] for name, each in values.items()
    }


def _value(element: Any, depth: int) -> Any:
    r"""Return the value of an element, of at most `depth` more lists and objects.

    <title>A <b>red</b> car</title>                          "A red car"
    <body><p>One.</p><p>Two.</p></body>                      "One.\n\nTwo."
    <authors><value>Ann</value><value>Bo</value></authors>   ["Ann", "Bo"], as Scrapy writes lists
    <image><url>a.png</url><size>9</size></image>            {"url": "a.png", "size": "9"}
    <authors/>                                               null: an empty text or an empty list
    """
    children = [child for child in element if local_name(child)]
    own_text = [element.text, *(child.tail for child in element)]
    names = {local_name(child) for child in children}
    has_own_text = any(text and not text.isspace() for text in own_text)
    if depth == 0 or has_own_text or names <= TEXT_BLOCKS:
        return _text(element).strip() or None
    if len(names) == 1:
        return [_value(child, depth - 1) for child in children]
    return _values_by_name(element, depth)


def _text(element: Any) -> str:
    """Return the text of an element and of all in it, each block in its own lines."""
    parts = [element.text or ""]
    for child in element:
        line_end = "\n" if local_name(child) in TEXT_BLOCKS else ""
        parts += [line_end, _text(child) if local_name(child) else "", line_end, child.tail or ""]
    return "".join(parts)
