"""Find the page in a WARC record, or the reason why the record is not a page.

A page is a response with status 2xx (or none), a resource or a conversion, whose payload is HTML or
plain text. Its text is the decoded payload, its url is the record's. The record's date is when the
page was fetched: it goes to the column `crawled`, and the article's date is read from the page.

The declared type decides, as far as it can be read: `text/html, charset=utf-8` and `"text/html"`
are HTML. If it is missing, malformed or unknown, the start of the payload decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from corpus.documents import CRAWLED, TEXT, URL
from corpus.sources.dates.parse import parse_date
from corpus.sources.encodings.decode import (
    UndecodableError,
    browser_encoding,
    declared_encoding,
    decode_to_utf8,
)
from corpus.sources.files.page_detection import (
    begins_with_document_tag,
    begins_with_html_tag,
    has_html_tag,
)
from corpus.sources.record_keys import RawRecord
from corpus.sources.settings import Content, Source
from corpus.sources.warc.http_encodings import decode_payload
from corpus.sources.warc.http_messages import HttpMessage, parse_fields, parse_response
from corpus.sources.warc.records import HEADER_END, MAX_HEADER_BYTES, find_header_end

CONVERSION = "conversion"
PAGE_TYPES = ("response", "resource", CONVERSION)
OTHER_TYPES = ("request", "revisit", "metadata", "warcinfo", "continuation")
NOT_HTML = "not_html"
"""The reason of a record whose payload is neither HTML nor declared as plain text."""

MAX_TYPES = 8
MAX_TYPE_CHARACTERS = 1000
"""Content types of one record that are read, and the maximum length of each."""

Fields: TypeAlias = Mapping[str, Sequence[str]]

_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+*-]+/[a-z0-9!#$&^_.+*-]+")
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([^\s"';,]+)""", re.IGNORECASE)
_HTML_ENDINGS = ("html", "htm", "html+xml")
_NEVER_HTML = re.compile(
    r"(?:image|audio|video|font)/|text/(?:css|csv|calendar)$"
    r"|.*[/+-](?:javascript|ecmascript|json|pdf|zip|gzip|wasm|font)$"
)


class Page(NamedTuple):
    """A record that is a document."""

    row: dict[str, Any]
    raw: RawRecord
    content: Content


class NotAPage(NamedTuple):
    """A record that is not read, and why: `request`, `status 404`, `not_html`."""

    reason: str


def parse_page(data: bytes, source: Source) -> Page | NotAPage:
    """Return the page in a record, or the reason why it is none; raises UndecodableError."""
    header_end = find_header_end(data, MAX_HEADER_BYTES)
    record = parse_fields(data[:header_end])
    warc_type = _first(record, "warc-type").lower()
    if warc_type not in PAGE_TYPES:
        return NotAPage(warc_type if warc_type in OTHER_TYPES else "other_type")
    message = _message(record, warc_type, data, header_end)
    if message.status is not None and not 200 <= message.status < 300:
        return NotAPage(f"status {message.status}")
    return _to_page(record, message, source, is_converted=warc_type == CONVERSION)


def _message(record: Fields, warc_type: str, data: bytes, start: int) -> HttpMessage:
    """Return the HTTP response in a record's block; a block without one is itself the payload.

    The block begins at byte `start` of the record, and ends before its last blank line.
    """
    end = len(data) - len(HEADER_END)
    declared = record.get("content-type", [])
    is_http = "application/http" in "".join(declared).lower()
    if is_http or warc_type == "response":
        message = parse_response(data, may_lack_status_line=is_http, start=start, end=end)
        if message is not None:
            return message
    return HttpMessage(None, {} if is_http else {"content-type": list(declared)}, data[start:end])


def _to_page(
    record: Fields, message: HttpMessage, source: Source, *, is_converted: bool
) -> Page | NotAPage:
    """Return the payload of a response as a page, or the reason why it is none.

    A converted plain text is the text of a page, in UTF-8, whatever it begins with.
    """
    fields = message.fields.get("content-type", ())
    declared = [value[:MAX_TYPE_CHARACTERS] for value in fields[:MAX_TYPES]]
    claim = _claim(declared)
    if claim == "other":
        return NotAPage(NOT_HTML)
    try:
        payload = _payload(message, claim, source)
    except UndecodableError:
        if claim == "unknown":
            return NotAPage(NOT_HTML)
        raise
    is_converted = is_converted and claim == "plain"
    content = "page" if is_converted else _content(claim, payload)
    if content is None:
        return NotAPage(NOT_HTML)
    encoding = _charset(declared) or ("utf-8" if is_converted else None)
    if content == "html":
        encoding = encoding or declared_encoding(payload)
    text = decode_to_utf8(payload, encoding=source.encoding, declared=encoding, repair=True)
    uri = _first(record, "warc-target-uri").strip("<>")
    return Page(
        row={TEXT: text, URL: uri} | _crawled(record),
        raw=(uri.encode(errors="replace") + b"\0", payload),
        content=source.content or content,
    )


def _crawled(record: Fields) -> dict[str, Any]:
    """Return when a record was fetched; a date that cannot be parsed keeps its original form."""
    text = _first(record, "warc-date")
    crawled = parse_date(text)
    return {CRAWLED: crawled} if crawled or not text else {f"{CRAWLED}_source": text}


def _claim(declared: Sequence[str]) -> str:
    """Return what the declared types claim: `html`, `plain`, `missing`, `unknown` or `other`.

    A server may send several types, or several fields: HTML has priority.
    """
    values = [value.lower() for value in declared]
    types = [type for value in values for type in _MEDIA_TYPE.findall(value)]
    if any(type.endswith(_HTML_ENDINGS) for type in types or values):
        return "html"
    if "text/plain" in types:
        return "plain"
    if not types:
        return "missing"
    return "other" if any(map(_NEVER_HTML.match, types)) else "unknown"


def _payload(message: HttpMessage, claim: str, source: Source) -> bytes:
    """Return the decoded payload of a response; raises UndecodableError."""
    names = ("content-encoding", "transfer-encoding")
    values = ",".join(value for name in names for value in message.fields.get(name, ()))
    encodings = values.lower().replace('"', "").replace(" ", "").split(",") if values else []
    return decode_payload(
        message.payload, encodings, limit=source.record_limit, detect=claim != "unknown"
    )


def _content(claim: str, payload: bytes) -> Content | None:
    """Return what the payload is, or None if it is not a page."""
    if claim == "html":
        return "html"
    if claim == "plain":
        return "html" if begins_with_document_tag(payload) else "page"
    if begins_with_html_tag(payload) or (claim == "missing" and has_html_tag(payload)):
        return "html"
    return None


def _charset(declared: Sequence[str]) -> str | None:
    """Return the first declared character encoding that exists, or None."""
    names = [name for value in declared for name in _CHARSET.findall(value)]
    return next((name for name in names if browser_encoding(name)), None)


def _first(fields: Fields, name: str) -> str:
    """Return the first value of a field, or an empty string."""
    return next(iter(fields.get(name, ())), "")
