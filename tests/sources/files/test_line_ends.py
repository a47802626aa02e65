"""A hashed file of lines is split where its lines begin, without being read again."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.progress import silent
from corpus.sources import Source, chunks, read, split_into_chunks
from corpus.sources.files import input_file, inputs, line_ends
from corpus.sources.files.inputs import find_inputs, hash_inputs
from corpus.sources.json import lines
from tests.sources.conftest import read_chunks

LINES = st.sampled_from(
    [b"", b"{}", b'{"text": "a"}', b'{"text": "' + b"long " * 30 + b'"}', b"no JSON", b" "]
)


@given(st.lists(LINES, min_size=1, max_size=40), st.sampled_from([b"\n", b"\r\n"]), st.booleans())
@settings(max_examples=150)
def test_chunks_of_a_hashed_file_are_its_lines(drawn, end, ends_with_line):
    """The chunks are the file, each begins with a line, and they read as the whole file does."""
    data = b'{"text": "first"}' + end + end.join(drawn) + end * ends_with_line
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder, "a.jsonl")
        path.write_bytes(data)
        for module in (input_file, inputs, line_ends):
            patch.setattr(module, "BLOCK_BYTES", 32)
        for module in (chunks, lines):
            patch.setattr(module, "CHUNK_BYTES", 64)
        patch.setattr(lines, "SMALL_COMPRESSED_BYTES", 64)
        patch.setattr(lines, "LOAD_BYTES", 0)
        source = Source(path=str(path), record_limit=100)
        (hashed,) = hash_inputs(find_inputs([source], Path("/")).inputs, silent())
        patch.setattr(lines, "_split_lines", None)  # nothing but the start of the file is read
        parts = list(split_into_chunks([hashed.file], source))
        whole = read_chunks([chunks.Chunk((hashed.file,), 0, len(data))], source)
        split = read_chunks(parts, source)
    assert len(parts) > 1 or len(data) < 200 or len(max(drawn, key=len)) > 100
    assert parts[0].start == 0
    assert all(data[part.start - 1 : part.start] in (b"\n", b"") for part in parts)
    bounds = [(part.start, part.stop) for part in parts]
    assert all(left[1] == right[0] for left, right in pairwise(bounds))
    assert (parts[-1].stop or len(data)) == len(data)
    assert split.documents == whole.documents
    assert split.rejects == whole.rejects
    assert all(part.file.hashed.line_ends is None for part in parts if part.stop)


def test_a_line_over_the_limit_is_one_reject_of_a_chunk(put, monkeypatch):
    """A line that is longer than several chunks is in one of them, and the next line after it."""
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 64)
    monkeypatch.setattr(lines, "CHUNK_BYTES", 64)
    monkeypatch.setattr(lines, "SMALL_COMPRESSED_BYTES", 64)
    for module in (input_file, inputs, line_ends):
        monkeypatch.setattr(module, "BLOCK_BYTES", 32)
    good = '{"text": "a"}\n'
    path = put("a.jsonl", good * 9 + '{"text": "' + "x" * 900 + '"}\n' + good * 9)
    source = Source(path=str(path), record_limit=500)
    (hashed,) = hash_inputs(find_inputs([source], Path("/")).inputs, silent())
    parts = list(split_into_chunks([hashed.file], source))
    batches = [batch for part in parts for batch in read(part, source)]
    assert [reject.record for batch in batches for reject in batch.rejects] == [10]
    numbers = [n for batch in batches for n in batch.documents.column("_record").to_pylist()]
    assert numbers == [*range(1, 10), *range(11, 20)]
