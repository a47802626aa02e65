"""Streams: decompression by content, bounded memory, and damage reported at the end."""

from __future__ import annotations

import gzip
import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.sources.files import compression
from corpus.sources.files.compression import detect_compression
from corpus.sources.files.filesystems import open_file
from corpus.sources.files.streams import Stream
from tests.sources.conftest import COMPRESSORS

NOISE = random.Random(3).randbytes(200_000).hex().encode()


def read_stream(path) -> tuple[bytes, Stream]:
    """Return all bytes of a file, and the stream they came from."""
    stream = Stream(str(path))
    return b"".join(stream), stream


@pytest.mark.parametrize("size", [9, 1 << 26, 1 << 45, (1 << 63) - 1])
def test_a_read_allocates_no_more_than_the_file_has(put, size):
    """A damaged length in a file can ask for any number of bytes; those that are there come."""
    path = put("a", b"content")
    tracemalloc.start()
    with open_file(str(path)) as file:
        file.seek(3)
        assert file.read(size) == b"tent"
        assert file.read(size) == b""
        file.seek(99)
        assert file.read(size) == b""
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 1 << 20


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_decompression_restores_the_data(suffix, put):
    """Decompression gives the original data, whatever the file's extension."""
    compressed = COMPRESSORS[suffix](NOISE)
    assert read_stream(put(f"a{suffix}", compressed))[0] == NOISE
    data, stream = read_stream(put("b.txt", compressed))

    assert data == NOISE
    assert (stream.damage, stream.cut, stream.position) == (None, False, len(NOISE))
    assert detect_compression(compressed[:10])


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_concatenated_compressed_files_are_read(suffix, put):
    """Concatenated compressed streams in one file are read one after the other."""
    compress = COMPRESSORS[suffix]
    data, stream = read_stream(put("a", compress(b"one ") + compress(b"") + compress(b"two")))

    assert data == b"one two"
    assert stream.damage is None


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_a_truncated_file_is_read_up_to_its_end(suffix, put):
    """All data that can be decoded from a truncated file is read, and `cut` is set."""
    compressed = COMPRESSORS[suffix](NOISE)
    data, stream = read_stream(put("a", compressed[: len(compressed) * 3 // 4]))

    assert NOISE.startswith(data)
    # zstandard decodes 128 kB at a time, bzip2 900 kB: here its only block is lost
    assert len(data) > {".zst": 0.6, ".bz2": -1}.get(suffix, 0.74) * len(NOISE)
    assert stream.cut
    assert stream.damage
    assert stream.position == len(data)


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".bz2"])
def test_an_inverted_byte_is_noticed(suffix, put):
    """Damage within a compressed file that has a checksum is reported."""
    compressed = bytearray(COMPRESSORS[suffix](NOISE))
    compressed[len(compressed) // 2] ^= 0xFF
    data, stream = read_stream(put("a", bytes(compressed)))

    assert stream.damage
    if suffix != ".bz2":  # bzip2 scrambles a damaged block from its first byte
        assert data[: len(NOISE) // 4] == NOISE[: len(NOISE) // 4]


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_garbage_after_the_end_is_reported(suffix, put):
    """Garbage after the compressed data is reported, and no data is lost."""
    data, stream = read_stream(put("a", COMPRESSORS[suffix](NOISE) + b"garbage that follows it"))

    assert data == NOISE
    assert stream.damage


def test_memory_is_bounded_whatever_a_file_expands_to(put):
    """No piece of data is larger than READ_BYTES, however well the file compresses."""
    path = put("a.gz", gzip.compress(bytes(20 << 20)))
    sizes = [len(data) for data in Stream(str(path))]

    assert sum(sizes) == 20 << 20
    assert max(sizes) <= compression.READ_BYTES
    assert min(sizes) > 0


def test_a_part_of_a_file_can_be_read(put):
    """A stream between two offsets has exactly those bytes."""
    path = put("a", b"0123456789")

    assert b"".join(Stream(str(path), start=3, stop=7)) == b"3456"


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(COMPRESSORS)), st.integers(0, 400), st.binary(max_size=12))
def test_no_damage_stops_reading(tmp_path_factory, suffix, position, noise):
    """Reading any compressed file ends, and damage is reported."""
    text = b"the same line again and again\n" * 40
    compressed = COMPRESSORS[suffix](text)
    position = min(position, len(compressed))
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(compressed[:position] + noise)
    data, stream = read_stream(path)

    assert stream.damage or data in (text, compressed[:position] + noise)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"BZh is how this text begins", None),
        (b"", None),
        (b"\x1f\x8b", None),
        (b"PK\x03\x04", None),
    ],
)
def test_text_is_not_mistaken_for_compressed_data(head, name):
    """Data that only resembles the beginning of a compressed file is not compressed."""
    assert detect_compression(head[:10]) is name
