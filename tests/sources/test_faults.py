"""Forty ways to damage an input: the good is read, and the damage has a name and a place.

Each case is three files of a hundred records; something happens to the second.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from .conftest import jsonl, read_all, records

A, B, C = records(0, 100), records(100, 200), records(200, 300)
LINES = jsonl(B).splitlines(keepends=True)
PLAIN = b"".join(LINES)
PACKED = gzip.compress(PLAIN, mtime=0)


def instead(line: bytes) -> bytes:
    """Return the second file with another line 51."""
    return b"".join([*LINES[:50], line, *LINES[51:]])


def but(text: bytes) -> bytes:
    """Return the second file with this JSON text as the text of record 51."""
    return instead(b'{"id": "d150", "text": ' + text + b"}\n")


def flipped(data: bytes, at: int) -> bytes:
    """Return the data with two bytes inverted."""
    return data[:at] + bytes(byte ^ 0xFF for byte in data[at : at + 2]) + data[at + 2 :]


@dataclass(frozen=True)
class Case:
    """A second file, how many documents there are, and the damage as number and reason."""

    data: bytes
    good: int = 300
    record: int | None = None
    reason: str = ""
    packed: bool = False


CASES = {
    "clean": Case(PLAIN),
    "gzip": Case(PACKED, packed=True),
    "gzip, wrong checksum": Case(
        flipped(PACKED, len(PACKED) - 6), 300, None, "checksum is wrong", packed=True
    ),
    "gzip by name alone": Case(PLAIN, packed=True),
    "gzip in two members": Case(
        gzip.compress(b"".join(LINES[:50])) + gzip.compress(b"".join(LINES[50:])), packed=True
    ),
    "gzip, then garbage": Case(PACKED + b"garbage", 300, None, "no gzip", packed=True),
    "gzip, then zeros": Case(PACKED + bytes(600), packed=True),
    "last line cut off": Case(PLAIN[:-40], 299, 100, "no JSON: Unterminated string"),
    "bad line": Case(instead(b'{"id": "d150", "text": "open\n'), 299, 51, "no JSON"),
    "invalid UTF-8": Case(but(b'"bad \xff\xfe byte"'), 299, 51, r"byte 29 .*\(0xff\) is no UTF-8"),
    "latin-1": Case(but('"café au lait"'.encode("latin-1")), 299, 51, r"\(0xe9\).*`encoding`"),
    "NUL, escaped": Case(but(b'"has \\u0000 in it"')),
    "NULs": Case(instead(bytes(64) + b"\n"), 299, 51, "no JSON"),
    "lone surrogate": Case(but(b'"bad \\ud800 half"'), 299, 51, "lone surrogate"),
    "lone surrogate in a name": Case(
        instead(b'{"id": "d150", "text": "x", "\\udc00": 1}\n'), 299, 51, "lone surrogate"
    ),
    "nested deep": Case(
        instead(b'{"text": "x", "m": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"),
        299,
        51,
        "nested too deep",
    ),
    "nested nearly too deep": Case(
        instead(b'{"text": "x", "m": ' + b"[" * 1000 + b"]" * 1000 + b"}\n")
    ),
    "text missing": Case(instead(b'{"id": "d150", "body": "x"}\n'), 299, 51, "no 'text'.*'body'"),
    "text null": Case(but(b"null"), 299, 51, "'text' is null"),
    "text a number": Case(but(b"12345"), 299, 51, "'text' is a number, not text"),
    "text a list": Case(but(b'["a", "b"]'), 299, 51, "'text' is a list, not text"),
    "text empty": Case(but(b'""')),
    "an array": Case(instead(b'["a", "b"]\n'), 299, 51, "the line is a list, not an object"),
    "a number": Case(instead(b"42\n"), 299, 51, "the line is a number, not an object"),
    "a text": Case(instead(b'"x"\n'), 299, 51, "the line is text, not an object"),
    "null": Case(instead(b"null\n"), 299, 51, "the line is null, not an object"),
    "an empty record": Case(instead(b"{}\n"), 299, 51, "the record has nothing"),
    "the same id": Case(jsonl([{**row, "id": "same"} for row in B])),
    "id a list": Case(instead(b'{"id": [1], "text": "x"}\n'), 299, 51, "the id is a list"),
    "ids that are numbers": Case(jsonl([{**row, "id": i} for i, row in enumerate(B)])),
    "empty": Case(b"", 200, None, "the file is empty"),
    "mixed types": Case(
        jsonl([{**row, "extra": {"k": i} if i % 2 else "s"} for i, row in enumerate(B)])
    ),
    "a column that comes late": Case(jsonl([*B[:50], *({**row, "late": 1} for row in B[50:])])),
    "UTF-8 with its mark": Case(b"\xef\xbb\xbf" + PLAIN),
    "UTF-16": Case(PLAIN.decode().encode("utf-16")),
    "UTF-16 without its mark": Case(PLAIN.decode().encode("utf-16-be")),
    "UTF-32": Case(PLAIN.decode().encode("utf-32")),
    "CR LF": Case(PLAIN.replace(b"\n", b"\r\n")),
    "blank lines": Case(PLAIN.replace(b"\n", b"\n\n \n")),
    "U+2028 in a text": Case(but('"a\u2028b\u0085c"'.encode())),
    "no line end at the end": Case(PLAIN[:-1]),
    "NaN": Case(instead(b'{"id": "d150", "text": "x", "score": NaN}\n')),
    "a number beyond 64 bits": Case(
        instead(b'{"text": "x", "n": 123456789012345678901234567890}\n')
    ),
    "a number of 5000 digits": Case(
        instead(b'{"text": "x", "n": ' + b"9" * 5000 + b"}\n"), 299, 51, "limit"
    ),
    "a name that comes twice": Case(instead(b'{"text": "first", "text": "second"}\n')),
    "names that are ours": Case(
        instead(b'{"text": "x", "source": "/etc/passwd", "_key": "k", "split": "test"}\n')
    ),
}


def three(put: Callable, case: Case):
    """Write the three files of a case, and return their folder."""
    pack = gzip.compress if case.packed else bytes
    end = "jsonl.gz" if case.packed else "jsonl"
    put(f"in/a.{end}", pack(jsonl(A)))
    put(f"in/c.{end}", pack(jsonl(C)))
    return put(f"in/b.{end}", case.data).parent


@pytest.mark.parametrize("name", CASES)
def test_the_good_is_read_and_the_damage_is_named(name, put):
    """The documents that are there are read; the damage is one reject with its place."""
    case = CASES[name]
    found = read_all(three(put, case))

    assert len(found.documents) == case.good
    assert {row["id"] for row in A + C} <= {row["id"] for row in found.documents}
    if not case.reason:
        assert found.rejects == []
        return
    (reject,) = found.rejects
    assert reject.source == ("b.jsonl.gz" if case.packed else "b.jsonl")
    assert reject.record == case.record
    assert re.search(case.reason, reject.reason)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_cut_off_gzip_gives_what_it_has(share, put):
    """Of a truncated file all whole lines are read; the tail is one reject without a number."""
    case = Case(PACKED[: int(len(PACKED) * share)], packed=True)
    found = read_all(three(put, case))
    kept = len(found.documents) - 200

    assert abs(kept - 100 * share) < 30
    assert [(r.record, r.bytes, r.source) for r in found.rejects] == [(None, 0, "b.jsonl.gz")]
    assert "the gzip data is cut off" in found.rejects[0].reason
    assert found.texts[100 : 100 + kept] == [row["text"] for row in B[:kept]]


def test_a_flipped_bit_in_gzip_is_told(put):
    """Inverted bytes inside a gzip file are noticed; what stands before them is read."""
    found = read_all(three(put, Case(flipped(PACKED, len(PACKED) // 2), packed=True)))

    assert len(found.documents) >= 220
    assert found.rejects
    assert {reject.source for reject in found.rejects} == {"b.jsonl.gz"}
    assert found.rejects[-1].record is None


def test_a_bomb_is_not_held(put, tmp_path):
    """A huge line that a small file expands to is a reject with its number, and not held."""
    import tracemalloc

    with gzip.open(tmp_path / "bomb.jsonl.gz", "wb") as out:
        out.write(LINES[0])
        for _ in range(64):
            out.write(b" " * (1 << 20))
        out.write(b"\n" + LINES[1])
    tracemalloc.start()
    found = read_all(tmp_path / "bomb.jsonl.gz", record_limit=1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found.column("_record") == [1, 3]
    assert [(r.record, r.bytes) for r in found.rejects] == [(2, 64 << 20)]
    assert peak < 30 << 20


def test_what_expands_beyond_measure_is_left(put, monkeypatch):
    """A file that expands more than any text does is read up to there, and told."""
    from corpus.sources import streams

    from .conftest import zstd

    monkeypatch.setattr(streams, "ALLOWANCE", 1 << 20)
    found = read_all(put("a.jsonl.zst", zstd(LINES[0] + b" " * (32 << 20) + b"\n" + LINES[1])))

    assert found.texts == [B[0]["text"]]
    assert "expands more than 1,000-fold" in found.rejects[0].reason


def test_a_folder_named_like_a_file_is_looked_into(put):
    """A folder whose name ends in .jsonl is a folder."""
    folder = three(put, Case(PLAIN))
    (folder / "d.jsonl").mkdir()

    assert len(read_all(folder).documents) == 300


def test_a_link_that_leads_nowhere_is_a_reject(put):
    """A dangling link is not passed over: it is a file that is not there."""
    folder = three(put, Case(PLAIN))
    (folder / "d.jsonl").symlink_to("/nonexistent/x")
    found = read_all(folder)

    assert len(found.documents) == 300
    assert found.reasons == [(None, "the file is not there")]


def test_values_survive(put):
    """The last of two equal names counts, a huge number is text, NaN is null."""
    lines = [
        b'{"text": "a", "text": "b", "n": 123456789012345678901234567890}',
        b'{"text": "c", "n": NaN}',
        b'{"text": "d", "n": -9223372036854775809}',
        b'{"text": "e", "n": 9223372036854775807}',
    ]
    found = read_all(put("a.jsonl", b"\n".join(lines)))

    assert found.texts == ["b", "c", "d", "e"]
    assert found.column("n") == [
        "123456789012345678901234567890",
        None,
        "-9223372036854775809",
        "9223372036854775807",
    ]


def test_names_that_are_ours_move_aside(put):
    """A column with a name of ours gets `_source` behind it, however often it takes to be alone."""
    row = {"text": "x", "source": "s", "_key": "k", "source_source": "t", "": 1, "data_source": "d"}
    (found,) = read_all(put("a.jsonl", json.dumps(row))).documents

    assert found["source"] == "a.jsonl"
    assert found["source_source"] == "s"
    assert found["source_source_source"] == "t"
    assert (found["_key_source"], found["_source"], found["data_source"]) == ("k", 1, "d")
