"""Which WARC records are pages: odd headers, missing types, and the reasons of all others."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.sources.conftest import COMPRESSORS, read_all, warc_record

PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Tide tables</title></head>"
    b"<body><p>The spring tide comes on Friday.</p></body></html>"
)


def record(block: bytes, *, type: str = "response", outer: str = "application/http") -> bytes:
    """Return a WARC record with this block: the HTTP header, if any, and the payload."""
    return (
        (
            f"WARC/1.0\r\nWARC-Type: {type}\r\nWARC-Target-URI: https://tides.example/\r\n"
            f"WARC-Date: 2024-02-03T04:05:06Z\r\nContent-Type: {outer}\r\n"
            f"Content-Length: {len(block)}\r\n\r\n"
        ).encode()
        + block
        + b"\r\n\r\n"
    )


def response(*, status: str = "HTTP/1.1 200 OK", fields: str = "Content-Type: text/html") -> bytes:
    """Return a response with the page."""
    header = "".join(f"{line}\r\n" for line in (status, fields) if line)
    return record(f"{header}\r\n".encode() + PAGE)


STATUS_LINES = [
    "HTTP/1.1 200 OK",
    "http/1.1 200 OK",
    "HTTP/1.1 200",
    "HTTP/1.0  200  OK",
    "HTTP/1.1\t200 OK",
    "HTTP/2 200",
    "HTTP/3 200",
    "HTTP/1.1 200OK",
    "HTTP 200 OK",
    "HTTP/1.1 OK",
    "ICY 200 OK",
    "200 OK",
    "200",
    "",
]
CONTENT_TYPES = [
    "Content-Type: text/html",
    "Content-type:text/html",
    "CONTENT-TYPE : TEXT/HTML",
    "Content-Type: text/html, charset=UTF-8",
    "Content-Type: text/html:charset=UTF-8",
    "Content-Type: text/html charset=UTF-8",
    "Content-Type: text/html;;charset=UTF-8",
    'Content-Type: "text/html"',
    "Content-Type: 'text/html'; charset='utf-8'",
    "Content-Type: html",
    "Content-Type: text",
    "Content-Type: text/htm",
    "Content-Type: text/x-server-parsed-html",
    "Content-Type: application/vnd.wap.xhtml+xml",
    "Content-Type: application/xml",
    "Content-Type: application/octet-stream",
    "Content-Type: unknown/unknown",
    "Content-Type: */*",
    "Content-Type: text/plain",
    "Content-Type:",
    "Content-Type: ;charset=utf-8",
    "Content-Type: text/html\r\nContent-Type: text/html; charset=utf-8",
    "Content-Type: text/plain\r\nContent-Type: text/html; charset=utf-8",
    "Content-Type: text/html;\r\n charset=utf-8",
    "X-Type: text/html",
]


@pytest.mark.parametrize("status", STATUS_LINES)
@pytest.mark.parametrize("fields", ["Content-Type: text/html", "Server: tiny"])
def test_an_odd_status_line_does_not_cost_the_page(status, fields, put):
    """A page with a status line in any form, or none, is read, whether or not its type is known."""
    result = read_all(put("a.warc", response(status=status, fields=fields)))

    assert (result.texts, result.column("_content")) == ([PAGE.decode()], ["html"])
    assert result.skipped == {}


@pytest.mark.parametrize("fields", CONTENT_TYPES)
@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
@pytest.mark.parametrize("compressor", ["", *COMPRESSORS])
def test_an_odd_content_type_does_not_cost_the_page(compressor, line_end, fields, put):
    """HTML under any type is read as HTML, with either line end, in a file of any compression."""
    header = f"HTTP/1.1 200 OK\r\nServer: tiny\r\n{fields}\r\n\r\n".replace("\r\n", line_end)
    data = record(header.encode() + PAGE)
    compress: Callable[[bytes], bytes] = COMPRESSORS.get(compressor, bytes)
    result = read_all(put(f"a.warc{compressor}", compress(data)))

    assert (result.texts, result.column("_content")) == ([PAGE.decode()], ["html"])
    assert result.skipped == {}


@pytest.mark.parametrize(
    "start",
    [
        "<html>",
        "<HTML lang=en>",
        "\n\n  <!doctype HTML>",
        "\ufeff<!DOCTYPE html>",
        '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN">',
        "<!-- saved page --><html>",
        "<head>",
        "<p>",
        "<h1>",
        "<div class=a>",
    ],
)
@pytest.mark.parametrize("fields", ["X: y", "Content-Type: text", "Content-Type: unknown/unknown"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_payload_decides_if_the_type_does_not(encoding, fields, start, put):
    """A payload that begins like HTML is HTML if its type is missing, malformed or unknown."""
    start = start.removeprefix("\ufeff") if encoding == "utf-16" else start
    page = f"{start}The tide comes in."
    data = record(f"HTTP/1.1 200 OK\r\n{fields}\r\n\r\n".encode() + page.encode(encoding))
    result = read_all(put("a.warc", data))

    assert (result.texts, result.column("_content")) == ([page.removeprefix("\ufeff")], ["html"])


@pytest.mark.parametrize(
    ("fields", "payload"),
    [
        ("Content-Type: image/png", b"\x89PNG\r\n\x1a\n"),
        ("Content-Type: application/json", b'{"html": "<html>"}'),
        ("Content-Type: application/rss+xml", b'<?xml version="1.0"?><rss></rss>'),
        ("Content-Type: image/svg+xml", b"<svg></svg>"),
        ("Content-Type: application/javascript", b"document.write('<html>')"),
        ("Content-Type: text/css", b"p { color: red }"),
        ("Content-Type: application/pdf", b"%PDF-1.7"),
        ("Content-Type: application/octet-stream", b"\0\1\2"),
        ("Content-Type: application/octet-stream\r\nContent-Encoding: br", b"\0\1\2\3"),
        ("X: y", b"plain words"),
        ("X: y", b""),
    ],
)
def test_what_is_not_a_page_is_counted(fields, payload, put):
    """A response that is neither HTML nor plain text is counted as `not_html`."""
    data = record(f"HTTP/1.1 200 OK\r\n{fields}\r\n\r\n".encode() + payload)
    result = read_all(put("a.warc", data + response()))

    assert (len(result.documents), result.rejects) == (1, [])
    assert result.skipped == {"a.warc": Counter(not_html=1)}


def test_every_other_record_is_counted_by_reason(put):
    """Records of other types and responses with other statuses are counted, each by its reason."""
    data = b"".join(
        [
            *(
                record(b"GET / HTTP/1.1\r\n\r\n", type=type)
                for type in ("request", "revisit", "metadata", "warcinfo", "request", "Exotic")
            ),
            response(status="HTTP/1.1 404 Not Found"),
            response(status="HTTP/1.1 301 Moved"),
            response(status="http/1.0 404"),
            response(),
        ]
    )
    result = read_all(put("a.warc", data))

    assert len(result.documents) == 1
    assert result.column("_record") == [10]
    assert result.skipped["a.warc"] == {
        "request": 2,
        "revisit": 1,
        "metadata": 1,
        "warcinfo": 1,
        "other_type": 1,
        "status 404": 2,
        "status 301": 1,
    }


@pytest.mark.parametrize("name", ["lower", "upper"])
@pytest.mark.parametrize("colon", [b":", b": ", b" : "])
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_field_names_of_a_warc_header_have_any_form(line_end, colon, name, put):
    """Names of WARC fields may have any case and spacing, and lines may end with a line feed."""
    head, _, block = response().partition(b"\r\n\r\n")
    lines = [line.partition(b": ") for line in head.split(b"\r\n")]
    lines = [(getattr(field, name)(), colon if found else b"", v) for field, found, v in lines]
    head = line_end.join(b"".join(parts) for parts in lines) + line_end * 2
    result = read_all(put("a.warc", (head + block) * 3))

    assert result.texts == [PAGE.decode()] * 3
    assert result.column("url") == ["https://tides.example/"] * 3


@pytest.mark.parametrize("type", ["resource", "conversion", "response"])
@pytest.mark.parametrize("outer", ["text/html", "text/html; charset=utf-8", "", "unknown/unknown"])
def test_a_record_may_have_no_http_header(outer, type, put):
    """A record whose block is the page itself is read by its own type, or by its payload."""
    result = read_all(put("a.warc", record(PAGE, type=type, outer=outer)))

    assert (result.texts, result.column("_content")) == ([PAGE.decode()], ["html"])


@pytest.mark.parametrize(
    "block",
    [
        PAGE,
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + PAGE,
        b"\r\nHTTP/1.1 200 OK\r\n\r\n" + PAGE,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE,
        b"HTTP/1.0 200 Connection established\r\n\r\nHTTP/1.1 200 OK\r\nServer: s\r\n\r\n" + PAGE,
        b"HTTP/1.1 200 OK\r\nno field here\r\nContent-Type: text/html\r\n\r\n" + PAGE,
        b"HTTP/1.1 200 OK\nContent-Type: text/html\r\n\n" + PAGE,
    ],
)
def test_an_http_header_may_be_incomplete(block, put):
    """A missing header, a missing blank line and interim responses do not cost the page."""
    assert read_all(put("a.warc", record(block))).texts == [PAGE.decode()]


def test_a_chunk_size_is_not_a_status(put):
    """The first chunk of a response without a type is not mistaken for another response."""
    page = PAGE.ljust(0x200)
    chunks = b"200\r\n%s\r\n0\r\n\r\n" % page
    data = record(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)

    assert read_all(put("a.warc", data)).texts == [page.decode()]


def test_plain_text_stays_plain_text(put):
    """A page of plain text is read as a page, even if it mentions HTML."""
    data = warc_record("http://e.org/", b"About <html> and its tags.", kind="text/plain")
    (row,) = read_all(put("a.warc", data)).documents

    assert (row["text"], row["_content"]) == ("About <html> and its tags.", "page")


def test_an_unknown_charset_does_not_hide_that_of_the_page(put):
    """If the header's charset does not exist, the page's own is used."""
    page = '<html><meta charset="koi8-r"><p>Прилив в пятницу</p></html>'
    data = warc_record("http://e.org/", page.encode("koi8-r"), kind="text/html; charset=none")

    assert read_all(put("a.warc", data)).texts == [page]


@pytest.mark.parametrize("cut", [1, 30, 90, 150, 230])
def test_a_truncated_record_costs_only_itself(cut, put):
    """A record that is cut off is one reject; the record before it is read."""
    result = read_all(put("a.warc", response() + response()[:-cut]))

    assert len(result.documents) == (2 if cut < 4 else 1)
    assert len(result.rejects) == (0 if cut < 4 else 1)


@pytest.mark.parametrize(
    "block",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n " * 300_000 + b"\r\n\r\n" + PAGE,
        b"HTTP/1.1 200 OK\r\nContent-Type: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: " + b"a/" * 500_000 + b"\r\n\r\n" + PAGE,
        b"HTTP/1.1 200 OK\r\nContent-Type: " + b"charset = " * 90_000 + b"\r\n\r\n" + PAGE,
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html" + b" " * 900_000 + b"x\r\n\r\n" + PAGE,
        b"HTTP/1.1 200 OK\r\n" + b" " * 900_000 + b"\r\n\r\n" + PAGE,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: " + b"gzip," * 100_000 + b"\r\n\r\n" + PAGE,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"<!--" * 1_000_000,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"\n" * 4_000_000 + PAGE,
        b"HTTP/1.1 200 OK\r\n" + b"\n<" * 400_000,
    ],
)
def test_a_hostile_header_is_read_in_linear_time(block, put):
    """A header made to be slow costs no more than seconds, and the next record is read."""
    result = read_all(put("a.warc", record(block) + response()))

    assert result.texts[-1] == PAGE.decode()


def test_compressed_members_with_wrong_claims_are_read(put):
    """A crawler's file, one gzip member per record, with payloads of every kind, loses no page."""
    blocks = [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: "
        + claim
        + b"\r\n\r\n"
        + p
        for claim in (b"gzip", b"x-gzip", b"br", b"deflate", b"zstd", b"UTF-8", b"chunked")
        for p in (PAGE, gzip.compress(PAGE))
    ]
    result = read_all(put("a.warc.gz", b"".join(gzip.compress(record(b)) for b in blocks)))

    assert result.texts == [PAGE.decode()] * len(blocks)
    assert result.rejects == []


@pytest.mark.parametrize(
    ("value", "crawled", "original"),
    [
        ("2024-02-03T04:05:06Z", datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC), None),
        ("2024-02-03T04:05:06.123456Z", datetime(2024, 2, 3, 4, 5, 6, 123456, tzinfo=UTC), None),
        ("", None, None),
        ("yesterday", None, "yesterday"),
    ],
)
def test_the_crawl_date_has_its_own_column(value, crawled, original, put):
    """The record's date is in `crawled`, never in `date`; what cannot be parsed is kept as text."""
    data = response().replace(b"2024-02-03T04:05:06Z", value.encode())
    (row,) = read_all(put("a.warc", data)).documents

    assert row["date"] is None
    assert (row.get("crawled"), row.get("crawled_source")) == (crawled, original)
