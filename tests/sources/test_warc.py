"""WARC: pages out of a crawl, and what a crawl also holds."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from .conftest import read_all, warc_record

PAGES = [
    warc_record(f"http://example.org/{i}", f"<html>page {i}</html>".encode()) for i in range(5)
]
OTHERS = [
    warc_record("http://example.org/robots.txt", b"User-agent: *", type="request"),
    warc_record("http://example.org/i.png", b"\x89PNG", kind="image/png"),
    warc_record("http://example.org/gone", b"<html>not here</html>", status="404 Not Found"),
]


def test_pages_are_documents_and_the_rest_is_not(put):
    """Pages give text, URI and date; requests, images and error pages give nothing."""
    data = b"".join([PAGES[0], *OTHERS, PAGES[1]])
    found = read_all(put("a.warc", data))

    assert found.rejects == []
    assert found.texts == ["<html>page 0</html>", "<html>page 1</html>"]
    assert found.column("url") == ["http://example.org/0", "http://example.org/1"]
    assert found.column("date") == [datetime(2023, 5, 22, 10, tzinfo=UTC)] * 2
    assert found.column("_record") == [1, 5]
    assert found.column("_content") == ["html", "html"]


def test_a_member_for_each_record(put):
    """A crawl compressed record by record, as they are, is read whole."""
    found = read_all(put("a.warc.gz", b"".join(gzip.compress(page) for page in PAGES)))

    assert len(found.documents) == 5
    assert found.rejects == []


def test_payloads_are_unpacked(put):
    """What the server compressed or sent in parts is put together; what it declared is believed."""
    packed = gzip.compress("<html>größer</html>".encode("latin-1"))
    encoded = warc_record(
        "http://e.org/",
        packed,
        kind="text/html; charset=latin-1",
        headers="Content-Encoding: gzip\r\n",
    )
    parts = b"7\r\n<html>a\r\n1\r\nb\r\n0\r\n\r\n"
    chunked = warc_record("http://e.org/2", parts, headers="Transfer-Encoding: chunked\r\n")

    assert read_all(put("a.warc", encoded + chunked)).texts == ["<html>größer</html>", "<html>ab"]


def test_a_bomb_inside_a_page_is_a_reject(put):
    """A payload that unpacks to more than the limit is a reject."""
    bomb = gzip.compress(bytes(5 << 20))
    data = PAGES[0] + warc_record("http://e.org/", bomb, headers="Content-Encoding: gzip\r\n")
    found = read_all(put("a.warc", data), record_limit=1 << 20)

    assert len(found.documents) == 1
    assert found.reasons == [(2, "unpacks to more than record_limit (1,048,576)")]


@pytest.mark.parametrize(
    ("data", "numbers", "record", "reason"),
    [
        (b"".join(PAGES)[:-40], [1, 2, 3, 4], 5, "cut off: "),
        (PAGES[0] + b"what is this\r\n\r\n" + PAGES[1], [1, 3], 2, "no WARC record"),
        (PAGES[0] + PAGES[1].replace(b"Content-Length: ", b"Content-Length: x"), [1], 2, "no WARC"),
        (
            PAGES[0] + PAGES[1].replace(b"WARC-Type", b"WARC-Kind") + PAGES[2],
            [1, 3],
            2,
            "its header",
        ),
        (
            PAGES[0] + warc_record("http://e.org", b"zz", headers="Content-Encoding: gzip\r\n"),
            [1],
            2,
            "",
        ),
    ],
)
def test_damage_is_named_and_passed_over(data, numbers, record, reason, put):
    """A record that is cut off, or is none, is a reject; the next one is found again."""
    found = read_all(put("a.warc", data))

    assert found.column("_record") == numbers
    ((number, said),) = found.reasons
    assert number == record
    assert said.startswith(reason)


def test_texts_of_a_wet_file_are_pages(put):
    """A conversion to text is a page dumped to text, boilerplate included."""
    data = warc_record(
        "http://e.org/a", "die Brücke".encode(), type="conversion", kind="text/plain"
    )
    (row,) = read_all(put("a.warc.wet.gz", gzip.compress(data))).documents

    assert (row["text"], row["_content"]) == ("die Brücke", "page")


def test_a_record_over_the_limit_is_not_held(put):
    """A record larger than the limit is a reject, and the next one is read."""
    big = warc_record("http://e.org/", b"x" * 50_000)
    found = read_all(put("a.warc", big + PAGES[0]), record_limit=10_000)

    assert found.column("_record") == [2]
    assert found.rejects[0].record == 1
    assert "record_limit (10,000)" in found.rejects[0].reason
