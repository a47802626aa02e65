"""WARC: which records are documents, and how damage is handled."""

from __future__ import annotations

import gzip
import tracemalloc
from datetime import UTC, datetime

import pytest

from corpus.sources.files.streams import Stream
from corpus.sources.warc import records as warc_records
from corpus.sources.warc.records import WarcRecord, find_header_end, split_records
from tests.sources.conftest import read_all, warc_record

PAGES = [
    warc_record(f"http://example.org/{i}", f"<html>page {i}</html>".encode()) for i in range(5)
]
OTHERS = [
    warc_record("http://example.org/robots.txt", b"User-agent: *", type="request"),
    warc_record("http://example.org/i.png", b"\x89PNG", kind="image/png"),
    warc_record("http://example.org/gone", b"<html>not here</html>", status="404 Not Found"),
]


def test_only_pages_are_documents(put):
    """Pages have text, URI and crawl date; requests, images and error pages are skipped."""
    data = b"".join([PAGES[0], *OTHERS, PAGES[1]])
    result = read_all(put("a.warc", data))

    assert result.rejects == []
    assert result.texts == ["<html>page 0</html>", "<html>page 1</html>"]
    assert result.column("url") == ["http://example.org/0", "http://example.org/1"]
    assert result.column("date") == [None, None]
    assert result.column("crawled") == [datetime(2023, 5, 22, 10, tzinfo=UTC)] * 2
    assert result.column("_record") == [1, 5]
    assert result.column("_content") == ["html", "html"]


def test_records_may_be_compressed_one_by_one(put):
    """A file with one gzip member per record, as crawlers write them, is read completely."""
    result = read_all(put("a.warc.gz", b"".join(gzip.compress(page) for page in PAGES)))

    assert len(result.documents) == 5
    assert result.rejects == []


def test_payloads_are_decoded(put):
    """Compressed and chunked payloads are decoded, with the charset of the HTTP header."""
    compressed = gzip.compress("<html>größer</html>".encode("latin-1"))
    encoded = warc_record(
        "http://e.org/",
        compressed,
        kind="text/html; charset=latin-1",
        headers="Content-Encoding: gzip\r\n",
    )
    parts = b"7\r\n<html>a\r\n1\r\nb\r\n0\r\n\r\n"
    chunked = warc_record("http://e.org/2", parts, headers="Transfer-Encoding: chunked\r\n")

    assert read_all(put("a.warc", encoded + chunked)).texts == ["<html>größer</html>", "<html>ab"]


def test_a_payload_over_the_limit_is_a_reject(put):
    """A payload that decompresses to more than the limit is a reject."""
    bomb = gzip.compress(bytes(5 << 20))
    data = PAGES[0] + warc_record("http://e.org/", bomb, headers="Content-Encoding: gzip\r\n")
    result = read_all(put("a.warc", data), record_limit=1 << 20)

    assert len(result.documents) == 1
    assert result.reasons == [(2, "decompresses to more than record_limit (1,048,576 bytes)")]


@pytest.mark.parametrize(
    ("data", "numbers", "record", "reason"),
    [
        (b"".join(PAGES)[:-40], [1, 2, 3, 4], 5, "truncated: "),
        (PAGES[0] + b"what is this\r\n\r\n" + PAGES[1], [1, 3], 2, "not a WARC record"),
        (
            PAGES[0] + PAGES[1].replace(b"Content-Length: ", b"Content-Length: x"),
            [1],
            2,
            "not a WARC",
        ),
        (
            PAGES[0] + PAGES[1].replace(b"WARC-Type", b"WARC-Kind") + PAGES[2],
            [1, 3],
            2,
            "the record's header has no WARC-Type",
        ),
        (
            PAGES[0]
            + warc_record("http://e.org", b"\1\2\3\4", headers="Content-Encoding: gzip\r\n"),
            [1],
            2,
            "the payload is not gzip, as its header claims, and not text",
        ),
    ],
)
def test_a_damaged_record_costs_only_itself(data, numbers, record, reason, put):
    """A truncated or invalid record is a reject with a reason, and the next record is read."""
    result = read_all(put("a.warc", data))

    assert result.column("_record") == numbers
    ((number, actual_reason),) = result.reasons
    assert number == record
    assert actual_reason.startswith(reason)


def test_the_texts_of_a_wet_file_are_pages(put):
    """A record of type `conversion` has the content `page`: it includes boilerplate."""
    data = warc_record(
        "http://e.org/a", "die Brücke".encode(), type="conversion", kind="text/plain"
    )
    (row,) = read_all(put("a.warc.wet.gz", gzip.compress(data))).documents

    assert (row["text"], row["_content"]) == ("die Brücke", "page")


def test_a_record_over_the_limit_is_a_reject(put):
    """A record over the limit is a reject, and the next record is read."""
    big = warc_record("http://e.org/", b"x" * 50_000)
    result = read_all(put("a.warc", big + PAGES[0]), record_limit=10_000)

    assert result.column("_record") == [2]
    assert result.rejects[0].record == 1
    assert "record_limit (10,000 bytes)" in result.rejects[0].reason


@pytest.mark.parametrize("excess", [1, 40, 300, 700, 90_000])
def test_a_content_length_that_is_too_large_costs_only_its_record(excess, put):
    """The records after one whose Content-Length is too large are read."""
    length = int(PAGES[1].split(b"Content-Length: ")[1].split()[0])
    wrong = PAGES[1].replace(b"%d\r\n" % length, b"%d\r\n" % (length + 4 + excess))
    data = b"".join([PAGES[0], wrong, *PAGES[2:]])
    for name, content in (("a.warc", data), ("b.warc.gz", gzip.compress(data))):
        result = read_all(put(name, content))

        assert result.texts == [f"<html>page {i}</html>" for i in (0, 2, 3, 4)]
        ((number, reason),) = result.reasons
        assert number == 2
        assert reason.startswith("Content-Length is wrong")


def test_a_record_may_contain_another_one(put):
    """A page about WARC files is whole if its length is right."""
    page = b"<html><pre>\r\n\r\n" + PAGES[0] + b"</pre></html>"
    data = warc_record("http://e.org", page) + PAGES[1]
    result = read_all(put("a.warc", data))

    assert result.texts == [page.decode(), "<html>page 1</html>"]
    assert result.rejects == []


GARBAGE = b"this is not a WARC record\nWARC/x nor is this " * 40
BLANK = len(b"\r\n\r\n")


def split(data: bytes, *, piece_bytes: int = 1 << 20, limit: int = 1 << 20) -> list[WarcRecord]:
    """Return the records of a file that is read in pieces of this size."""
    pieces = (data[at : at + piece_bytes] for at in range(0, len(data), piece_bytes))
    return list(split_records(pieces, Stream("unused"), limit=limit))


@pytest.mark.parametrize("piece_bytes", [*range(1, 20), 1 << 20])
@pytest.mark.parametrize("garbage", [b"x\n", b"short\n", GARBAGE + b"\n"])
def test_reading_resumes_at_the_next_record(garbage, piece_bytes, monkeypatch):
    """Garbage is one error with its exact size, wherever a read ends within the next record."""
    monkeypatch.setattr(warc_records, "MAX_HEADER_BYTES", len(PAGES[0]))
    records = split(PAGES[0] + garbage + PAGES[1] + PAGES[2], piece_bytes=piece_bytes)

    assert [(record.data, record.error) for record in records] == [
        (PAGES[0], None),
        (b"", "not a WARC record"),
        (PAGES[1], None),
        (PAGES[2], None),
    ]
    assert [record.bytes for record in records] == [
        len(PAGES[0]) - BLANK,
        BLANK + len(garbage),
        len(PAGES[1]) - BLANK,
        len(PAGES[2]),
    ]


@pytest.mark.parametrize("piece_bytes", [*range(1, 20), 1 << 20])
@pytest.mark.parametrize("garbage", [b"x", b"short", GARBAGE])
def test_garbage_may_reach_to_the_end(garbage, piece_bytes, monkeypatch):
    """Garbage after the last record is one error with its exact size."""
    monkeypatch.setattr(warc_records, "MAX_HEADER_BYTES", len(PAGES[0]))
    _, last = split(PAGES[0] + garbage, piece_bytes=piece_bytes)

    assert last == WarcRecord(b"", BLANK + len(garbage), "not a WARC record")


@pytest.mark.parametrize("piece_bytes", [100, 1 << 20])
@pytest.mark.parametrize(
    ("bad", "limit", "reason"),
    [
        (warc_record("http://e.org/", b"x" * 5000)[:-1000], 1 << 20, "truncated: "),
        (warc_record("http://e.org/", b"x" * 5000)[:-1000], 1000, "the record is larger"),
        (warc_record("http://e.org/", b"x" * 5000)[:-BLANK], 1000, "the record is larger"),
        (PAGES[1].replace(b"WARC-Type", b"WARC-Kind")[:-BLANK], 1 << 20, "the record's header"),
    ],
)
def test_a_bad_record_has_the_size_that_it_has_in_the_file(bad, limit, reason, piece_bytes):
    """The size of a bad record includes the blank lines before it, and only bytes that exist."""
    _, last = split(PAGES[0] + bad, piece_bytes=piece_bytes, limit=limit)

    assert (last.data, last.bytes) == (b"", BLANK + len(bad))
    assert last.error.startswith(reason)


def test_garbage_is_not_kept_in_memory():
    """Memory is bounded however far away the next record is."""
    mebibyte = b"g" * (1 << 20)
    tail = b"\n" + PAGES[0]
    tracemalloc.start()
    records = list(
        split_records(
            (mebibyte if i < 64 else tail for i in range(65)), Stream("unused"), limit=1 << 20
        )
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [(record.bytes, record.error) for record in records] == [
        ((64 << 20) + 1, "not a WARC record"),
        (len(PAGES[0]) - BLANK, None),
    ]
    assert peak < 8 << 20


def test_many_wrong_lengths_take_linear_work(put):
    """Records that each claim the rest of the file are named one by one; none is copied again."""
    record = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999\r\n\r\nx\r\n\r\n"
    result = read_all(put("a.warc", record * 5000))  # 1.5 GB would be copied if each were taken

    assert [number for number, _ in result.reasons] == list(range(1, 5001))
    assert {reason.partition(":")[0] for _, reason in result.reasons} == {
        "Content-Length is wrong",
        "truncated",
    }


@pytest.mark.parametrize(
    "header",
    [
        b"WARC/1.0\r\n",
        b"WARC/1.0\r\nWARC-Type: response\r\n",
        b"warc/1.1\nContent-Length: 5\n",
    ],
)
def test_a_header_without_an_end_does_not_reach_into_the_next_one(header):
    """A header ends before the next one begins: so it costs no record, and no search twice."""
    *bad, good = split(3 * header + PAGES[0])

    assert [(record.bytes, record.error) for record in bad] == [
        (len(header), "not a WARC record")
    ] * 3
    assert good.error is None
    assert find_header_end(3 * header + PAGES[0], 1 << 16) == 0
