"""The files of Common Crawl: WARC files of responses, WET files of texts, and WAT files.

The layout follows Common Crawl's documentation and examples; the pages are written for this test.
"""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest

from corpus.sources import Source, describe_skipped_files, find_files
from tests.sources.conftest import read_all

NAME = "CC-MAIN-20190418121317-20190418143317-00042"


def warc(type: str, fields: dict[str, str], block: bytes) -> bytes:
    """Return a record of its own gzip member, as Common Crawl writes them."""
    head = {"WARC-Type": type, "WARC-Date": "2019-04-18T12:52:47Z"} | fields
    head |= {"WARC-Record-ID": f"<urn:uuid:{len(block):032x}>", "Content-Length": str(len(block))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return gzip.compress(f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n", mtime=0)


INFO = warc(
    "warcinfo",
    {"WARC-Filename": f"{NAME}.warc.gz", "Content-Type": "application/warc-fields"},
    b"isPartOf: CC-MAIN-2019-18\r\npublisher: Common Crawl\r\nformat: WARC File Format 1.1\r\n",
)


def capture(number: int, page: str, status: str = "200 OK", kind: str = "text/html") -> bytes:
    """Return the three records of a fetched page: request, response, metadata."""
    url = {"WARC-Target-URI": f"https://tides.example/{number}", "WARC-IP-Address": "192.0.2.7"}
    http = (
        f"HTTP/1.1 {status}\r\nDate: Thu, 18 Apr 2019 12:52:47 GMT\r\nContent-Type: {kind}\r\n"
        "X-Crawler-Transfer-Encoding: chunked\r\nX-Crawler-Content-Encoding: gzip\r\n"
        f"Content-Length: {len(page.encode())}\r\n\r\n{page}"
    ).encode()
    kinds = {"Content-Type": "application/http; msgtype=request"}
    digest = {"WARC-Payload-Digest": "sha1:DEADBEEF", "WARC-Identified-Payload-Type": "text/html"}
    return (
        warc("request", url | kinds, b"GET / HTTP/1.1\r\nHost: tides.example\r\n\r\n")
        + warc(
            "response", url | {"Content-Type": "application/http; msgtype=response"} | digest, http
        )
        + warc("metadata", url | {"Content-Type": "application/warc-fields"}, b"fetchTimeMs: 4\r\n")
    )


PAGES = [
    f"<html><head><title>Tide {i}</title></head><body>Flut – {i}</body></html>" for i in range(3)
]
WARC = INFO + b"".join(
    [
        *(capture(i, page) for i, page in enumerate(PAGES)),
        *(capture(3, "gone", "404 Not Found"), capture(4, "%PDF", kind="application/pdf")),
    ]
)


def conversion(number: int, text: bytes, languages: str = "deu,eng") -> bytes:
    """Return a record of a WET file."""
    fields = {
        "WARC-Target-URI": f"https://tides.example/{number}",
        "WARC-Refers-To": "<urn:uuid:1>",
        "WARC-Block-Digest": "sha1:DEADBEEF",
        "WARC-Identified-Content-Language": languages,
        "Content-Type": "text/plain",
    }
    return warc("conversion", fields, text)


TEXTS = ["Flut – eins\nNach Hause\n", "<html> beginnt eine Seite.\nÜber uns", "東京は晴れ。"]
WET = INFO + b"".join(conversion(i, text.encode()) for i, text in enumerate(TEXTS))


def test_a_warc_file_gives_the_pages(put):
    """Each page is a document with its URL and the time of the crawl; the rest is counted."""
    result = read_all(put(f"{NAME}.warc.gz", WARC))

    assert result.texts == PAGES
    assert result.column("url") == [f"https://tides.example/{i}" for i in range(3)]
    assert {str(each) for each in result.column("crawled")} == {"2019-04-18 12:52:47+00:00"}
    assert set(result.column("date")) == {None}
    assert set(result.column("_content")) == {"html"}
    assert result.rejects == []
    assert result.skipped == {
        f"{NAME}.warc.gz": {
            "warcinfo": 1,
            "request": 5,
            "metadata": 5,
            "status 404": 1,
            "not_html": 1,
        }
    }


@pytest.mark.parametrize("name", [f"{NAME}.warc.wet.gz", "a.wet.gz", "a.wet", "a.warc.wet"])
def test_a_wet_file_gives_the_texts(put, name):
    """The text of a page is read as it is, whatever it begins with."""
    data = WET if name.endswith(".gz") else gzip.decompress(WET)
    result = read_all(put(name, data))

    assert result.texts == TEXTS
    assert result.column("url") == [f"https://tides.example/{i}" for i in range(3)]
    assert {str(each) for each in result.column("crawled")} == {"2019-04-18 12:52:47+00:00"}
    assert set(result.column("_content")) == {"page"}
    assert result.skipped == {name: {"warcinfo": 1}}
    assert "language_source" not in result.schema.names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Flut \xff eins – zwei".encode().replace(b"\xc3\xbf", b"\xff"), "Flut \ufffd eins – zwei"),
        (b"caf\xe9", "caf\ufffd"),
        (b"\xef\xbb\xbfFlut", "Flut"),
        (b"", ""),
    ],
)
def test_a_text_of_a_wet_file_is_utf_8(put, text, expected):
    """Common Crawl writes UTF-8, so a bad byte is replaced, and no other encoding is guessed."""
    assert read_all(put("a.wet.gz", INFO + conversion(1, text))).texts == [expected]


@pytest.mark.parametrize("share", [0.4, 0.8, 0.95])
def test_a_truncated_wet_file_keeps_its_texts(put, share):
    """The complete records of a truncated download are read, and the loss is named."""
    result = read_all(put("a.wet.gz", WET[: int(len(WET) * share)]))

    assert result.texts == TEXTS[: len(result.texts)]
    assert len(result.texts) < 3
    assert len(result.rejects) == 1


def test_the_parts_of_a_crawl_are_read_together(put):
    """WARC and WET files of a folder or an archive are read; WAT and index files are counted."""
    put(f"in/warc/{NAME}.warc.gz", WARC)
    put(f"in/wat/{NAME}.warc.wat.gz", b"x")
    put("in/cdx-00000.gz", b"x")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(f"wet/{NAME}.warc.wet.gz")
        info.size = len(WET)
        archive.addfile(info, io.BytesIO(WET))
    folder = put("in/crawl.tar", out.getvalue()).parent
    skipped = find_files(Source(path=str(folder)), folder).skipped

    assert read_all(folder).texts == TEXTS + PAGES
    assert describe_skipped_files(skipped) == "1 .gz, 1 .wat.gz"
