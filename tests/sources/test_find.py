"""What a configured path means: a file, a glob, a folder, a URI, or nothing."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from corpus.errors import InputError
from corpus.sources import Source, filesystems, find

from .conftest import jsonl, parquet_bytes, read_all, records


def names(path: str | Path, folder: Path = Path("/"), **settings) -> list[str]:
    """Return the names of what a path means."""
    return [file.name for file in find(Source(path=str(path), **settings), folder)]


@pytest.fixture
def tree(put) -> Path:
    """Make a folder of files, hidden ones and folders among them."""
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
def test_paths_mean_files(tree, pattern, expected):
    """Globs match as a shell does; a folder means its known files, without hidden and `_` ones."""
    assert names(tree / pattern) == expected


@pytest.mark.parametrize("pattern", ["sub/**/*.txt", "sub", "b.jsonl"])
def test_a_uri_means_what_the_path_means(tree, pattern):
    """Through `pyarrow.fs` a path finds and reads the same files."""
    here, there = names(tree / pattern), names(f"file://{tree}/{pattern}")

    assert here == there
    assert read_all(f"file://{tree}/a.txt").texts == ["x"]


def test_a_uri_may_hold_what_urls_escape(put):
    """A space or an umlaut in a URI needs no escape."""
    folder = put("ä b/c d.txt", b"x").parent

    assert names(f"file://{folder}/*.txt") == ["c d.txt"]


def test_a_bucket_is_read_like_a_folder(put, monkeypatch):
    """Any file system of pyarrow gives the same files and records as a folder of this machine."""
    from pyarrow import fs

    put("bucket/news/2023/a.jsonl", jsonl(records(0, 5)))
    put("bucket/news/2024/b.jsonl.gz", gzip.compress(jsonl(records(5, 9))))
    put("bucket/news/c.parquet", parquet_bytes(records(9, 12)))
    root = put("bucket/news/d e.txt", b"x").parents[2]
    system = fs.SubTreeFileSystem(str(root), fs.LocalFileSystem())
    asked = []
    monkeypatch.setattr(
        filesystems, "_system", lambda uri: (asked.append(uri), (system, "bucket"))[1]
    )
    there = read_all("s3://bucket/news?region=here")
    here = read_all(root / "bucket" / "news")

    assert there == here
    assert len(there.documents) == 13
    assert set(asked) == {"s3://bucket?region=here"}
    assert names("s3://bucket/news/**/*.jsonl*") == ["2023/a.jsonl", "2024/b.jsonl.gz"]
    with pytest.raises(InputError, match="did you mean 'news'"):
        names("s3://bucket/new/*.txt")


@pytest.mark.parametrize("uri", ["nosuch://bucket/a.txt", "s3://", "file://"])
def test_a_uri_that_leads_nowhere_is_told(uri):
    """A scheme that nobody knows, or a URI without a path, is an input error."""
    with pytest.raises(InputError, match=uri.partition(":")[0]):
        names(uri)


def test_relative_paths_are_relative_to_the_folder(tree):
    """The folder of the config is where relative paths begin; names are never absolute."""
    assert names("sub/*.txt", tree) == ["c.txt"]
    assert names("../tree/sub/deep", tree) == ["d.txt", "e.csv.gz"]


def test_a_bracket_in_an_existing_name_is_no_wildcard(put):
    """What is there under the very name comes first."""
    put("old [2023]/a.txt", b"x")
    path = put("old [2023]/b[1].txt", b"x")

    assert names(path) == ["b[1].txt"]
    assert names(path.parent / "*.txt") == ["a.txt", "b[1].txt"]


def test_links_are_followed_but_not_in_circles(tree):
    """A folder that links to itself is read once; a link to another folder is followed."""
    (tree / "sub" / "loop").symlink_to(tree)
    (tree / "again").symlink_to(tree / "sub" / "deep")

    assert names(tree / "sub") == ["c.txt", "deep/d.txt", "deep/e.csv.gz", "h.TXT"] + [
        f"loop/{name}" for name in ("a.txt", "again/d.txt", "again/e.csv.gz", "b.jsonl", "z.md")
    ]


def test_a_set_format_takes_files_of_no_known_kind(put):
    """With `format`, a folder gives files of untelling names too, but none of another format."""
    put("in/part-0000", jsonl(records(0, 2)))
    put("in/part-0001", jsonl(records(2, 3)))
    folder = put("in/readme.txt", b"x").parent

    assert names(folder, format="jsonl") == ["part-0000", "part-0001"]
    assert len(read_all(folder, format="jsonl").documents) == 3


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("tre/*.txt", r"tre/\*\.txt: no such file or folder; in .*, did you mean 'tree'\?"),
        ("tree/a.tx", r"tree/a\.tx: no such .* did you mean 'a\.txt'\?"),
        ("tree/sub/nothing-like-it", r"there is 'c\.txt', 'deep', 'h\.TXT'"),
        ("tree/*.parquet", r"no file matches; in .*tree, there is .* and 2 more"),
        ("tree/_tmp/*.csv", "no file matches; in .*_tmp, there is 'g.txt'"),
        ("tree/_tmp/s*b", "no file matches"),
        ("tree/*.pdf", r"notes\.pdf: the name does not tell the format.*`format`.*csv, html"),
        ("tree/notes.pdf", "`format`"),
        ("empty", "no file of a known kind in this folder; in .*empty, there is nothing"),
        ("tree/s*", "no file matches.*there is"),
    ],
)
def test_where_there_is_nothing_the_message_says_what_there_is(tree, path, message):
    """A path that means nothing is an error with the nearest name, or with what is there."""
    (tree.parent / "empty").mkdir()

    with pytest.raises(InputError, match=message):
        names(path, tree.parent)


def test_a_pipe_is_no_input(tmp_path):
    """A pipe is an error, not a wait without end; in a folder it is passed over."""
    os.mkfifo(tmp_path / "a.txt")
    (tmp_path / "b.txt").write_text("x")

    assert names(tmp_path) == ["b.txt"]
    with pytest.raises(InputError, match="neither a file nor a folder"):
        names(tmp_path / "*.txt")


def test_a_name_that_is_no_utf8_is_named(tmp_path):
    """A file whose name cannot be written in a table is an error that shows it."""
    Path(os.fsdecode(bytes(tmp_path) + b"/\xff.txt")).write_text("x")

    with pytest.raises(InputError, match=r"\\xff\.txt: the name of this file is no UTF-8"):
        names(tmp_path)


def test_files_are_in_the_order_of_their_names(put):
    """The order is that of the names, whatever the file system gives."""
    for name in ("b/a.txt", "a.txt", "b-a.txt", "B.txt"):
        path = put(f"in/{name}", b"x")

    assert names(path.parent) == ["B.txt", "a.txt", "b-a.txt", "b/a.txt"]


def test_places_join_behind_a_uri_keeps_its_options():
    """What stands behind a URI's question mark says how to connect, and stays behind."""
    assert filesystems.join("s3://bucket/a?region=eu", "b c") == "s3://bucket/a/b c?region=eu"
    assert filesystems.join("/a/", "b") == "/a/b"
    assert filesystems.is_uri("s3://b")
    assert not filesystems.is_uri("/a://b")
