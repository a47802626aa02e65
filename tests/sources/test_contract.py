"""What every format keeps, and every compression: a new one is listed here, and tested."""

from __future__ import annotations

import csv
import gzip
import io
import pickle
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.documents import DOCUMENT, ORIGIN
from corpus.sources import Piece, Source, count, find, formats, pieces, read

from .conftest import (
    PACKERS,
    arrow_bytes,
    jsonl,
    parquet_bytes,
    read_all,
    read_pieces,
    records,
    warc_record,
)

ROWS = records(0, 60)


def csv_bytes(rows: list[dict[str, Any]], delimiter: str = ",") -> bytes:
    """Return the rows as CSV, with commas, quotes and line ends in their texts."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows({**row, "text": f'a "quoted",\n{row["text"]}'} for row in rows)
    return out.getvalue().encode()


WARC = b"".join(
    warc_record(f"http://example.org/{row['id']}", f"<html>{row['text']}</html>".encode())
    for row in ROWS
)
FORMATS: dict[str, tuple[str, bytes]] = {
    "jsonl": ("a.jsonl", jsonl(ROWS)),
    "csv": ("a.csv", csv_bytes(ROWS)),
    "tsv": ("a.tsv", csv_bytes(ROWS, "\t")),
    "parquet": ("a.parquet", parquet_bytes(ROWS, row_group_size=7)),
    "huggingface": ("a.arrow", arrow_bytes(ROWS)),
    "warc": ("a.warc", WARC),
    "text": ("a.txt", ROWS[0]["text"].encode()),
    "html": ("a.html", f"<p>{ROWS[0]['text']}</p>".encode()),
}
PACKABLE = [name for name in FORMATS if name not in ("parquet", "huggingface")]


@pytest.fixture(params=FORMATS)
def example(request, put):
    """Write an example of a format, and return its path."""
    return put(*FORMATS[request.param])


def test_every_format_is_listed_here():
    """A format that is not tested here is an error."""
    assert {formats.EXTENSIONS["." + name.split(".")[1]] for name, _ in FORMATS.values()} == set(
        formats.FORMATS
    )


def test_all_records_are_read(example):
    """Every record of a good file is a document, and nothing is a reject."""
    found = read_all(example)

    assert found.rejects == []
    assert len(found.documents) == (1 if example.suffix in (".txt", ".html") else 60)
    assert all("No. " in text for text in found.texts)


def test_batches_have_the_columns_of_a_document(example):
    """A batch has all columns of a document and of its origin, in their types."""
    source = Source(path=str(example))
    for piece in pieces(find(source, example.parent), source):
        for batch, _ in read(piece, source):
            for field in [*DOCUMENT, *ORIGIN]:
                assert batch.schema.field(field.name).type == field.type
            for name in ("id", "text", "source", *ORIGIN.names):
                assert batch.column(name).null_count == 0


def small_pieces(monkeypatch) -> None:
    """Cut everything into pieces of about a kilobyte."""
    for module in formats.FORMATS.values():
        for name, size in (("PIECE", 1000), ("SMALL_PACKED", 100)):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, size)


def test_cutting_changes_nothing(example, monkeypatch):
    """However small the pieces are, ids, numbers, texts and types are the same."""
    whole = read_all(example)
    small_pieces(monkeypatch)
    source = Source(path=str(example))
    cut = list(pieces(find(source, example.parent), source))

    assert len(cut) > 3 or example.suffix in (".txt", ".html")
    assert len({piece.identity() for piece in cut}) == len(cut)
    assert read_pieces(cut, source) == whole


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("name", PACKABLE)
def test_compression_changes_nothing_but_the_name(name, suffix, put, monkeypatch):
    """A compressed file holds the same records, in one piece or cut by one reader."""
    file, data = FORMATS[name]
    plain = read_all(put(file, data))
    path = put(file + suffix, PACKERS[suffix](data))
    packed = read_all(path)
    small_pieces(monkeypatch)
    cut = read_all(path)

    assert packed.rejects == []
    assert packed.texts == plain.texts
    assert packed == cut


@pytest.mark.parametrize("name", ["jsonl", "csv", "warc"])
@pytest.mark.parametrize("share", [0.02, 0.6, 1])
def test_damage_behind_compression_is_told_once(name, share, put, monkeypatch):
    """A cut-off or overlong compressed file is told alike, whole, by halves and by small pieces."""
    file, data = FORMATS[name]
    packed = gzip.compress(data, mtime=0)
    packed = packed[: int(len(packed) * share)] + (b"garbage" if share == 1 else b"")
    path = put(f"{file}.gz", packed)
    source = Source(path=str(path))
    (piece,) = pieces(find(source, path.parent), source)
    whole = read_pieces([piece], source)
    n = count(piece, source)
    halves = [replace(piece, records=(0, n // 2)), replace(piece, records=(n // 2, n))]

    assert [reject.record for reject in whole.rejects] == [None]
    assert read_pieces(halves, source) == whole
    small_pieces(monkeypatch)
    assert len(list(pieces(find(source, path.parent), source))) > (1 if share > 0.5 else 0)
    assert read_all(path) == whole


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_other_encodings_are_cut_alike(encoding, put, monkeypatch):
    """Lines in another encoding are turned into UTF-8 by the one reader that cuts them."""
    rows = [{**row, "title": f"Brücke {i}"} for i, row in enumerate(ROWS)]
    path = put("a.jsonl", jsonl(rows).decode().encode(encoding))
    told = {} if encoding == "utf-16" else {"encoding": encoding}
    whole = read_all(path, **told)
    small_pieces(monkeypatch)

    assert whole.column("title") == [row["title"] for row in rows]
    assert read_all(path, **told) == whole


@pytest.mark.parametrize("name", ["jsonl", "csv", "warc"])
def test_records_over_the_limit_are_cut_alike(name, put, monkeypatch):
    """A record over the limit is the same reject, whether its file is cut or not, packed or not."""
    file, _ = FORMATS[name]
    rows = [{**row, "text": row["text"] * (400 if i == 30 else 1)} for i, row in enumerate(ROWS)]
    data = {
        "jsonl": jsonl(rows),
        "csv": ("id,text\n" + "".join(f"{r['id']},{r['text']}\n" for r in rows)).encode(),
        "warc": b"".join(warc_record(row["id"], row["text"].encode()) for row in rows),
    }[name]
    limit = {"record_limit": 10_000}
    plain = read_all(put(file, data), **limit)
    packed = read_all(put(f"{file}.gz", gzip.compress(data)), **limit)
    small_pieces(monkeypatch)

    assert (len(plain.documents), [reject.record for reject in plain.rejects]) == (59, [31])
    assert packed.reasons == plain.reasons
    assert read_all(put(file, data), **limit) == plain
    assert read_all(put(f"{file}.gz", gzip.compress(data)), **limit) == packed


def test_a_folder_may_hold_every_format(put):
    """Files of several formats in one folder are one source."""
    for file, data in FORMATS.values():
        path = put(f"all/{file}", data)
    found = read_all(path.parent)

    assert found.rejects == []
    assert set(found.column("source")) == {file for file, _ in FORMATS.values()}


def test_a_range_of_records_reads_just_those(example):
    """What two ranges that meet read is what the whole reads, and one record can stand alone."""
    source = Source(path=str(example))
    for piece in pieces(find(source, example.parent), source):
        n = count(piece, source)
        whole = read_pieces([piece], source)
        halves = [replace(piece, records=(0, n // 3)), replace(piece, records=(n // 3, n))]

        assert n == len(whole.documents)
        assert read_pieces(halves, source) == whole
        last = read_pieces([replace(piece, records=(n - 1, n))], source)
        assert last.documents == whole.documents[-1:]


@pytest.mark.parametrize("damage", ["cut", "empty", "noise", "hole"])
def test_damage_is_told_once_whatever_the_range(example, damage, put, monkeypatch):
    """A damaged file raises nothing; halves and small pieces tell the same rejects."""
    data = example.read_bytes()
    middle = len(data) // 2
    data = {
        "cut": data[: middle + 5],
        "empty": b"",
        "noise": bytes(range(256)) * 20,
        "hole": data[:middle] + b"\xff\x00\xfe" * 9 + data[middle + 27 :],
    }[damage]
    path = put(f"damaged/{example.name}", data)
    source = Source(path=str(path))
    (piece,) = pieces(find(source, path.parent), source)
    whole = read_pieces([piece], source)
    n = count(piece, source)
    halves = [replace(piece, records=(0, n // 2)), replace(piece, records=(n // 2, n))]

    assert whole.rejects or (damage == "cut" and example.suffix in (".txt", ".html"))
    assert all(reject.source == example.name and reject.reason for reject in whole.rejects)
    assert read_pieces(halves, source).rejects == whole.rejects
    small_pieces(monkeypatch)
    again = read_all(path)
    assert again.documents == whole.documents
    assert [(r.record, r.bytes) for r in again.rejects] == [
        (r.record, r.bytes) for r in whole.rejects
    ]


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 30), st.binary(max_size=9)), max_size=3
    )
)
def test_any_damage_is_read_over(example, tmp_path, wounds):
    """Whatever bytes are taken out of a file or put into it, reading ends, by halves as whole."""
    data = example.read_bytes()
    for at, gone, new in wounds:
        at %= max(1, len(data))  # noqa: PLW2901
        data = data[:at] + new + data[at + gone :]
    path = tmp_path / f"wounded{example.suffix}"
    path.write_bytes(data)
    source = Source(path=str(path))
    (piece,) = pieces(find(source, tmp_path), source)
    whole = read_pieces([piece], source)
    n = count(piece, source)
    halves = [replace(piece, records=(0, n // 2)), replace(piece, records=(n // 2, n))]

    assert read_pieces(halves, source) == whole
    assert len(whole.documents) + len(whole.rejects) <= n + 1


def test_a_file_that_is_gone_is_a_reject(example):
    """A file that cannot be opened is one reject that weighs its bytes."""
    source = Source(path=str(example))
    files = find(source, example.parent)
    example.unlink()
    found = read_pieces(list(pieces(files, source)), source)

    assert found.documents == []
    assert [(r.record, r.bytes) for r in found.rejects] == [(None, files[0].bytes)]


def test_pieces_travel_between_processes(example):
    """A piece is the same after it was pickled."""
    source = Source(path=str(example))
    for piece in pieces(find(source, example.parent), source):
        again: Piece = pickle.loads(pickle.dumps(piece))
        assert again == piece
        assert read_pieces([again], source) == read_pieces([piece], source)


def test_another_place_does_not_change_a_record(put):
    """Lines added before a record, or files beside it, change neither its id nor its key."""
    rows = [{"text": row["text"]} for row in ROWS]
    before = read_all(put("a/x.jsonl", jsonl(rows[10:])))
    put("b/w.jsonl", jsonl(rows[:3]))
    put("b/x.jsonl", jsonl(rows))
    after = read_all(put("b/y.jsonl", jsonl(rows)).parent)
    known = {(row["id"], row["_key"], row["_digest"]) for row in after.documents}

    assert {(row["id"], row["_key"], row["_digest"]) for row in before.documents} <= known
    assert before.column("id") == [row["_digest"].hex() for row in before.documents]


def test_a_given_id_is_the_key(put):
    """A record with an id of its own is known by it, whatever else it says."""
    (one,) = read_all(put("a.jsonl", jsonl([{"id": "k", "text": "one"}]))).documents
    (two,) = read_all(put("b.csv", "text,id\ntwo,k\n")).documents

    assert one["_given"]
    assert one["_key"] == two["_key"] != two["_digest"] != one["_digest"]
