"""What a folder has beside its data is not read, but counted: metadata, builds, other formats."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.errors import InputError
from corpus.sources import Source, describe_skipped_files, find_files
from corpus.sources.files import globs
from corpus.sources.files.filesystems import FILE, FOLDER, Entry
from corpus.sources.files.skipped import SkippedFile, group_by_kind, kind_of_name
from tests.sources.conftest import jsonl, parquet_bytes, read_all, records

PAGE = b"<!DOCTYPE html>\n<html><body><p>The ferry left at noon.</p></body></html>"
PAGE_NAMES = ["index.html?id=7", "a.shtml", "article.php", "list.aspx", "b.jsp", "c.asp"]
PAGE_NAMES += ["about", "12345", "page.php?x=1&y=a.b", "index.html@id=7", "d.phtml", "e.xhtml"]
PAGE_NAMES += ["index.html.1", "index.html.orig", "F.CFM"]
PAGE_NAMES += ["1706.03762", "article-2019.01.02", "release-2.0"]


def found(path: Path, **settings) -> tuple[list[str], str]:
    """Return the names of the files to read, and a line about the others."""
    files, skipped = find_files(Source(path=str(path), **settings), Path("/"))
    return [file.name for file in files], describe_skipped_files(skipped)


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_a_saved_page_is_read_whatever_its_name(put, name):
    """A file that begins like a page is HTML under each name that wget gives to pages."""
    folder = put(f"in/{name}", PAGE).parent

    assert [file.format for file in find_files(Source(path=str(folder)), folder).files] == ["html"]
    assert read_all(folder).texts == [PAGE.decode()]
    assert read_all(f"file://{folder}") == read_all(folder)
    assert "[" in name or "?" in name or read_all(folder / name).texts == [PAGE.decode()]


@pytest.mark.parametrize(
    "content",
    [
        *(
            b"\xef\xbb\xbf" + PAGE,
            PAGE.decode().encode("utf-16"),
            gzip.compress(PAGE, mtime=0),
            b"\n " + PAGE,
        ),
        *(
            b'<?xml version="1.0"?>\n<html lang="en">',
            b"<!-- saved -->\n<p>A fragment.</p>",
            b"<HTML>",
        ),
    ],
)
def test_a_page_is_detected_by_its_first_bytes(put, content):
    """Marks, blanks, comments, UTF-16 and compression may stand before the first tag."""
    assert found(put("in/about", content).parent) == (["about"], "")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("about", b"", "without extension"),
        ("about", b"The <html> tag begins a page.", "without extension"),
        ("about", b"\0\xff" * 99, "without extension"),
        ("about", b"%PDF-1.7", "without extension"),
        ("about", jsonl(records(0, 2)), "without extension"),
        ("about", gzip.compress(PAGE, mtime=0)[:12], "without extension"),
        ("index.php", b"<?php echo '<html>'; ?>", ".php"),
        ("index.asp", b"<%@ Language=VBScript %><html>", ".asp"),
        ("feed.php", b'<?xml version="1.0"?><rss></rss>', ".php"),
        ("data.json?x=1", b"{}", ".json?"),
        ("page.pdf", PAGE, ".pdf"),
        ("a.b c d", PAGE, "with another extension"),
        ("News.DOC.gz", PAGE, ".doc.gz"),
    ],
)
def test_other_files_are_counted_by_kind(put, name, content, kind):
    """A file that does not begin like a page, or is called otherwise, is skipped and counted."""
    put("in/a.html", PAGE)

    assert found(put(f"in/{name}", content).parent) == (["a.html"], f"1 {kind}")


def test_a_glob_skips_other_files_too(put):
    """What a glob matches and cannot be read is counted, too; `format` reads it."""
    for name, content in (("a.html", PAGE), ("b", PAGE), ("c.pdf", b"x"), (".d.html", PAGE)):
        folder = put(f"in/{name}", content).parent

    assert found(folder / "*") == (["a.html", "b"], "1 .pdf")
    assert found(folder / "*", format="html") == (["a.html", "b", "c.pdf"], "")


def test_a_set_format_counts_the_files_of_other_formats(put):
    """With `format`, files whose extension says otherwise are skipped and counted."""
    put("in/a.jsonl", jsonl(records(0, 2)))
    put("in/part-0", jsonl(records(2, 3)))

    assert found(put("in/b.csv", b"x").parent, format="jsonl") == (["a.jsonl", "part-0"], "1 .csv")


def test_hidden_files_and_pipes_are_counted(put):
    """A hidden folder counts as one; names that begin with `_` are counted apart."""
    put("in/_tmp/a.html", PAGE)
    put("in/.git/b.html", PAGE)
    put("in/.DS_Store", b"")
    folder = put("in/c.html", PAGE).parent
    (folder / "loop").symlink_to(folder)

    assert found(folder) == (["c.html"], "2 hidden, 1 with a name that begins with _")


def test_a_clone_of_a_dataset_gives_its_tables(put):
    """README, license, metadata and requirements of a dataset are skipped and counted."""
    for name in ("README.md", "LICENSE", "LICENSE.txt", "croissant.json", "dataset_infos.json"):
        put(f"in/{name}", b"{}")
    put("in/.gitattributes", b"")
    for split in ("train", "test"):
        put(f"in/data/{split}-00000-of-00001.parquet", parquet_bytes(records(0, 3)))
    folder = put("in/en/validation.jsonl", jsonl(records(0, 1))).parents[1]

    names = ["data/test-00000-of-00001.parquet", "data/train-00000-of-00001.parquet"]
    assert found(folder) == ([*names, "en/validation.jsonl"], "5 dataset metadata, 1 hidden")
    assert found(folder / "**/*")[0] == [*names, "en/validation.jsonl"]


MANIFEST = {"format": 1, "name": "n", "corpus": "0.2.0", "identity": "0", "inputs": []}


@pytest.fixture
def own_build(put) -> Path:
    """Return a folder with the layout of a build of ours."""
    put("b/news/manifest.json", json.dumps(MANIFEST, indent=2))
    for name in ("README.md", "croissant.json", "run.json", "audit/audit.json", "audit/index.html"):
        put(f"b/news/{name}", b"{}")
    for name in ("ledger/removed", "ledger/rejected", "data/train-00000-of-00001"):
        put(f"b/news/{name}.parquet", parquet_bytes(records(0, 3)))
    put("b/news/data/en/test-00000-of-00001.parquet", parquet_bytes(records(3, 5)))
    return put("b/news/run.json", b"{}").parent


@pytest.mark.parametrize("uri", ["", "file://"])
def test_a_build_of_ours_gives_its_shards(own_build, uri):
    """Ledgers, audit and manifest of a build are never read, wherever the build is in a folder."""
    shards = ["data/en/test-00000-of-00001.parquet", "data/train-00000-of-00001.parquet"]
    line = "8 of a build beside its shards"

    assert found(f"{uri}{own_build}") == (shards, line)
    assert found(f"{uri}{own_build.parent}") == ([f"news/{name}" for name in shards], line)
    assert found(f"{uri}{own_build}/**/*.parquet") == (shards, "2 of a build beside its shards")
    assert len(read_all(f"{uri}{own_build}").documents) == 5


def test_a_ledger_that_is_named_is_read(own_build):
    """Who names a ledger itself gets it."""
    assert found(own_build / "ledger" / "removed.parquet") == (["removed.parquet"], "")
    assert found(own_build / "ledger")[0] == ["rejected.parquet", "removed.parquet"]


@pytest.mark.parametrize("manifest", [b"", b"{}", b"\xff", b'{"format": 1}', b"[" * 100_000])
def test_a_folder_with_another_manifest_is_not_a_build(put, manifest):
    """Only the manifest of a build makes a folder `ledger` or `audit` metadata."""
    put("in/manifest.json", manifest)
    put("in/ledger/b.parquet", b"x")

    assert found(put("in/audit/a.html", PAGE).parents[1])[0] == [
        *("audit/a.html", "ledger/b.parquet", "manifest.json"),
    ]


def test_a_name_that_is_not_utf8_is_counted(tmp_path):
    """A file that is skipped may have any name; it is listed with escapes."""
    (tmp_path / "a.html").write_bytes(PAGE)
    Path(str(tmp_path) + "/\udcff\x1b.pdf").write_bytes(b"x")
    _, skipped = find_files(Source(path=str(tmp_path)), tmp_path)

    assert skipped == (SkippedFile("\\xff\x1b.pdf", "with a name that is not UTF-8"),)


def test_kinds_are_bounded():
    """A line lists a dozen kinds, the most frequent first; a manifest has twenty names of each."""
    skipped = [SkippedFile(f"{i}.k{i % 15}", f".k{i % 15}") for i in range(1000)]

    assert describe_skipped_files(skipped).startswith("67 .k0, 67 .k1")
    assert describe_skipped_files(skipped).endswith(" of other kinds")
    assert [len(kind.names) for kind in group_by_kind(skipped)] == [20] * 15
    assert kind_of_name("x" * 300 + "." + "y" * 300) == "with another extension"


def test_a_folder_without_readable_files_names_the_kinds(put):
    """The error says what there is, and `format` only where it may help."""
    folder = put("in/a.pdf", b"x").parent

    with pytest.raises(InputError, match=r"skipped: 1 \.pdf; if .*set `format`"):
        found(folder)
    (folder / "a.pdf").rename(folder / "part-00000")
    with pytest.raises(InputError, match=r"skipped: 1 without extension; if .*set `format`"):
        found(folder)
    (folder / "part-00000").rename(folder / ".a.pdf")
    with pytest.raises(InputError, match=r"no file that can be read; skipped: 1 hidden$"):
        found(folder)


@pytest.mark.parametrize("settings", [{}, {"format": "html"}])
def test_the_end_of_a_url_is_not_an_extension(put, settings):
    """A saved page is HTML even if its URL ends like the name of another file."""
    names = ["page.php?file=a.txt", "index.html?next=/x.json".replace("/", "%2F"), "v?f=b.csv"]
    folder = min(put(f"in/{name}", PAGE) for name in names).parent

    assert found(folder, **settings) == (sorted(names), "")
    assert read_all(folder, **settings).texts == [PAGE.decode()] * 3


def test_a_question_in_a_name_is_a_name(put):
    """A text is read under any name with a known extension."""
    put("in/Who was it?.txt", b"Nobody.")
    folder = put("in/1+1?=2.txt", b"Two.").parent

    assert read_all(folder).texts == ["Two.", "Nobody."]


@pytest.mark.parametrize("pattern", ["", "**", "**/p.html"])
def test_folders_may_be_nested_deeply(tmp_path, pattern, monkeypatch):
    """A file is found in a folder that is nested more deeply than Python's calls may be."""

    def nested(folder: str) -> Iterator[Entry]:
        depth = folder.removeprefix(str(tmp_path)).count("/")
        yield Entry("a", FOLDER, folder_id=depth) if depth < 2000 else Entry("p.html", FILE, 9)

    monkeypatch.setattr(globs, "list_folder", nested)
    names, _ = found(tmp_path / pattern)

    assert [name.count("/") for name in names] == [2000]
