"""The contract of every format and compression. List a new one here to have it tested."""

from __future__ import annotations

import csv
import gzip
import io
import json
import pickle
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.documents import DOCUMENT, ORIGIN
from corpus.sources import (
    Chunk,
    Source,
    count_records,
    find_files,
    formats,
    read,
    split_into_chunks,
)
from tests.sources.conftest import (
    COMPRESSORS,
    arrow_bytes,
    jsonl,
    parquet_bytes,
    read_all,
    read_chunks,
    records,
    warc_record,
)

ROWS = records(0, 60)


def csv_bytes(rows: list[dict[str, Any]], delimiter: str = ",") -> bytes:
    """Return the rows as CSV, with commas, quotes and line ends in the texts."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows({**row, "text": f'a "quoted",\n{row["text"]}'} for row in rows)
    return out.getvalue().encode()


WARC = b"".join(
    warc_record(f"http://example.org/{row['id']}", f"<html>{row['text']}</html>".encode())
    for row in ROWS
)
XML = (
    b"<items>"
    + b"".join(
        b"<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in row.items()).encode() + b"</item>"
        for row in ROWS
    )
    + b"</items>"
)
FORMATS: dict[str, tuple[str, bytes]] = {
    "jsonl": ("a.jsonl", jsonl(ROWS)),
    "json list": ("list.json", json.dumps(ROWS).encode()),
    "json list, pretty": ("pretty.json", json.dumps(ROWS, indent=2).encode()),
    "json wrapper": ("wrapper.json", json.dumps({"n": 60, "data": ROWS}).encode()),
    "json objects, pretty": (
        "objects.json",
        "\n".join(json.dumps(row, indent=1) for row in ROWS).encode(),
    ),
    "json objects, side by side": ("side.json", "".join(map(json.dumps, ROWS)).encode()),
    "json sequence": ("sequence.json", b"".join(b"\x1e" + jsonl([row]) for row in ROWS)),
    "json columns": (
        "columns.json",
        json.dumps(
            {name: {str(i): row[name] for i, row in enumerate(ROWS)} for name in ROWS[0]}
        ).encode(),
    ),
    "csv": ("a.csv", csv_bytes(ROWS)),
    "csv of another dialect": (
        "dialect.csv",
        csv_bytes(ROWS, ";").replace(b'""', b'\\"').replace(b"\r\n", b"\r"),
    ),
    "tsv": ("a.tsv", csv_bytes(ROWS, "\t")),
    "parquet": ("a.parquet", parquet_bytes(ROWS, row_group_size=7)),
    "huggingface": ("a.arrow", arrow_bytes(ROWS)),
    "warc": ("a.warc", WARC),
    "xml": ("a.xml", XML),
    "text": ("a.txt", ROWS[0]["text"].encode()),
    "html": ("a.html", f"<p>{ROWS[0]['text']}</p>".encode()),
}
COMPRESSIBLE = [name for name in FORMATS if name not in ("parquet", "huggingface")]


@pytest.fixture(params=FORMATS)
def example(request, put):
    """Return the path of an example file of each format."""
    return put(*FORMATS[request.param])


def test_every_format_is_listed_here():
    """Every format has an example file in this module."""
    assert {formats.EXTENSIONS["." + name.split(".")[1]] for name, _ in FORMATS.values()} == set(
        formats.FORMATS
    )


def test_every_record_is_read(example):
    """Every record of a valid file becomes a document."""
    result = read_all(example)

    assert result.rejects == []
    assert len(result.documents) == (1 if example.suffix in (".txt", ".html") else 60)
    assert all("No. " in text for text in result.texts)


def test_batches_have_the_columns_of_a_document(example):
    """A batch has all standard and origin columns, with their types."""
    source = Source(path=str(example))
    for chunk in split_into_chunks(find_files(source, example.parent).files, source):
        for batch, *_ in read(chunk, source):
            for field in [*DOCUMENT, *ORIGIN]:
                assert batch.schema.field(field.name).type == field.type
            for name in ("id", "text", "source", *ORIGIN.names):
                assert batch.column(name).null_count == 0


def use_small_chunks(monkeypatch) -> None:
    """Split every file into chunks of about a kilobyte."""
    for module in formats.FORMATS.values():
        for name, size in (("CHUNK_BYTES", 1000), ("SMALL_COMPRESSED_BYTES", 100)):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, size)


def test_the_chunk_size_does_not_matter(example, monkeypatch):
    """Small chunks give the same ids, record numbers, texts and types as one chunk."""
    whole = read_all(example)
    use_small_chunks(monkeypatch)
    source = Source(path=str(example))
    chunks = list(split_into_chunks(find_files(source, example.parent).files, source))

    assert len(chunks) > 3 or example.suffix in (".txt", ".html")
    assert len({chunk.identity() for chunk in chunks}) == len(chunks)
    assert read_chunks(chunks, source) == whole


@pytest.mark.parametrize("suffix", COMPRESSORS)
@pytest.mark.parametrize("name", COMPRESSIBLE)
def test_a_compressed_file_has_the_same_records(name, suffix, put, monkeypatch):
    """A compressed file gives the same records, in one chunk or in several."""
    file, data = FORMATS[name]
    plain = read_all(put(file, data))
    path = put(file + suffix, COMPRESSORS[suffix](data))
    compressed = read_all(path)
    use_small_chunks(monkeypatch)
    in_small_chunks = read_all(path)

    assert compressed.rejects == []
    assert compressed.texts == plain.texts
    assert compressed == in_small_chunks


@pytest.mark.parametrize("name", ["jsonl", "csv", "warc", "xml"])
@pytest.mark.parametrize("share", [0.02, 0.6, 1])
def test_damaged_compressed_data_is_one_reject(name, share, put, monkeypatch):
    """A truncated or overlong compressed file gives the same reject, however it is split."""
    file, data = FORMATS[name]
    compressed = gzip.compress(data, mtime=0)
    damaged = compressed[: int(len(compressed) * share)] + (b"garbage" if share == 1 else b"")
    path = put(f"{file}.gz", damaged)
    source = Source(path=str(path))
    (chunk,) = split_into_chunks(find_files(source, path.parent).files, source)
    whole = read_chunks([chunk], source)
    n = count_records(chunk, source)
    halves = [replace(chunk, records=(0, n // 2)), replace(chunk, records=(n // 2, n))]

    assert [reject.record for reject in whole.rejects] == [None]
    assert read_chunks(halves, source) == whole
    use_small_chunks(monkeypatch)
    assert len(list(split_into_chunks(find_files(source, path.parent).files, source))) > (
        1 if share > 0.5 else 0
    )
    assert read_all(path) == whole


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_the_chunk_size_does_not_matter_in_other_encodings(encoding, put, monkeypatch):
    """Lines in another encoding are converted to UTF-8 when the file is split."""
    rows = [{**row, "title": f"Brücke {i}"} for i, row in enumerate(ROWS)]
    path = put("a.jsonl", jsonl(rows).decode().encode(encoding))
    options = {} if encoding == "utf-16" else {"encoding": encoding}
    whole = read_all(path, **options)
    use_small_chunks(monkeypatch)

    assert whole.column("title") == [row["title"] for row in rows]
    assert read_all(path, **options) == whole


@pytest.mark.parametrize("name", ["jsonl", "csv", "warc"])
def test_a_record_over_the_limit_is_the_same_reject_in_any_chunk(name, put, monkeypatch):
    """A record over the limit gives one reject, in large or small chunks, compressed or not."""
    file, _ = FORMATS[name]
    rows = [{**row, "text": row["text"] * (400 if i == 30 else 1)} for i, row in enumerate(ROWS)]
    data = {
        "jsonl": jsonl(rows),
        "csv": ("id,text\n" + "".join(f"{r['id']},{r['text']}\n" for r in rows)).encode(),
        "warc": b"".join(warc_record(row["id"], row["text"].encode()) for row in rows),
    }[name]
    limit = {"record_limit": 10_000}
    plain = read_all(put(file, data), **limit)
    compressed = read_all(put(f"{file}.gz", gzip.compress(data)), **limit)
    use_small_chunks(monkeypatch)

    assert (len(plain.documents), [reject.record for reject in plain.rejects]) == (59, [31])
    assert compressed.reasons == plain.reasons
    assert read_all(put(file, data), **limit) == plain
    assert read_all(put(f"{file}.gz", gzip.compress(data)), **limit) == compressed


def test_a_folder_may_have_files_of_every_format(put):
    """A source may be a folder with files of several formats."""
    for file, data in FORMATS.values():
        path = put(f"all/{file}", data)
    result = read_all(path.parent)

    assert result.rejects == []
    assert set(result.column("source")) == {file for file, _ in FORMATS.values()}


def test_a_chunk_can_be_narrowed_to_a_range_of_records(example):
    """Two adjacent ranges read what the whole chunk reads; a range may be a single record."""
    source = Source(path=str(example))
    for chunk in split_into_chunks(find_files(source, example.parent).files, source):
        n = count_records(chunk, source)
        whole = read_chunks([chunk], source)
        halves = [replace(chunk, records=(0, n // 3)), replace(chunk, records=(n // 3, n))]

        assert n == len(whole.documents)
        assert read_chunks(halves, source) == whole
        last = read_chunks([replace(chunk, records=(n - 1, n))], source)
        assert last.documents == whole.documents[-1:]


@pytest.mark.parametrize("damage", ["cut", "empty", "noise", "hole"])
def test_damage_gives_the_same_rejects_however_a_file_is_split(example, damage, put, monkeypatch):
    """Reading a damaged file raises nothing; halves and small chunks give the same rejects."""
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
    (chunk,) = split_into_chunks(find_files(source, path.parent).files, source)
    whole = read_chunks([chunk], source)
    n = count_records(chunk, source)
    halves = [replace(chunk, records=(0, n // 2)), replace(chunk, records=(n // 2, n))]

    may_look_whole = example.suffix in (".txt", ".html", ".csv", ".tsv")  # a short row is filled
    assert whole.rejects or (damage == "cut" and may_look_whole)
    assert all(reject.source == example.name and reject.reason for reject in whole.rejects)
    assert read_chunks(halves, source).rejects == whole.rejects
    use_small_chunks(monkeypatch)
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
def test_no_damage_stops_reading(example, tmp_path, edits):
    """Reading ends whatever bytes a file loses or gains, and halves give the same result."""
    data = example.read_bytes()
    for position, n_removed, inserted in edits:
        start = position % max(1, len(data))
        data = data[:start] + inserted + data[start + n_removed :]
    path = tmp_path / f"edited{example.suffix}"
    path.write_bytes(data)
    source = Source(path=str(path))
    (chunk,) = split_into_chunks(find_files(source, tmp_path).files, source)
    whole = read_chunks([chunk], source)
    n = count_records(chunk, source)
    halves = [replace(chunk, records=(0, n // 2)), replace(chunk, records=(n // 2, n))]

    assert read_chunks(halves, source) == whole
    assert len(whole.documents) + len(whole.rejects) <= n + 1


def test_a_deleted_file_is_a_reject(example):
    """A file that cannot be opened is one reject with the size of the file."""
    source = Source(path=str(example))
    files = find_files(source, example.parent).files
    example.unlink()
    result = read_chunks(list(split_into_chunks(files, source)), source)

    assert result.documents == []
    assert [(r.record, r.bytes) for r in result.rejects] == [(None, files[0].bytes)]


def test_chunks_can_be_pickled(example):
    """A chunk is equal, and reads the same, after pickling."""
    source = Source(path=str(example))
    for chunk in split_into_chunks(find_files(source, example.parent).files, source):
        copy: Chunk = pickle.loads(pickle.dumps(chunk))
        assert copy == chunk
        assert read_chunks([copy], source) == read_chunks([chunk], source)


def test_the_position_of_a_record_does_not_matter(put):
    """Added lines and files change neither the id nor the key of a record."""
    rows = [{"text": row["text"]} for row in ROWS]
    before = read_all(put("a/x.jsonl", jsonl(rows[10:])))
    put("b/w.jsonl", jsonl(rows[:3]))
    put("b/x.jsonl", jsonl(rows))
    after = read_all(put("b/y.jsonl", jsonl(rows)).parent)
    keys_after = {(row["id"], row["_key"], row["_digest"]) for row in after.documents}

    assert {(row["id"], row["_key"], row["_digest"]) for row in before.documents} <= keys_after
    assert before.column("id") == [row["_digest"].hex() for row in before.documents]


def test_the_key_depends_only_on_a_given_id(put):
    """Two records with the same given id have the same key, whatever their other columns."""
    (first,) = read_all(put("a.jsonl", jsonl([{"id": "k", "text": "one"}]))).documents
    (second,) = read_all(put("b.csv", "text,id\ntwo,k\n")).documents

    assert first["_given"]
    assert first["_key"] == second["_key"] != second["_digest"] != first["_digest"]


@pytest.mark.parametrize("key", ["$oid", "$uuid", "$numberLong"])
def test_an_id_of_mongodb_is_its_value(put, key):
    """An id in MongoDB's extended JSON is the string within; two of the same value are one id."""
    lines = [{"_id": {key: "5f1a"}, "text": "a"}, {"_id": {key: "5f1b"}, "text": "b"}]
    result = read_all(put("a.jsonl", jsonl(lines)), columns={"id": "_id"})

    assert result.column("id") == ["5f1a", "5f1b"]
    assert result.rejects == []
