"""Detect HTML pages by their content, whatever their file is called.

`wget` saves pages under the names of their URLs: `index.html?id=7`, `article.php`, `about`. Such a
file is read as HTML if it begins like a page. Other formats are never detected by content.
"""

from __future__ import annotations

import re
from contextlib import suppress

from corpus.sources.files.compression import DECOMPRESSION_ERRORS, without_compression_extension
from corpus.sources.files.streams import Stream

_HEAD_BYTES = 4096
"""Bytes that are searched for HTML."""

_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_PROLOGUE = re.compile(rb"(?:\s+|<\?xml[^>]*>|<!--(?s:.*?)-->)*")
_DOCUMENT_TAG = re.compile(rb"<(?:!doctype\s+html|html)[\s>]")
_HTML_TAG = re.compile(
    rb"<(?:!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|meta)"
    rb"[\s/>]"
)
_SCRIPT = re.compile(rb"<(?:%|\?(?:php|=))")
"""The start of a program that writes a page, such as PHP."""

_PAGE_NAME = re.compile(
    r"[^.]*|.*[?@].*|.*\.\d+"
    r"|.*\.(?:[sp]html?|xht|php\d?|aspx?|ashx|jspx?|jsf|cfml?|cgi|pl|do|action|html?\.(?:\d+|orig))",
    re.DOTALL,
)
"""Names, in lower case, that a page may have without an extension of HTML."""

_QUERY = re.compile(r"\?[^/?]*=[^/]*$")


def may_be_page(name: str) -> bool:
    """Return whether a file that has no known extension has a name that a saved page may have."""
    last = without_compression_extension(name.rpartition("/")[2])
    return _PAGE_NAME.fullmatch(last) is not None


def has_query(name: str) -> bool:
    """Return whether a file's name ends with the query of a URL: `page.php?file=a.txt`."""
    return _QUERY.search(name) is not None


def read_head(location: str | bytes) -> bytes:
    """Return the first bytes of a file, decompressed; none if it cannot be read."""
    head = b""
    with suppress(*DECOMPRESSION_ERRORS):
        for data in Stream(location):
            head += data
            if len(head) >= _HEAD_BYTES:
                break
    return head


def begins_like_page(data: bytes) -> bool:
    """Return whether the bytes of a file begin like an HTML page, and not like a program."""
    head = _lower_case_head(data).lstrip()
    if not head.startswith(b"<") or _SCRIPT.match(head):
        return False
    return begins_with_html_tag(data) or has_html_tag(data)


def begins_with_document_tag(data: bytes) -> bool:
    """Return whether a page begins with `<html>` or its doctype."""
    return _matches_after_prologue(_DOCUMENT_TAG, data)


def begins_with_html_tag(data: bytes) -> bool:
    """Return whether data begins with a tag that browsers take as the start of HTML."""
    return _matches_after_prologue(_HTML_TAG, data)


def has_html_tag(data: bytes) -> bool:
    """Return whether `<html` is near the start of the data."""
    return b"<html" in _lower_case_head(data)


def _matches_after_prologue(tag: re.Pattern[bytes], data: bytes) -> bool:
    head = _lower_case_head(data)
    start = _PROLOGUE.match(head)
    return tag.match(head, start.end() if start else 0) is not None


def _lower_case_head(data: bytes) -> bytes:
    """Return the start of a page in lower case, UTF-16 as ASCII."""
    head = data[:_HEAD_BYTES]
    for mark in _BYTE_ORDER_MARKS:
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").lower()
