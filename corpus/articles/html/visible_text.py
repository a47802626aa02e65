"""The visible text of an HTML page, one line per block."""

from __future__ import annotations

import re

_HIDDEN = {
    "audio", "button", "canvas", "head", "iframe", "math", "noscript", "object", "option",
    "script", "select", "style", "svg", "template", "textarea", "video",
}  # fmt: skip
"""Elements without text of the page."""
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details",
    "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu",
    "nav", "ol", "p", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th",
    "thead", "title", "tr", "ul",
}  # fmt: skip
"""Elements that begin and end a line. All others, unknown ones included, are within a line."""
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
"""Names the encoding of bytes that are already decoded; lxml refuses a string that has it."""
_SPACE = re.compile(r"\s+")


def parsable(html: str) -> str:
    """Return a page without what no parser accepts in a string."""
    return _XML_DECLARATION.sub("", html.replace("\0", ""), count=1)


def visible_text(html: str) -> str:
    """Return the visible text of a page, one line per block; empty if nothing is visible."""
    import lxml.etree
    import lxml.html

    parser = lxml.html.HTMLParser(remove_comments=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(parsable(html), parser=parser)
    except lxml.etree.ParserError:  # the document has no element, though it may have a comment
        return ""
    parts: list[str] = []
    preformatted = 0  # number of <pre> elements around the current element
    walker = lxml.etree.iterwalk(tree, events=("start", "end"))
    for event, element in walker:
        if element.tag in _HIDDEN:
            if event == "start":
                walker.skip_subtree()  # its end event, with the text after it, still follows
                continue
        elif element.tag in _BLOCKS:
            parts.append("\n")
        if element.tag == "pre":
            preformatted += 1 if event == "start" else -1
        text = element.text if event == "start" else element.tail
        if text:
            parts.append(text if preformatted else _SPACE.sub(" ", text))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)
