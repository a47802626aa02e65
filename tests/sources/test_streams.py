"""Bytes of files, decompressed: bounded, told by what they are, and damage told at the end."""

from __future__ import annotations

import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.sources import streams
from corpus.sources.streams import Stream, compression

from .conftest import PACKERS

NOISE = random.Random(3).randbytes(200_000).hex().encode()


def whole(path) -> tuple[bytes, Stream]:
    """Return all bytes of a file, and the stream they came from."""
    stream = Stream(str(path))
    return b"".join(stream), stream


@pytest.mark.parametrize("suffix", PACKERS)
def test_what_was_packed_comes_out(suffix, put):
    """A file comes out as it went in, and the name's ending does not matter."""
    packed = PACKERS[suffix](NOISE)
    assert whole(put(f"a{suffix}", packed))[0] == NOISE
    data, stream = whole(put("b.txt", packed))

    assert data == NOISE
    assert (stream.damage, stream.cut, stream.position) == (None, False, len(NOISE))
    assert compression(packed[:10])


@pytest.mark.parametrize("suffix", PACKERS)
def test_files_put_together_come_out_together(suffix, put):
    """Several compressed streams in one file are read one after the other."""
    pack = PACKERS[suffix]
    data, stream = whole(put("a", pack(b"one ") + pack(b"") + pack(b"two")))

    assert data == b"one two"
    assert stream.damage is None


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_cut_off_file_gives_its_beginning(suffix, put):
    """All that the decoder can make of a truncated file comes out; the stream says it is cut."""
    packed = PACKERS[suffix](NOISE)
    data, stream = whole(put("a", packed[: len(packed) * 3 // 4]))

    assert NOISE.startswith(data)
    # zstandard decodes 128 kB at a time, bzip2 900 kB: here its only block is lost
    assert len(data) > {".zst": 0.6, ".bz2": -1}.get(suffix, 0.74) * len(NOISE)
    assert stream.cut
    assert stream.damage
    assert stream.position == len(data)


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".bz2"])
def test_a_flipped_byte_is_noticed(suffix, put):
    """Where the format has a checksum, damage inside is told."""
    packed = bytearray(PACKERS[suffix](NOISE))
    packed[len(packed) // 2] ^= 0xFF
    data, stream = whole(put("a", bytes(packed)))

    assert stream.damage
    if suffix != ".bz2":  # bzip2 scrambles a damaged block from its first byte
        assert data[: len(NOISE) // 4] == NOISE[: len(NOISE) // 4]


@pytest.mark.parametrize("suffix", PACKERS)
def test_garbage_behind_the_end_is_named(suffix, put):
    """What follows the compressed data is told, and takes nothing away."""
    data, stream = whole(put("a", PACKERS[suffix](NOISE) + b"garbage that follows it"))

    assert data == NOISE
    assert stream.damage


def test_chunks_are_small_whatever_they_expand_to(put):
    """No chunk is larger than the bound, however well the file was packed."""
    path = put("a.gz", gzip.compress(bytes(20 << 20)))
    sizes = [len(chunk) for chunk in Stream(str(path))]

    assert sum(sizes) == 20 << 20
    assert max(sizes) <= streams.CHUNK
    assert min(sizes) > 0


def test_part_of_a_file(put):
    """A stream between two offsets gives just those bytes."""
    path = put("a", b"0123456789")

    assert b"".join(Stream(str(path), start=3, stop=7)) == b"3456"


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(PACKERS)), st.integers(0, 400), st.binary(max_size=12))
def test_no_damage_raises(tmp_path_factory, suffix, at, noise):
    """Whatever stands in a compressed file, reading it ends, and damage is told."""
    text = b"the same line again and again\n" * 40
    packed = PACKERS[suffix](text)
    at = min(at, len(packed))
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(packed[:at] + noise)
    data, stream = whole(path)

    assert stream.damage or data in (text, packed[:at] + noise)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"BZh is how this text begins", None),
        (b"", None),
        (b"\x1f\x8b", None),
        (b"PK\x03\x04", None),
    ],
)
def test_text_is_not_taken_for_packed(head, name):
    """A beginning that only resembles a compression's is none."""
    assert compression(head[:10]) is name
