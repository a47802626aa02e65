"""Archives: their members are read like files, and nothing else happens with them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import stat
import struct
import tarfile
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from corpus.errors import InputError
from corpus.sources import (
    Source,
    count_records,
    describe_skipped_files,
    find_files,
    read,
    split_into_chunks,
)
from corpus.sources.archives import chunks as archive_chunks
from corpus.sources.archives import tar as tar_archives
from corpus.sources.archives import zip as zip_archives
from corpus.sources.files import streams
from corpus.sources.notes import notes_of
from tests.sources.conftest import (
    COMPRESSORS,
    Result,
    jsonl,
    parquet_bytes,
    read_all,
    read_chunks,
    records,
    warc_record,
)


def page(number: int, size: int = 40) -> bytes:
    """Return an HTML page."""
    return f"<html><body><p>Page {number} {'tide ' * size}</p></body></html>".encode()


PAGES = {f"pages/{i}.html": page(i) for i in range(8)}


def tar_bytes(members: Mapping[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zip_bytes(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


class OneWay(io.RawIOBase):
    """A file that cannot seek, so that a zip archive has the sizes behind the content."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        """Return that it can be written."""
        return True

    def write(self, data) -> int:
        """Append data."""
        self.data += bytes(data)
        return len(data)


def streamed_zip_bytes(members: Mapping[str, bytes]) -> bytes:
    """Return a zip archive as it is written into a pipe."""
    out = OneWay()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.data


ARCHIVES = {
    "a.zip": zip_bytes,
    "stored.zip": lambda members: zip_bytes(members, zipfile.ZIP_STORED),
    "b.zip": lambda members: zip_bytes(members, zipfile.ZIP_BZIP2),
    "l.zip": lambda members: zip_bytes(members, zipfile.ZIP_LZMA),
    "streamed.ZIP": streamed_zip_bytes,
    "a.tar": tar_bytes,
    "gnu.tar": lambda members: tar_bytes(members, tarfile.GNU_FORMAT),
    "ustar.tar": lambda members: tar_bytes(members, tarfile.USTAR_FORMAT),
    "a.tar.gz": lambda members: gzip.compress(tar_bytes(members)),
    "a.tgz": lambda members: gzip.compress(tar_bytes(members)),
    "a.tar.bz2": lambda members: bz2.compress(tar_bytes(members)),
    "a.txz": lambda members: lzma.compress(tar_bytes(members)),
    "A.TAR.zst": lambda members: COMPRESSORS[".zst"](tar_bytes(members)),
}


def skipped_line(path: Path, **settings) -> str:
    """Return what is skipped in a folder or in an archive."""
    return describe_skipped_files(find_files(Source(path=str(path), **settings), path).skipped)


def names_of(result: Result) -> list[str]:
    """Return the names of the members that documents come from."""
    return result.column("source")


@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize("settings", [{}, {"format": "html"}])
def test_members_are_read_like_files(put, name, settings):
    """Each member is a document of its own format, alone or with `format`, by path and by glob."""
    path = put(f"in/{name}", ARCHIVES[name](PAGES))
    result = read_all(path, **settings)

    assert names_of(result) == [f"{name}/{member}" for member in PAGES]
    assert result.texts == [page(i).decode() for i in range(8)]
    assert result.rejects == []
    assert read_all(path.parent, **settings) == result
    assert read_all(f"file://{path}", **settings) == result
    assert read_all(path.parent / "*", **settings) == result


MIXED = {
    "a.jsonl": jsonl(records(0, 30)),
    "b.parquet": parquet_bytes(records(30, 40)),
    "c.warc.gz": gzip.compress(warc_record("http://e.org", page(1))),
    "d.csv": b"id,text\n1,One boat.\n2,Two boats.\n",
    "e.txt": b"A text.",
    "f.html.gz": gzip.compress(page(2)),
    "about": page(3),
}


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_an_archive_may_have_files_of_every_format(put, name, monkeypatch):
    """Tables, WARC files, texts and compressed pages are read as they are outside an archive."""
    path = put(f"in/{name}", ARCHIVES[name](MIXED))
    for member, data in MIXED.items():
        put(f"out/{name}/{member}", data)
    inside, outside = read_all(path), read_all(path.parents[1] / "out")
    by_id = {row["id"]: row for row in outside.documents}

    assert {row["id"]: row for row in inside.documents} == by_id
    assert len(inside.documents) == len(by_id) == 46
    assert inside.rejects == []


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
@pytest.mark.parametrize("member", ["a.jsonl", "a.csv", "a.warc", "a.jsonl.gz", "bom.jsonl"])
def test_a_large_member_is_split_like_a_file(put, monkeypatch, name, member):
    """A file of records that is too large for memory gives the same records, in many chunks."""
    rows = records(0, 3000)
    data = {
        "a.jsonl": jsonl(rows),
        "bom.jsonl": b"\xef\xbb\xbf" + jsonl(rows),
        "a.jsonl.gz": gzip.compress(jsonl(rows)),
        "a.csv": ("id,text\n" + "".join(f"{r['id']},{r['text']}\n" for r in rows)).encode(),
        "a.warc": b"".join(warc_record(row["id"], page(i)) for i, row in enumerate(rows)),
    }[member]
    path = put(name, ARCHIVES[name]({member: data, "z.html": page(1)}))
    whole = read_all(path)
    monkeypatch.setattr(archive_chunks, "CHUNK_BYTES", 20_000)
    for format in ("json.lines", "csv.rows", "warc.reader"):
        monkeypatch.setattr(f"corpus.sources.{format}.CHUNK_BYTES", 20_000)
        monkeypatch.setattr(f"corpus.sources.{format}.SMALL_COMPRESSED_BYTES", 2_000)
    source = Source(path=str(path))
    chunks = list(split_into_chunks(find_files(source, path).files, source))

    assert len(chunks) > 3
    assert all(not Path(file.path).is_file() for chunk in chunks for file in chunk.files)
    assert read_chunks(chunks, source) == whole
    assert len(whole.documents) == 3001


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
@pytest.mark.parametrize("member", ["lines.jsonl", "list.json"])
def test_the_detected_encoding_of_a_large_member_is_noted(put, monkeypatch, name, member):
    """The note does not depend on whether the copy of the member still exists."""
    text = "Жители города сказали, что вода пришла ночью и мост не выдержал."
    lines = [json.dumps({"text": f"{text} {i}"}, ensure_ascii=False) for i in range(300)]
    written = "[" + ",\n".join(lines) + "]" if member == "list.json" else "\n".join(lines)
    path = put(name, ARCHIVES[name]({member: written.encode("cp1251")}))
    monkeypatch.setattr(archive_chunks, "CHUNK_BYTES", 5_000)
    for limit in ("CHUNK_BYTES", "SMALL_COMPRESSED_BYTES"):
        monkeypatch.setattr(f"corpus.sources.json.lines.{limit}", 5_000)
    source = Source(path=str(path))
    chunks = list(split_into_chunks(find_files(source, path).files, source))
    batches = [batch for chunk in chunks for batch, *_ in read(chunk, source)]
    encodings = {note.encodings for batch in batches for note in notes_of(batch).values()}

    assert len(chunks) > 3
    assert sum(batch.num_rows for batch in batches) == 300
    assert encodings == {("cp1251",)}


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_a_line_over_the_limit_costs_one_record(put, monkeypatch, name):
    """In a large member, too, a record over the limit is one reject."""
    lines = [*records(0, 9), {"id": "long", "text": "x" * 400_000}, *records(9, 18)]
    path = put(name, ARCHIVES[name]({"a.jsonl": jsonl(lines)}))
    monkeypatch.setattr(archive_chunks, "CHUNK_BYTES", 20_000)
    monkeypatch.setattr("corpus.sources.json.lines.CHUNK_BYTES", 2_000)
    monkeypatch.setattr("corpus.sources.json.lines.SMALL_COMPRESSED_BYTES", 2_000)
    result = read_all(path, record_limit=10_000)

    assert len(result.documents) == 18
    assert [reject.record for reject in result.rejects] == [10]


def test_paths_in_an_archive_are_only_names(put, tmp_path):
    """A path that leaves the archive, or is absolute, is a name below the archive's."""
    hostile = ["../../up.html", "/etc/root.html", "./a//b/./c.html", "C:/d/e.html", "t\tä\n.html"]
    before = sorted(tmp_path.rglob("*"))
    path = put("a.tar", tar_bytes({name: page(i) for i, name in enumerate(hostile)}))

    assert names_of(read_all(path)) == [
        *("a.tar/up.html", "a.tar/etc/root.html", "a.tar/a/b/c.html", "a.tar/C:/d/e.html"),
        "a.tar/t\tä\n.html",
    ]
    assert sorted(tmp_path.rglob("*")) == [*before, path]


def test_links_devices_and_folders_are_not_read(put):
    """Links and devices are counted; folders are nothing."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, type in [
            *(("hard.html", tarfile.LNKTYPE), ("soft.html", tarfile.SYMTYPE)),
            *(("null.html", tarfile.CHRTYPE), ("pipe.html", tarfile.FIFOTYPE)),
            ("folder.html", tarfile.DIRTYPE),
        ]:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = type, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("a.html")
        info.size = len(page(1))
        archive.addfile(info, io.BytesIO(page(1)))
    path = put("a.tar", out.getvalue())

    assert names_of(read_all(path)) == ["a.tar/a.html"]
    assert skipped_line(path) == "2 link in an archive, 2 pipe or device"


def test_a_link_in_a_zip_archive_is_not_read(put):
    """Unix stores a link as a file with its target as content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, kind in (("l.html", stat.S_IFLNK), ("a.html", stat.S_IFREG)):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, (kind | 0o644) << 16
            archive.writestr(info, page(1))
        archive.writestr("folder/", b"")
    path = put("a.zip", out.getvalue())

    assert names_of(read_all(path)) == ["a.zip/a.html"]
    assert skipped_line(path) == "1 link in an archive"


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_other_members_are_counted_by_kind(put, name):
    """Hidden members, other formats and archives in the archive are skipped and counted."""
    members = {
        "b.pdf": b"x", "about": b"x", "in.zip": zip_bytes(PAGES), "in/x.tar.gz": b"",
        "a.html": page(1),
        "__MACOSX/._a.html": b"x", "._b.html": b"x", ".git/c.html": b"x", "_d/e.html": b"x",
    }  # fmt: skip
    path = put(f"in/{name}", ARCHIVES[name](members))

    assert names_of(read_all(path)) == [f"{name}/a.html"]
    assert (
        skipped_line(path)
        == skipped_line(path.parent)
        == (
            "3 hidden, 2 archive in an archive, 1 .pdf, 1 with a name that begins with _, "
            "1 without extension"
        )
    )


def test_metadata_beside_tables_in_an_archive_is_skipped(put):
    """A zipped data set gives its tables alone."""
    path = put("a.zip", zip_bytes({"README.md": b"x", "d/a.jsonl": jsonl(records(0, 3))}))

    assert len(read_all(path).documents) == 3
    assert skipped_line(path) == "1 dataset metadata"


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_an_archive_without_anything_to_read_is_an_error(put, name):
    """Alone, such an archive is an error that names the kinds; in a folder, it is counted."""
    path = put(f"in/{name}", ARCHIVES[name]({"a.pdf": b"x", "b.pdf": b"y"}))
    with pytest.raises(InputError, match=r"no file in it can be read; skipped: 2 \.pdf"):
        read_all(path)
    put(f"in/empty-{name}", ARCHIVES[name]({}))
    put("in/a.html", page(1))

    assert names_of(read_all(path.parent)) == ["a.html"]
    assert skipped_line(path.parent) == "2 .pdf, 1 empty archive"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_members_of_one_name_get_different_names(put, name):
    """The second member of a name gets a number, as does one that differs only in composition."""
    out = io.BytesIO()
    decomposed = unicodedata.normalize("NFD", "ä.html")
    names = ["a.html", "a.html", "./a.html", "a.html#2", "ä.html", decomposed]
    if name == "a.zip":
        with zipfile.ZipFile(out, "w") as archive:
            for i, member in enumerate(names):
                archive.writestr(member, page(i))
        data = out.getvalue()
    else:
        data = b"".join(tar_bytes({member: page(i)}) for i, member in enumerate(names))
    result = read_all(put(name, data), format="html")

    prefix = f"{name}/"
    assert [source.removeprefix(prefix) for source in names_of(result)] == [
        *("a.html", "a.html#2", "a.html#3", "a.html#2#2", "ä.html", "ä.html#2"),
    ]
    assert result.texts == [page(i).decode() for i in range(6)]


def test_names_in_a_zip_archive_are_utf_8_or_code_page_437(put):
    """A name without the mark of UTF-8 is UTF-8 if it is valid, as macOS writes it, else cp437."""
    data = zip_bytes({"umlaut-XX.html": page(0), "other-YY.html": page(1)})
    data = data.replace(b"XX", "ä".encode()).replace(b"YY", b"\x84\x81")

    assert names_of(read_all(put("a.zip", data))) == ["a.zip/umlaut-ä.html", "a.zip/other-äü.html"]


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("name", ["", ".", "..", " ", "\\", "/", "\0", "../"])
def test_an_entry_without_a_usable_name_is_skipped_or_a_folder(put, name, complete):
    """The other entries are read, with and without the directory; no name ends the archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("x")
        entry.filename = entry.orig_filename = name
        archive.writestr(entry, page(0))
        archive.writestr("a.html", page(1))
    data = out.getvalue()
    path = put("a.zip", data if complete else data[: data.rindex(b"PK\1\2")])

    assert "a.zip/a.html" in names_of(read_all(path))
    if not name.endswith(("/", "\\")):
        assert (
            skipped_line(path).startswith("1 file was not read")
            or len(read_all(path).documents) == 2
        )


def test_a_name_that_is_not_utf_8_is_escaped(put):
    """A tar archive's name in another encoding is escaped."""
    data = tar_bytes({"a-\udcff.html": page(0)}, tarfile.GNU_FORMAT)

    assert names_of(read_all(put("a.tar", data))) == ["a.tar/a-\\xff.html"]


@pytest.mark.parametrize("format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_names_are_read(put, format):
    """Names longer than the header's field are in a header of their own."""
    name = "/".join(["folder-ä"] * 60) + "/page.html"

    assert names_of(read_all(put("a.tar", tar_bytes({name: page(0)}, format)))) == [f"a.tar/{name}"]


def test_an_encrypted_member_is_a_reject(put):
    """An encrypted member is named; the others are read."""
    data = bytearray(zip_bytes({"a.html": page(0), "b.html": page(1)}))
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + offset] |= 1
    result = read_all(put("a.zip", bytes(data)))

    assert names_of(result) == ["a.zip/b.html"]
    assert [(r.source, r.reason) for r in result.rejects] == [("a.zip/a.html", "encrypted")]


def test_an_unknown_compression_is_a_reject(put):
    """A member with a compression that cannot be read is named; the others are read."""
    data = bytearray(zip_bytes({"a.html": page(0), "b.html": page(1)}))
    for signature, offset in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        data[data.index(signature) + offset] = 99
    result = read_all(put("a.zip", bytes(data)))

    assert names_of(result) == ["a.zip/b.html"]
    assert [r.reason for r in result.rejects] == ["its compression (method 99) is not supported"]


@pytest.mark.parametrize("name", ["a.zip", "stored.zip", "a.tar"])
def test_a_changed_byte_costs_at_most_its_member(put, name):
    """A zip archive notices a changed byte; a tar archive has no checksum of the content."""
    data = bytearray(ARCHIVES[name](PAGES))
    at = data.index(b"pages/4.html") + (700 if name == "a.tar" else 60)
    data[at] ^= 0xFF
    result = read_all(put(name, bytes(data)))

    assert len(result.documents) + len(result.rejects) == 8
    assert len(result.documents) >= 7
    assert all(r.source == f"{name}/pages/4.html" for r in result.rejects)


@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_truncated_archive_keeps_its_complete_members(put, name, share):
    """What is complete is read, and the archive or the member where it ends is named."""
    data = ARCHIVES[name](PAGES)
    data = data.rstrip(b"\0") + bytes(1024) if name.endswith(".tar") else data
    result = read_all(put(name, data[: int(len(data) * share)]))
    n = len(result.documents)

    assert result.texts == [page(i).decode() for i in range(n)]
    assert {r.source.partition("/")[0] for r in result.rejects} == {name}
    if name in ("a.zip", "stored.zip", "streamed.ZIP", "a.tar"):
        assert n >= int(8 * share) - 2


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tgz"])
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 100, b"<html>not an archive</html>", b"PK\3\4", b"\x1f\x8b\x08"]
)
def test_a_file_that_is_no_archive_is_one_reject(put, name, content):
    """A file that is only called an archive is a reject with the reason, wherever it is."""
    put("in/a.html", page(1))
    result = read_all(put(f"in/{name}", content).parent)

    assert names_of(result) == ["a.html"]
    assert [(r.source, r.record) for r in result.rejects] == [(name, None)]
    assert (
        "archive" in result.rejects[0].reason
        or "empty" in result.rejects[0].reason
        or ("truncated" in result.rejects[0].reason)
    )


def test_a_damaged_header_costs_only_the_entries_there(put):
    """After a damaged header, reading continues with the next intact one."""
    data = bytearray(tar_bytes(PAGES, tarfile.USTAR_FORMAT))
    data[data.index(b"pages/3.html")] = 0xFF
    result = read_all(put("a.tar", bytes(data)))

    assert [s[-6:] for s in names_of(result)] == [f"{i}.html" for i in (0, 1, 2, 4, 5, 6, 7)]
    assert [(r.source, r.record) for r in result.rejects] == [("a.tar", None)]
    assert "are not part of any entry" in result.rejects[0].reason


def test_joined_tar_archives_are_read_to_the_end(put):
    """Archives joined by `cat` have an end mark in the middle."""
    data = tar_bytes({"a.html": page(0)}) + tar_bytes({"b.html": page(1)})

    assert names_of(read_all(put("a.tar", data))) == ["a.tar/a.html", "a.tar/b.html"]


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_a_bomb_stops_at_a_bound(put, monkeypatch, name):
    """An archive that expands without measure is read up to a bound, and the rest is named."""
    for module in (streams, zip_archives):
        monkeypatch.setattr(module, "EXPANSION_ALLOWANCE_BYTES", 1 << 16)
        monkeypatch.setattr(module, "MAX_EXPANSION", 20)
    members = {"a.html": page(0), "bomb.html": b"<html>" + b"0" * (8 << 20), "c.html": page(1)}
    result = read_all(put(name, ARCHIVES[name](members)))

    assert names_of(result)[0] == f"{name}/a.html"
    assert all("bomb" not in source for source in names_of(result))
    assert any("expands more than 20-fold" in reject.reason for reject in result.rejects)


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_a_document_over_the_limit_is_a_reject(put, name):
    """A document larger than record_limit is named and never loaded."""
    members = {"a.html": page(0), "b.html": page(1, 9_000), "t.parquet": b"x" * 30_000}
    result = read_all(put(name, ARCHIVES[name](members)), record_limit=20_000)

    assert names_of(result) == [f"{name}/a.html"]
    reasons = {r.source: r.reason for r in result.rejects}
    assert "larger than record_limit (20,000 bytes)" in reasons[f"{name}/b.html"]
    assert "not a readable Parquet file" in reasons[f"{name}/t.parquet"]


def test_a_hostile_size_or_description_is_bounded(put):
    """A header may claim any size: nothing is loaded for it."""
    header = bytearray(tar_bytes({"b.html": b""}, tarfile.USTAR_FORMAT)[:512])
    huge = b"\x80" + (1 << 60).to_bytes(11, "big")
    for type in (b"0", b"x", b"L", b"S"):
        header[124:136], header[156:157] = huge, type
        header[148:156] = f"{tar_archives._checksum(bytes(header)):06o}\0 ".encode()
        data = tar_bytes({"a.html": page(0)})[:-9216] + bytes(header) + b"x" * 9999
        result = read_all(put(f"{type.hex()}.tar", data))
        assert len(result.documents) == 1
        assert result.rejects


@pytest.mark.parametrize("size", [b"-0000000001", b"+0000000003", b"0x000000003", b"0_000000003"])
def test_a_size_that_is_not_a_number_of_octal_digits_is_a_damaged_header(put, size):
    """Python reads `-1` as a number, too; such a header costs its own entry alone."""
    archive = bytearray(tar_bytes({"a.html": page(0), "b.html": page(1)}, tarfile.USTAR_FORMAT))
    archive[124:136] = size + b"\0"
    archive[148:156] = f"{tar_archives._checksum(bytes(archive[:512])):06o}\0 ".encode()
    result = read_all(put("a.tar", bytes(archive)))

    assert names_of(result) == ["a.tar/b.html"]
    assert len(result.rejects) == 1


def test_a_sparse_member_is_a_reject(put):
    """GNU's sparse files are named, not read wrongly."""
    header = bytearray(tar_bytes({"s.html": page(0)}, tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[148:156] = f"{tar_archives._checksum(bytes(header[:512])):06o}\0 ".encode()
    result = read_all(put("a.tar", bytes(header[:-9216]) + tar_bytes({"b.html": page(1)})))

    assert names_of(result) == ["a.tar/b.html"]
    assert [(r.source, r.reason[:13]) for r in result.rejects] == [
        ("a.tar/s.html", "a sparse file")
    ]


def test_a_large_size_in_a_pax_header_is_used(put):
    """The size in a pax header replaces that of the header after it."""
    body = page(0)
    record = f"{len(str(len(body))) + 8} size={len(body)}\n".encode()
    pax = tarfile.TarInfo("x")
    pax.type, pax.size = b"x", len(record)
    info = tarfile.TarInfo("a.html")
    data = pax.tobuf(tarfile.USTAR_FORMAT) + record.ljust(512, b"\0")
    data += info.tobuf(tarfile.USTAR_FORMAT) + body.ljust(-(-len(body) // 512) * 512, b"\0")

    assert read_all(put("a.tar", data + bytes(1024))).texts == [body.decode()]


def test_a_zip64_entry_without_directory_is_read(put):
    """The size of a large entry is in its extra field, also if the directory is missing."""
    body, name = page(0), b"a.html"
    extra = struct.pack("<HHQQ", 1, 16, len(body), len(body))
    sizes = (0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra))
    checksum = zipfile.crc32(body)
    head = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 45, 0, 0, 0, 0, checksum, *sizes)
    result = read_all(put("a.zip", head + name + extra + body + b"PK\3\4"))

    assert result.texts == [body.decode()]
    assert "what follows 1 entries is lost" in result.rejects[0].reason


def test_many_small_members_are_read_together(put):
    """Documents are grouped into chunks, and counting and halving a chunk works as for files."""
    members = {f"{i:05}.html": page(i, 1) for i in range(9000)}
    path = put("a.tar", tar_bytes(members, tarfile.USTAR_FORMAT))
    source = Source(path=str(path))
    chunks = list(split_into_chunks(find_files(source, path).files, source))

    assert [count_records(chunk, source) for chunk in chunks] == [4096, 4096, 808]
    assert len({chunk.identity() for chunk in chunks}) == 3
    assert chunks[0].file.input_name == "a.tar"


@pytest.mark.parametrize("share", [1, 0.9])
def test_a_zip_archive_may_have_separators_of_windows(put, share):
    """Backslashes in names separate folders, with or without the archive's directory."""
    data = zip_bytes({"d/e.html": page(0), "d/f.html": page(1)}).replace(b"d/", b"d\\")

    assert "a.zip/d/e.html" in names_of(read_all(put("a.zip", data[: int(len(data) * share)])))


def test_an_archive_may_have_any_name(put):
    """Only the extension says what an archive is."""
    for name in ("a?b.zip", "ä [1].zip"):
        assert names_of(read_all(put(name, zip_bytes({"p.html": page(0)})))) == [f"{name}/p.html"]


def test_entries_that_the_directory_hides_are_named(put):
    """A damaged length in a zip archive's directory may hide entries: the end counts them."""
    data = bytearray(zip_bytes(PAGES))
    starts = [data.index(b"PK\1\2")]
    while len(starts) < 3:
        starts.append(data.index(b"PK\1\2", starts[-1] + 4))
    data[starts[0] + 32] = starts[2] - starts[1]  # a comment as long as the second entry
    result = read_all(put("a.zip", bytes(data)))

    assert len(result.documents) == 7
    assert result.rejects[0].source == "a.zip"
    assert "7 of 8 entries" in result.rejects[0].reason


@pytest.mark.parametrize(("limit", "reason"), [(1 << 20, "no column 'text'"), (5000, "be split")])
def test_a_large_member_that_cannot_be_split_is_never_cut(put, monkeypatch, limit, reason):
    """Such a member is read as a whole if it fits in memory, or rejected as a whole."""
    monkeypatch.setattr(archive_chunks, "CHUNK_BYTES", 2_000)
    monkeypatch.setattr("corpus.sources.csv.rows.CHUNK_BYTES", 2_000)
    path = put("a.zip", zip_bytes({"a.csv": b"id,body\n" + b"1,One boat.\n" * 900}))
    (reject,) = read_all(path, record_limit=limit).rejects

    assert (reject.source, reject.record) == ("a.zip/a.csv", None)
    assert reason in reject.reason
