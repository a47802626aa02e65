"""Decode the payload of an HTTP response: chunks, gzip, deflate, Brotli and Zstandard.

Archives often keep a header that does not fit the payload: the crawler decoded the payload and kept
`Content-Encoding: gzip`, or the server sent Zstandard and claimed Brotli. So a claim is a hint:

- A payload that decodes as claimed is decoded.
- Otherwise the payload's own first bytes decide, then the other encodings are tried.
- A payload that does not decode and looks like text is taken as it is.
- Binary data that does not decode is an error.
- Chunks that no header claims are joined if they fill the payload: some crawlers drop the header.

A gzip or zlib stream that is cut off gives what was sent. The size of the output is limited.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Sequence

from corpus.sources.encodings.decode import UndecodableError
from corpus.sources.files.compression import READ_BYTES

MAX_ENCODINGS = 4
"""Maximum number of encodings that are undone, one after the other."""

_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]{0,4096})?\r?\n")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b")) + b"\x7f"
_TEXT_BYTES = 512
"""Bytes at the start of a payload that decide whether it looks like text."""


class NotEncodedError(ValueError):
    """The data is not in the encoding that was tried."""


def decode_payload(
    payload: bytes, encodings: Sequence[str], *, limit: int, detect: bool = True
) -> bytes:
    """Return the decoded payload; raises UndecodableError.

    `encodings` are the claimed ones in the order in which they were applied, in lower case.
    `detect` also decodes gzip and Zstandard that the header does not mention. `limit` is the
    maximum size in bytes.
    """
    if "chunked" not in encodings and detect:
        payload = join_chunks(payload, complete=True)
    for claimed in reversed(encodings[-MAX_ENCODINGS:]):
        if claimed == "chunked":
            payload = join_chunks(payload)
        elif name := _NAMES.get(claimed):
            payload = _decode(payload, name, limit)
    for _ in range(MAX_ENCODINGS if detect else 0):
        if (detected := _detect(payload)) is None:
            break
        payload = _DECODERS[detected](payload, limit)
    return payload


def join_chunks(payload: bytes, *, complete: bool = False) -> bytes:
    """Return the data of a chunked payload (RFC 9112, section 7.1), or the payload if it has none.

    A last chunk that is cut off is kept. With `complete`, as no header claims chunks, they are only
    joined if a last chunk of size 0 ends the payload.
    """
    parts: list[memoryview] = []  # only joining them copies them
    position, view = 0, memoryview(payload)
    while match := _CHUNK_SIZE.match(payload, position):
        size = int(match.group(1), 16)
        if size == 0:
            is_end = not complete or (parts and not payload[match.end() :].strip())
            return b"".join(parts) if is_end else payload
        parts.append(view[match.end() : match.end() + size])
        position = match.end() + size
        position += 2 if payload.startswith(b"\r\n", position) else 0
        position += 1 if payload.startswith(b"\n", position) else 0
    if complete or position < len(payload):
        return payload
    return b"".join(parts) or payload


def looks_like_text(payload: bytes) -> bool:
    """Return whether the start of a payload has no control characters, or is UTF-16."""
    head = payload[:_TEXT_BYTES]
    is_utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return is_utf16 or len(head.translate(None, _CONTROLS)) == len(head)


def _decode(payload: bytes, claimed: str, limit: int) -> bytes:
    """Return the payload decoded as claimed, else as it can be decoded, else as it is."""
    detected = _detect(payload)
    names = [detected] if detected else [claimed, *(n for n in _UNMARKED if n != claimed)]
    for name in names:
        try:
            return _DECODERS[name](payload, limit)
        except NotEncodedError as error:
            if detected:
                raise UndecodableError(f"the {detected} payload is damaged: {error}") from None
        if looks_like_text(payload):
            return payload
    raise UndecodableError(f"the payload is not {claimed}, as its header claims, and not text")


def _detect(payload: bytes) -> str | None:
    """Return the encoding that the first bytes of a payload mark, or None."""
    if payload.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    return "zstd" if payload.startswith(b"\x28\xb5\x2f\xfd") else None


def _inflate(payload: bytes, window: int, limit: int, *, complete: bool) -> tuple[bytes, bytes]:
    """Return the output of one deflate stream, and the data after it."""
    decoder = zlib.decompressobj(window)
    try:
        output = decoder.decompress(payload, limit + 1)
    except zlib.error as error:
        raise NotEncodedError(str(error)) from None
    _check_size(len(output), limit)
    if not decoder.eof and (complete or (payload and not output)):
        raise NotEncodedError("the data is truncated")
    return output, decoder.unused_data


def _gunzip(payload: bytes, limit: int) -> bytes:
    """Return the data of all gzip members; anything else after a member is ignored."""
    parts: list[bytes] = []
    size = 0
    while payload.startswith(b"\x1f\x8b") or not parts:
        output, payload = _inflate(payload, 31, limit, complete=False)
        size += len(output)
        _check_size(size, limit)
        parts.append(output)
    return b"".join(parts)


def _inflate_either(payload: bytes, limit: int) -> bytes:
    """Return the data of a zlib stream, or of a raw deflate stream, which some servers send."""
    try:
        return _inflate(payload, 15, limit, complete=looks_like_text(payload))[0]
    except NotEncodedError:
        return _inflate(payload, -15, limit, complete=True)[0]


def _decompress_with_arrow(codec: str) -> Callable[[bytes, int], bytes]:
    """Return a decoder that uses Arrow's codec."""

    def decode(payload: bytes, limit: int) -> bytes:
        import pyarrow as pa

        output = io.BytesIO()
        try:
            with pa.CompressedInputStream(pa.BufferReader(payload), codec) as stream:
                while data := stream.read(READ_BYTES):
                    output.write(data)
                    _check_size(output.tell(), limit)
        except OSError as error:
            raise NotEncodedError(" ".join(str(error).split())[:100]) from None
        return output.getvalue()

    return decode


def _check_size(size: int, limit: int) -> None:
    """Raise UndecodableError if a payload is larger than the limit."""
    if size > limit:
        raise UndecodableError(f"decompresses to more than record_limit ({limit:,} bytes)")


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "deflate": _inflate_either,
    "br": _decompress_with_arrow("brotli"),
    "zstd": _decompress_with_arrow("zstd"),
}
_UNMARKED = ("deflate", "br")
"""Encodings that no first bytes mark; they can only be tried."""

_NAMES = {name: name for name in _DECODERS} | {
    "x-gzip": "gzip",
    "gz": "gzip",
    "zlib": "deflate",
    "x-deflate": "deflate",
    "brotli": "br",
    "zstandard": "zstd",
}
"""Our name of each claimed encoding; any other claim, such as `utf-8`, is ignored."""
