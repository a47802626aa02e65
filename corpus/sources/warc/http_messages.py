"""Parse an HTTP response as crawlers store it, including the headers that servers get wrong.

Accepted beyond the standard: bare line feeds, folded lines, any case and spacing of field names,
status lines such as `http/1.1 200 OK`, `ICY 200 OK`, `HTTP/3 200` and `200 OK`, a missing status
line, a missing blank line before `<!DOCTYPE html>`, and interim responses (`100 Continue`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_HEADER_BYTES = 1 << 20
"""Maximum size of an HTTP header; data without a blank line in it has no header."""

MAX_INTERIM_RESPONSES = 8

_BLANK_LINE = re.compile(rb"\n\r?\n")
_BODY_WITHOUT_BLANK_LINE = re.compile(rb"\n(?=[ \t]*(?:<!DOCTYPE|<html|<\?xml))", re.IGNORECASE)
_STATUS_LINE = re.compile(
    rb"(?:HTTP|ICY)(?:/[ \t]?[0-9.]*)?[ \t]+([0-9]{3})(?![0-9])", re.IGNORECASE
)
_STATUS_ALONE = re.compile(rb"([0-9]{3})(?:[ \t]+[A-Za-z' -]{0,40})?\r?\n")
_PROTOCOL = re.compile(rb"HTTP/[0-9.]*[ \t\r\n]", re.IGNORECASE)
_FIELD_LINE = re.compile(rb"[A-Za-z][A-Za-z0-9-]*[ \t]*:")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_FIELD = re.compile(rb"^([A-Za-z][A-Za-z0-9-]*)[ \t]*:([^\r\n]*)", re.MULTILINE)


class HttpMessage(NamedTuple):
    """A response: its status, its header fields and its payload, which may be encoded."""

    status: int | None
    """None if there is no status line, or none with a code."""

    fields: dict[str, list[str]]
    """The values of each field, by its name in lower case."""

    payload: bytes


def parse_fields(header: bytes) -> dict[str, list[str]]:
    """Return the values of each header field, by its name in lower case, in their order."""
    if b"\n " in header or b"\n\t" in header:
        header = _FOLD.sub(b" ", header)
    fields: dict[str, list[str]] = {}
    for name, value in _FIELD.findall(header):
        text = value.strip(b" \t").decode(errors="replace")
        fields.setdefault(name.decode("ascii").lower(), []).append(text)
    return fields


class _HttpHeader(NamedTuple):
    """A header: what it says, and where the payload begins in the data."""

    status: int | None
    fields: dict[str, list[str]]
    payload_start: int


def parse_response(
    data: bytes, *, may_lack_status_line: bool, start: int = 0, end: int | None = None
) -> HttpMessage | None:
    """Return the final response in data[start:end], or None if there is no HTTP header.

    `may_lack_status_line` also accepts a header that begins with a field, or with a bare status.
    Only the payload is copied, once: it may be as large as the data.
    """
    end = len(data) if end is None else end
    header = _parse(data, start, end, may_lack_status_line=may_lack_status_line)
    for _ in range(MAX_INTERIM_RESPONSES):
        if header is None or not _is_interim(header):
            break
        following = _parse(data, header.payload_start, end, may_lack_status_line=False)
        if following is None:
            break
        header = following
    if header is None:
        return None
    return HttpMessage(header.status, header.fields, data[header.payload_start : end])


def _parse(data: bytes, start: int, end: int, *, may_lack_status_line: bool) -> _HttpHeader | None:
    """Return the header at the beginning of data[start:end], or None if there is none."""
    head = data[start : min(end, start + 64)]
    start += len(head) - len(head.lstrip(b"\r\n"))
    match = _STATUS_LINE.match(data, start, end)
    has_header = bool(match or _PROTOCOL.match(data, start, end))
    if not has_header and may_lack_status_line:
        match = _STATUS_ALONE.match(data, start, end)
        has_header = bool(match or _FIELD_LINE.match(data, start, end))
    if not has_header:
        return None
    header_end, payload_start = _end_of_header(data, start, end)
    status = int(match[1]) if match else None
    return _HttpHeader(status, parse_fields(data[start:header_end]), payload_start)


def _end_of_header(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return where the header ends, and where the payload begins."""
    limit = min(end, start + MAX_HEADER_BYTES)
    blank = _BLANK_LINE.search(data, start, limit)
    header_end = blank.start() + 1 if blank else limit
    if early := _BODY_WITHOUT_BLANK_LINE.search(data, start, header_end):
        return early.end(), early.end()
    return (header_end, blank.end()) if blank else (header_end, header_end)


def _is_interim(header: _HttpHeader) -> bool:
    """Return whether another response follows, as after `100 Continue` or a proxy's answer."""
    is_informational = header.status is not None and 100 <= header.status < 200
    return is_informational or ("content-type" not in header.fields and header.status == 200)
