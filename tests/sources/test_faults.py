"""Forty kinds of damaged input: intact records are read, damage is reported with its place.

Each case has three files of a hundred records; the second one is damaged or unusual.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.sources.conftest import jsonl, read_all, records

A, B, C = records(0, 100), records(100, 200), records(200, 300)
LINES = jsonl(B).splitlines(keepends=True)
PLAIN = b"".join(LINES)
COMPRESSED = gzip.compress(PLAIN, mtime=0)


def replace_line(line: bytes) -> bytes:
    """Return the second file with another line 51."""
    return b"".join([*LINES[:50], line, *LINES[51:]])


def replace_text(text: bytes) -> bytes:
    """Return the second file with this JSON text as the text of record 51."""
    return replace_line(b'{"id": "d150", "text": ' + text + b"}\n")


def invert_bytes(data: bytes, start: int) -> bytes:
    """Return the data with two bytes inverted."""
    inverted = bytes(byte ^ 0xFF for byte in data[start : start + 2])
    return data[:start] + inverted + data[start + 2 :]


@dataclass(frozen=True)
class Case:
    """A second file, and what to expect of the folder."""

    data: bytes

    n_documents: int = 300

    record: int | None = None
    """The record number of the reject."""

    reason: str = ""
    """A pattern of the reject's reason; empty if there is no reject."""

    compressed: bool = False


CASES = {
    "clean": Case(PLAIN),
    "gzip": Case(COMPRESSED, compressed=True),
    "gzip, wrong checksum": Case(
        invert_bytes(COMPRESSED, len(COMPRESSED) - 6), 300, None, "wrong checksum", compressed=True
    ),
    "gzip by name only": Case(PLAIN, compressed=True),
    "gzip in two members": Case(
        gzip.compress(b"".join(LINES[:50])) + gzip.compress(b"".join(LINES[50:])), compressed=True
    ),
    "gzip, then garbage": Case(COMPRESSED + b"garbage", 300, None, "is not gzip", compressed=True),
    "gzip, then zeros": Case(COMPRESSED + bytes(600), compressed=True),
    "last line truncated": Case(PLAIN[:-40], 299, 100, "invalid JSON: Unterminated string"),
    "bad line": Case(replace_line(b'{"id": "d150", "text": "open\n'), 299, 51, "invalid JSON"),
    "invalid UTF-8": Case(
        replace_text(b'"bad \xff\xfe byte"'), 299, 51, r"byte 29 .*\(0xff\) is not valid UTF-8"
    ),
    "latin-1": Case(
        replace_text('"café au lait"'.encode("latin-1")), 299, 51, r"\(0xe9\).*`encoding`"
    ),
    "NUL, escaped": Case(replace_text(b'"has \\u0000 in it"')),
    "NULs": Case(replace_line(bytes(64) + b"\n"), 299, 51, "invalid JSON"),
    "lone surrogate": Case(replace_text(b'"bad \\ud800 half"'), 299, 51, "lone surrogate"),
    "lone surrogate in a name": Case(
        replace_line(b'{"id": "d150", "text": "x", "\\udc00": 1}\n'), 299, 51, "lone surrogate"
    ),
    "nested too deeply": Case(
        replace_line(b'{"text": "x", "m": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"),
        299,
        51,
        "nested too deeply",
    ),
    "nested almost too deeply": Case(
        replace_line(b'{"text": "x", "m": ' + b"[" * 1000 + b"]" * 1000 + b"}\n")
    ),
    "text missing": Case(replace_line(b'{"id": "d150", "body": "x"}\n')),
    "text null": Case(replace_text(b"null")),
    "text a number": Case(replace_text(b"12345"), 299, 51, "'text' is a number, not a string"),
    "text a list": Case(replace_text(b'["a", "b"]'), 299, 51, "'text' is a list, not a string"),
    "text empty": Case(replace_text(b'""')),
    "an array": Case(replace_line(b'["a", "b"]\n'), 299, 51, "the record is a list, not an object"),
    "a number": Case(replace_line(b"42\n"), 299, 51, "the record is a number, not an object"),
    "a string": Case(replace_line(b'"x"\n'), 299, 51, "the record is a string, not an object"),
    "null": Case(replace_line(b"null\n"), 299, 51, "the record is null, not an object"),
    "an empty record": Case(replace_line(b"{}\n")),
    "the same id": Case(jsonl([{**row, "id": "same"} for row in B])),
    "id a list": Case(replace_line(b'{"id": [1], "text": "x"}\n'), 299, 51, "the id is a list"),
    "ids that are numbers": Case(jsonl([{**row, "id": i} for i, row in enumerate(B)])),
    "empty": Case(b"", 200, None, "the file is empty"),
    "mixed types": Case(
        jsonl([{**row, "extra": {"k": i} if i % 2 else "s"} for i, row in enumerate(B)])
    ),
    "a column that starts late": Case(jsonl([*B[:50], *({**row, "late": 1} for row in B[50:])])),
    "UTF-8 with a byte order mark": Case(b"\xef\xbb\xbf" + PLAIN),
    "UTF-16": Case(PLAIN.decode().encode("utf-16")),
    "UTF-16 without a byte order mark": Case(PLAIN.decode().encode("utf-16-be")),
    "UTF-32": Case(PLAIN.decode().encode("utf-32")),
    "CR LF": Case(PLAIN.replace(b"\n", b"\r\n")),
    "blank lines": Case(PLAIN.replace(b"\n", b"\n\n \n")),
    "U+2028 in a text": Case(replace_text('"a\u2028b\u0085c"'.encode())),
    "no line end at the end": Case(PLAIN[:-1]),
    "NaN": Case(replace_line(b'{"id": "d150", "text": "x", "score": NaN}\n')),
    "a number beyond 64 bits": Case(
        replace_line(b'{"text": "x", "n": 123456789012345678901234567890}\n')
    ),
    "a number of 5000 digits": Case(
        replace_line(b'{"text": "x", "n": ' + b"9" * 5000 + b"}\n"), 299, 51, "limit"
    ),
    "a repeated key": Case(replace_line(b'{"text": "first", "text": "second"}\n')),
    "reserved names": Case(
        replace_line(b'{"text": "x", "source": "/etc/passwd", "_key": "k", "split": "test"}\n')
    ),
}


def write_files(put: Callable, case: Case):
    """Write the three files of a case, and return their folder."""
    compress = gzip.compress if case.compressed else bytes
    extension = "jsonl.gz" if case.compressed else "jsonl"
    put(f"in/a.{extension}", compress(jsonl(A)))
    put(f"in/c.{extension}", compress(jsonl(C)))
    return put(f"in/b.{extension}", case.data).parent


@pytest.mark.parametrize("name", CASES)
def test_damage_costs_only_the_damaged_record(name, put):
    """Every intact record is read; the damage is one reject with file, number and reason."""
    case = CASES[name]
    result = read_all(write_files(put, case))

    assert len(result.documents) == case.n_documents
    assert {row["id"] for row in A + C} <= {row["id"] for row in result.documents}
    if not case.reason:
        assert result.rejects == []
        return
    (reject,) = result.rejects
    assert reject.source == ("b.jsonl.gz" if case.compressed else "b.jsonl")
    assert reject.record == case.record
    assert re.search(case.reason, reject.reason)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_gzip_file_is_read_up_to_its_end(share, put):
    """Every complete line of a truncated file is read; the rest is one reject without a number.

    It counts as the whole file: nobody knows how much is missing.
    """
    case = Case(COMPRESSED[: int(len(COMPRESSED) * share)], compressed=True)
    result = read_all(write_files(put, case))
    kept = len(result.documents) - 200

    assert abs(kept - 100 * share) < 30
    size = len(case.data)
    assert [(r.record, r.bytes, r.source) for r in result.rejects] == [(None, size, "b.jsonl.gz")]
    assert "the gzip data is truncated" in result.rejects[0].reason
    assert result.texts[100 : 100 + kept] == [row["text"] for row in B[:kept]]


def test_inverted_bytes_in_a_gzip_file_are_reported(put):
    """Inverted bytes in a gzip file are noticed, and the records before them are read."""
    result = read_all(
        write_files(put, Case(invert_bytes(COMPRESSED, len(COMPRESSED) // 2), compressed=True))
    )

    assert len(result.documents) >= 220
    assert result.rejects
    assert {reject.source for reject in result.rejects} == {"b.jsonl.gz"}
    assert result.rejects[-1].record is None


def test_a_huge_line_is_not_loaded(put, tmp_path):
    """A huge line in a small compressed file is a reject, and is never loaded into memory."""
    import tracemalloc

    with gzip.open(tmp_path / "bomb.jsonl.gz", "wb") as out:
        out.write(LINES[0])
        for _ in range(64):
            out.write(b" " * (1 << 20))
        out.write(b"\n" + LINES[1])
    tracemalloc.start()
    result = read_all(tmp_path / "bomb.jsonl.gz", record_limit=1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert result.column("_record") == [1, 3]
    assert [(r.record, r.bytes) for r in result.rejects] == [(2, 64 << 20)]
    assert peak < 30 << 20


def test_reading_stops_when_a_file_expands_too_much(put, monkeypatch):
    """A file that expands more than text ever does is read up to that point, with a reject."""
    from corpus.sources.files import streams

    from .conftest import zstd

    monkeypatch.setattr(streams, "EXPANSION_ALLOWANCE_BYTES", 1 << 20)
    result = read_all(put("a.jsonl.zst", zstd(LINES[0] + b" " * (32 << 20) + b"\n" + LINES[1])))

    assert result.texts == [B[0]["text"]]
    assert "expands more than 1,000-fold" in result.rejects[0].reason


def test_a_folder_may_be_named_like_a_file(put):
    """A folder whose name ends in .jsonl is searched like any other folder."""
    folder = write_files(put, Case(PLAIN))
    (folder / "d.jsonl").mkdir()

    assert len(read_all(folder).documents) == 300


def test_a_dangling_link_is_a_reject(put):
    """A dangling link is not skipped: it is a file that does not exist."""
    folder = write_files(put, Case(PLAIN))
    (folder / "d.jsonl").symlink_to("/nonexistent/x")
    result = read_all(folder)

    assert len(result.documents) == 300
    assert result.reasons == [(None, "the file does not exist")]


def test_values_are_not_changed(put):
    """The last value of a repeated key counts, a huge integer is a string, NaN is null."""
    lines = [
        b'{"text": "a", "text": "b", "n": 123456789012345678901234567890}',
        b'{"text": "c", "n": NaN}',
        b'{"text": "d", "n": -9223372036854775809}',
        b'{"text": "e", "n": 9223372036854775807}',
    ]
    result = read_all(put("a.jsonl", b"\n".join(lines)))

    assert result.texts == ["b", "c", "d", "e"]
    assert result.column("n") == [
        "123456789012345678901234567890",
        None,
        "-9223372036854775809",
        "9223372036854775807",
    ]


def test_reserved_column_names_get_a_suffix(put):
    """A column with a reserved name gets the suffix `_source`, repeated until it is unique."""
    row = {"text": "x", "source": "s", "_key": "k", "source_source": "t", "": 1, "data_source": "d"}
    (document,) = read_all(put("a.jsonl", json.dumps(row))).documents

    assert document["source"] == "a.jsonl"
    assert document["source_source"] == "s"
    assert document["source_source_source"] == "t"
    assert (document["_key_source"], document["_source"], document["data_source"]) == ("k", 1, "d")
