"""What damage costs: the bytes of a file that cannot be read count against `on_error`."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest

from corpus.pipeline.error_budget import rejected_share
from tests.sources.conftest import COMPRESSORS, Result, jsonl, read_all, records
from tests.sources.test_contract import FORMATS, WARC, XML, use_small_chunks

ROWS = records(0, 3000)
LINES = jsonl(ROWS)
MANY = dict(FORMATS.values())


def archive(kind: str) -> bytes:
    """Return an archive of two hundred pages and of a file of records."""
    members = {
        f"{i:03d}.html": f"<p>{row['text']}</p>".encode() for i, row in enumerate(ROWS[:200])
    }
    members["z.jsonl"] = jsonl(ROWS[:180])
    sink = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(sink, "w") as out:
            for name, data in members.items():
                out.writestr(name, data)
        return sink.getvalue()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return sink.getvalue() if kind == "tar" else gzip.compress(sink.getvalue())


CUT = {
    **{f"a.jsonl{suffix}": compress(LINES) for suffix, compress in COMPRESSORS.items()},
    **{
        f"{name}.gz": gzip.compress(MANY[name])
        for name in ("a.csv", "a.tsv", "a.warc", "a.xml", "list.json", "wrapper.json", "a.txt")
    },
    **{name: MANY[name] for name in ("a.xml", "list.json", "pretty.json", "wrapper.json")},
    **{name: MANY[name] for name in ("columns.json", "a.parquet", "a.arrow")},
    "a.zip": archive("zip"),
    "a.tar": archive("tar"),
    "a.tar.gz": archive("tar.gz"),
}


def lost_share(result: Result, size: int) -> float:
    """Return the share of the input that counts as rejected, of which this file is all."""
    records = len(result.documents) + len(result.rejects)
    return rejected_share(result.rejects, records=records, input_bytes=size)


@pytest.mark.parametrize("small_chunks", [False, True])
@pytest.mark.parametrize("name", CUT)
def test_a_file_that_is_cut_off_counts_as_a_whole(name, small_chunks, put, monkeypatch):
    """Nobody knows how much is missing of a file whose end is; it does not count as one record."""
    if small_chunks:
        use_small_chunks(monkeypatch)
    data = CUT[name][: len(CUT[name]) // 5]
    result = read_all(put(name, data))

    assert lost_share(result, len(data)) == 1


def test_what_follows_damage_counts_by_its_bytes(put):
    """The part of a file after its damage is known; what was read before does not count."""
    items = XML.removeprefix(b"<items>").removesuffix(b"</items>") * 20
    data = b"<items>" + items + b"<item></items>" + items + b"</items>"
    result = read_all(put("a.xml", data))

    assert len(result.documents) > 1000
    assert 0.5 < lost_share(result, len(data)) < 0.7


def test_damage_within_compressed_data_counts_what_follows_it(put, monkeypatch):
    """Only the last piece that was read is in doubt, and what was never read."""
    monkeypatch.setattr("corpus.sources.files.streams.READ_BYTES", 1000)
    monkeypatch.setattr("corpus.sources.files.compression.READ_BYTES", 1000)
    data = bytearray(gzip.compress(LINES))
    data[len(data) // 2] ^= 0xFF
    data[len(data) // 2 + 1] ^= 0xFF
    result = read_all(put("a.jsonl.gz", bytes(data)))

    assert result.documents
    assert 0.3 < lost_share(result, len(data)) < 0.7


def test_garbage_after_compressed_data_counts_by_its_bytes(put):
    """Everything of the file was read, but for the garbage."""
    data = gzip.compress(LINES)
    result = read_all(put("a.jsonl.gz", data + b"garbage"))

    assert len(result.documents) == len(ROWS)
    assert [reject.bytes for reject in result.rejects] == [7]


def test_a_damaged_member_of_many_records_counts_by_its_bytes(put):
    """A file of records in an archive is not one record; a page is."""
    for member, low, high in (("z.jsonl", 0.2, 0.7), ("150.html", 0, 0.01)):
        data = bytearray(archive("zip"))
        at = data.index(member.encode()) + len(member) + 20
        data[at] ^= 0xFF
        result = read_all(put("a.zip", bytes(data)))

        (reject,) = result.rejects
        assert reject.source == f"a.zip/{member}"
        assert low < lost_share(result, len(data)) < high


def test_a_cut_off_record_of_lines_is_a_record(put):
    """Plain lines may end anywhere: only the last record is known to be damaged."""
    (reject,) = read_all(put("a.jsonl", LINES[: len(LINES) // 5])).rejects
    assert reject.record is not None
    (reject,) = read_all(put("a.warc", WARC[: len(WARC) // 5])).rejects
    assert reject.record is not None
