"""Encodings of HTTP payloads: claimed rightly, claimed wrongly, damaged, hostile."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pyarrow as pa
import pytest

from corpus.sources.encodings.decode import UndecodableError
from corpus.sources.warc.http_encodings import decode_payload, join_chunks
from tests.sources.conftest import zstd

PAGE = "<!DOCTYPE html><html><body><p>The ferry to größere islands sails again.</p></body></html>"
HTML = PAGE.encode() * 20
LIMIT = 1 << 20


def raw_deflate(data: bytes) -> bytes:
    """Return the data as a deflate stream without a zlib header."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def brotli(data: bytes) -> bytes:
    """Return the data as a Brotli stream."""
    return bytes(pa.compress(data, "brotli", asbytes=True))


def chunked(data: bytes, *, line_end: bytes = b"\r\n", extension: bytes = b"") -> bytes:
    """Return the data in chunks of 100 bytes."""
    parts = [data[i : i + 100] for i in range(0, len(data), 100)]
    lines = [b"%x%s%s%s%s" % (len(p), extension, line_end, p, line_end) for p in parts]
    return b"".join(lines) + b"0" + line_end * 2


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "raw deflate": raw_deflate,
    "br": brotli,
    "zstd": zstd,
}
CLAIMS = ["gzip", "x-gzip", "deflate", "br", "zstd", "utf-8", "identity", "none", ""]


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim in ENCODERS or "z" in claim])
@pytest.mark.parametrize("actual", ENCODERS)
def test_a_claim_may_be_wrong(actual, claim):
    """A payload is decoded by what it is, whatever encoding the header claims."""
    assert decode_payload(ENCODERS[actual](HTML), [claim], limit=LIMIT) == HTML


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("actual", ["plain", "gzip", "zstd"])
def test_marked_encodings_need_no_claim(actual, claim):
    """Plain text, gzip and Zstandard are recognised under any claim, or without one."""
    assert decode_payload(ENCODERS[actual](HTML), [claim], limit=LIMIT) == HTML


@pytest.mark.parametrize("actual", ENCODERS)
def test_chunks_are_joined_before_decoding(actual):
    """The encodings are undone in reverse order, the chunks first."""
    name = "deflate" if "l" in actual and actual != "plain" else actual
    payload = chunked(ENCODERS[actual](HTML))

    assert decode_payload(payload, [name, "chunked"], limit=LIMIT) == HTML
    assert decode_payload(ENCODERS[actual](HTML), [name, "chunked"], limit=LIMIT) == HTML


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("extension", [b"", b";name=value", b"  "])
def test_chunks_have_many_forms(extension, line_end):
    """Chunks may have extensions, padded sizes and bare line feeds."""
    assert join_chunks(chunked(HTML, line_end=line_end, extension=extension)) == HTML


@pytest.mark.parametrize(
    "payload", [b"", b"<html>no chunks</html>", b"added to a page\nthat has no chunks", b"beef"]
)
def test_a_payload_without_chunks_is_kept(payload):
    """A payload that was joined by the crawler is taken as it is, even if it begins like a size."""
    assert join_chunks(payload) == payload


def test_a_truncated_last_chunk_is_kept():
    """Chunks that are cut off give what was received."""
    payload = chunked(HTML)

    assert join_chunks(payload[:1030]).startswith(HTML[:900])
    assert HTML.startswith(join_chunks(payload[:1030]))


@pytest.mark.parametrize("claims", [[], ["gzip"], ["br"], ["identity"]])
@pytest.mark.parametrize("actual", ["plain", "gzip", "zstd"])
def test_complete_chunks_need_no_claim(actual, claims):
    """Chunks are joined without a claim if the last one ends the payload."""
    payload = chunked(ENCODERS[actual](HTML))

    assert decode_payload(payload, claims, limit=LIMIT) == HTML
    assert decode_payload(chunked(HTML, line_end=b"\n"), claims, limit=LIMIT) == HTML


@pytest.mark.parametrize(
    "text", [b"1\r\na\r\n", b"0\r\n", b"2\nab\n0\nmore", b"5\nA list\n0\n", b"12\n3\n"]
)
def test_a_text_is_not_mistaken_for_chunks(text):
    """A text that begins with a number is kept as it is if no header claims chunks."""
    assert decode_payload(text, [], limit=LIMIT) == text


@pytest.mark.parametrize("claim", ["gzip", "br"])
@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_truncated_stream_gives_what_was_received(pack, claim):
    """A gzip or zlib stream that is cut off is decoded up to its end."""
    data = bytes(range(33, 127)) * 50 + HTML
    decoded = decode_payload(pack(data)[:-9], [claim], limit=LIMIT)

    assert len(decoded) > 4000
    assert data.startswith(decoded)


def test_data_after_a_stream_is_ignored():
    """Bytes after the end of gzip data do not cost the page; another member belongs to it."""
    payload = gzip.compress(HTML) + gzip.compress(b"<p>more") + b"junk"

    assert decode_payload(payload, ["gzip"], limit=LIMIT) == HTML + b"<p>more"


@pytest.mark.parametrize("layers", [2, 3])
def test_a_payload_may_be_encoded_twice(layers):
    """Encodings that were applied twice but claimed once are all undone."""
    payload = HTML
    for _ in range(layers):
        payload = gzip.compress(payload)

    assert decode_payload(payload, ["gzip"], limit=LIMIT) == HTML


@pytest.mark.parametrize("text", ["a", "x", "hC is not a zlib header", "8 ferries", "12\r\n"])
@pytest.mark.parametrize("claim", ["gzip", "deflate", "br", "zstd", "chunked"])
def test_a_short_text_is_not_lost(claim, text):
    """A text of a few bytes is never mistaken for compressed data."""
    assert decode_payload(text.encode(), [claim], limit=LIMIT) == text.encode()


@pytest.mark.parametrize("claim", ["gzip", "deflate", "br", "zstd"])
def test_binary_data_that_does_not_decode_is_an_error(claim):
    """Data that is neither encoded nor text is an error that names the claim."""
    with pytest.raises(UndecodableError, match=f"the payload is not {claim}, as its header claims"):
        decode_payload(b"\x01\x02\x03\xff\xfe" * 40, [claim], limit=LIMIT)


@pytest.mark.parametrize("actual", ["gzip", "zlib", "raw deflate", "br", "zstd"])
@pytest.mark.parametrize("claim", ["gzip", "br", "zstd"])
def test_a_bomb_is_an_error(claim, actual):
    """A payload that expands beyond the limit is an error, under any claim."""
    with pytest.raises(UndecodableError, match=r"decompresses to more than record_limit \(65,536"):
        decode_payload(ENCODERS[actual](bytes(5 << 20)), [claim], limit=1 << 16)


def test_the_number_of_encodings_is_bounded():
    """A header with a hundred thousand encodings costs no more than one with a few."""
    assert decode_payload(HTML, ["gzip"] * 100_000, limit=LIMIT) == HTML
