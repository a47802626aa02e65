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


def parse_response(block: bytes, *, may_lack_status_line: bool) -> HttpMessage | None:
    """Return the final response in a block of data, or None if the block has no HTTP header.

    `may_lack_status_line` also accepts a header that begins with a field, or with a bare status.
    """
    message = _parse(block, may_lack_status_line=may_lack_status_line)
    for _ in range(MAX_INTERIM_RESPONSES):
        if message is None or not _is_interim(message):
            break
        following = _parse(message.payload, may_lack_status_line=False)
        if following is None:
            break
        message = following
    return message


def _parse(block: bytes, *, may_lack_status_line: bool) -> HttpMessage | None:
    """Return the first response in a block, or None if it does not begin with an HTTP header."""
    start = len(block[:64]) - len(block[:64].lstrip(b"\r\n"))
    match = _STATUS_LINE.match(block, start)
    has_header = bool(match or _PROTOCOL.match(block, start))
    if not has_header and may_lack_status_line:
        match = _STATUS_ALONE.match(block, start)
        has_header = bool(match or _FIELD_LINE.match(block, start))
    if not has_header:
        return None
    end, body = _end_of_header(block, start)
    status = int(match[1]) if match else None
    return HttpMessage(status, parse_fields(block[start:end]), block[body:])


def _end_of_header(block: bytes, start: int) -> tuple[int, int]:
    """Return where the header ends, and where the payload begins."""
    blank = _BLANK_LINE.search(block, start, start + MAX_HEADER_BYTES)
    end = blank.start() + 1 if blank else min(len(block), start + MAX_HEADER_BYTES)
    if early := _BODY_WITHOUT_BLANK_LINE.search(block, start, end):
        return early.end(), early.end()
    return (end, blank.end()) if blank else (end, end)


def _is_interim(message: HttpMessage) -> bool:
    """Return whether another response follows, as after `100 Continue` or a proxy's answer."""
    is_informational = message.status is not None and 100 <= message.status < 200
    return is_informational or ("content-type" not in message.fields and message.status == 200)
