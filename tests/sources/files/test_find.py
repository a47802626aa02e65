"""What a configured path matches: a file, a glob, a folder, a URI, or nothing."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from corpus.errors import InputError
from corpus.sources import Source, find_files
from corpus.sources.files import filesystems
from corpus.sources.files.skipped import SkippedFile
from tests.sources.conftest import jsonl, parquet_bytes, read_all, records


def names(path: str | Path, folder: Path = Path("/"), **settings) -> list[str]:
    """Return the names of the files that a path matches."""
    return [file.name for file in find_files(Source(path=str(path), **settings), folder).files]


@pytest.fixture
def tree(put) -> Path:
    """Return a folder with files, hidden files and subfolders."""
    for name in ("a.txt", "b.jsonl", "sub/c.txt", "sub/deep/d.txt", "sub/deep/e.csv.gz"):
        put(f"tree/{name}", b"x")
    for name in (".hidden.txt", "_SUCCESS.txt", ".git/f.txt", "_tmp/g.txt", "notes.pdf"):
        put(f"tree/{name}", b"x")
    put("tree/sub/h.TXT", b"x")
    return put("tree/z.md", b"x").parent


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a.txt", ["a.txt"]),
        ("*.txt", ["_SUCCESS.txt", "a.txt"]),
        ("**/*.txt", ["_SUCCESS.txt", "_tmp/g.txt", "a.txt", "sub/c.txt", "sub/deep/d.txt"]),
        ("sub/**", ["c.txt", "deep/d.txt", "deep/e.csv.gz", "h.TXT"]),
        ("sub/**/d.txt", ["deep/d.txt"]),
        ("s*/c.txt", ["sub/c.txt"]),
        ("sub/?.txt", ["c.txt"]),
        ("[ab].*", ["a.txt", "b.jsonl"]),
        (".h*.txt", [".hidden.txt"]),
        ("sub", ["c.txt", "deep/d.txt", "deep/e.csv.gz", "h.TXT"]),
        ("sub/", ["c.txt", "deep/d.txt", "deep/e.csv.gz", "h.TXT"]),
        (
            "",
            [
                "a.txt",
                "b.jsonl",
                "sub/c.txt",
                "sub/deep/d.txt",
                "sub/deep/e.csv.gz",
                "sub/h.TXT",
                "z.md",
            ],
        ),
    ],
)
def test_a_path_matches_files(tree, pattern, expected):
    """Globs match as in a shell; a folder matches its known files, not hidden and `_` files."""
    assert names(tree / pattern) == expected


@pytest.mark.parametrize("pattern", ["sub/**/*.txt", "sub", "b.jsonl"])
def test_a_uri_matches_the_same_files_as_a_path(tree, pattern):
    """The same files are found and read through `pyarrow.fs`."""
    by_path, by_uri = names(tree / pattern), names(f"file://{tree}/{pattern}")

    assert by_path == by_uri
    assert read_all(f"file://{tree}/a.txt").texts == ["x"]


def test_a_uri_needs_no_escapes(put):
    """A URI may have spaces and umlauts without escapes."""
    folder = put("ä b/c d.txt", b"x").parent

    assert names(f"file://{folder}/*.txt") == ["c d.txt"]


def test_a_bucket_is_read_like_a_folder(put, monkeypatch):
    """Any file system of pyarrow gives the same files and records as a local folder."""
    from pyarrow import fs

    put("bucket/news/2023/a.jsonl", jsonl(records(0, 5)))
    put("bucket/news/2024/b.jsonl.gz", gzip.compress(jsonl(records(5, 9))))
    put("bucket/news/c.parquet", parquet_bytes(records(9, 12)))
    root = put("bucket/news/d e.txt", b"x").parents[2]
    filesystem = fs.SubTreeFileSystem(str(root), fs.LocalFileSystem())
    uris = []
    monkeypatch.setattr(
        filesystems, "_open_filesystem", lambda uri: (uris.append(uri), (filesystem, "bucket"))[1]
    )
    remote = read_all("s3://bucket/news?region=here")
    local = read_all(root / "bucket" / "news")

    assert remote == local
    assert len(remote.documents) == 13
    assert set(uris) == {"s3://bucket?region=here"}
    assert names("s3://bucket/news/**/*.jsonl*") == ["2023/a.jsonl", "2024/b.jsonl.gz"]
    with pytest.raises(InputError, match="did you mean 'news'"):
        names("s3://bucket/new/*.txt")


@pytest.mark.parametrize("uri", ["nosuch://bucket/a.txt", "s3://", "file://"])
def test_an_invalid_uri_is_an_error(uri):
    """An unknown scheme or a URI without a path is an input error."""
    with pytest.raises(InputError, match=uri.partition(":")[0]):
        names(uri)


def test_relative_paths_are_relative_to_the_folder(tree):
    """Paths are relative to the config's folder, and names are never absolute."""
    assert names("sub/*.txt", tree) == ["c.txt"]
    assert names("../tree/sub/deep", tree) == ["d.txt", "e.csv.gz"]


def test_a_bracket_in_an_existing_name_is_not_a_wildcard(put):
    """An existing path is taken literally."""
    put("old [2023]/a.txt", b"x")
    path = put("old [2023]/b[1].txt", b"x")

    assert names(path) == ["b[1].txt"]
    assert names(path.parent / "*.txt") == ["a.txt", "b[1].txt"]


def test_links_are_followed_without_loops(tree):
    """A link to another folder is followed; a folder that contains itself is read once."""
    (tree / "sub" / "loop").symlink_to(tree)
    (tree / "again").symlink_to(tree / "sub" / "deep")

    assert names(tree / "sub") == ["c.txt", "deep/d.txt", "deep/e.csv.gz", "h.TXT"] + [
        f"loop/{name}" for name in ("a.txt", "again/d.txt", "again/e.csv.gz", "b.jsonl", "z.md")
    ]


def test_a_set_format_includes_unknown_extensions(put):
    """With `format`, files with an unknown extension are read, but not those of other formats."""
    put("in/part-0000", jsonl(records(0, 2)))
    put("in/part-0001", jsonl(records(2, 3)))
    folder = put("in/readme.txt", b"x").parent

    assert names(folder, format="jsonl") == ["part-0000", "part-0001"]
    assert len(read_all(folder, format="jsonl").documents) == 3


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("tre/*.txt", r"tre/\*\.txt: no such file or folder in .*; did you mean 'tree'\?"),
        ("tree/a.tx", r"tree/a\.tx: no such .* did you mean 'a\.txt'\?"),
        ("tree/sub/nothing-like-it", r"it contains 'c\.txt', 'deep', 'h\.TXT'"),
        ("tree/*.parquet", r"no file matches; .*tree contains .* and 2 more"),
        ("tree/_tmp/*.csv", "no file matches; .*_tmp contains 'g.txt'"),
        ("tree/_tmp/s*b", "no file matches"),
        (
            "tree/*.pdf",
            r"no file that can be read; skipped: 1 \.pdf; if the content is one of csv, html",
        ),
        ("tree/notes.pdf", r"notes\.pdf: unknown file extension; if .*set `format`"),
        ("empty", "no file with a known extension; .*empty is empty"),
        ("tree/s*", "no file matches.*contains"),
    ],
)
def test_the_error_for_a_missing_path_says_what_exists(tree, path, message):
    """The error for a path without files names the closest file, or the folder's content."""
    (tree.parent / "empty").mkdir()

    with pytest.raises(InputError, match=message):
        names(path, tree.parent)


def test_a_pipe_is_not_read(tmp_path):
    """A pipe, which could block forever, is skipped and counted; named alone it is an error."""
    os.mkfifo(tmp_path / "a.txt")
    (tmp_path / "b.txt").write_text("x")

    for path in (tmp_path, tmp_path / "*.txt", tmp_path / "**/*.txt"):
        found = find_files(Source(path=str(path)), tmp_path)
        assert [file.name for file in found.files] == ["b.txt"]
        assert found.skipped == (SkippedFile("a.txt", "pipe or device"),)
    with pytest.raises(InputError, match="neither a file nor a folder"):
        names(tmp_path / "a.txt")


def test_a_file_name_must_be_utf8(tmp_path):
    """A file with a name that is not UTF-8, or in such a folder, is skipped and counted."""
    Path(os.fsdecode(bytes(tmp_path) + b"/\xff.txt")).write_text("x")
    folder = Path(os.fsdecode(bytes(tmp_path) + b"/\xfe"))
    folder.mkdir()
    (folder / "c.txt").write_text("x")
    (tmp_path / "b.txt").write_text("x")

    for path in (tmp_path, tmp_path / "**/*.txt"):
        found = find_files(Source(path=str(path)), tmp_path)
        assert [file.name for file in found.files] == ["b.txt"]
        kind = "with a name that is not UTF-8"
        assert found.skipped == (SkippedFile("\\xfe/c.txt", kind), SkippedFile("\\xff.txt", kind))


def test_files_are_ordered_by_name(put):
    """Files are ordered by name, whatever order the file system returns."""
    for name in ("b/a.txt", "a.txt", "b-a.txt", "B.txt"):
        path = put(f"in/{name}", b"x")

    assert names(path.parent) == ["B.txt", "a.txt", "b-a.txt", "b/a.txt"]


def test_joining_a_uri_keeps_its_query():
    """A URI's query, which has connection options, stays at the end."""
    assert filesystems.join_path("s3://bucket/a?region=eu", "b c") == "s3://bucket/a/b c?region=eu"
    assert filesystems.join_path("/a/", "b") == "/a/b"
    assert filesystems.is_uri("s3://b")
    assert not filesystems.is_uri("/a://b")
