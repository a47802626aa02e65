"""Columns in the names of folders, as Hive writes them."""

from __future__ import annotations

import json

import pytest

from corpus.sources import Source, find_files, split_into_chunks
from corpus.sources.columns.partitions import partitions_of
from tests.sources.archives.test_archives import tar_bytes, zip_bytes
from tests.sources.conftest import jsonl, parquet_bytes, read_all, records

FORMATS = {
    "a.parquet": parquet_bytes([{"text": "A boat."}]),
    "a.jsonl": jsonl([{"text": "A boat."}]),
    "a.csv": b"text\nA boat.\n",
    "a.txt": b"A boat.",
    "a.html": b"<html>A boat.</html>",
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("path", ["", "**/*", "lang=*"])
def test_folders_add_columns_in_every_format(put, name, path):
    """A text column and a column of integers, by folder and by glob."""
    put(f"in/lang=de/year=2019/{name}", FORMATS[name])
    folder = put(f"in/lang=en/year=2020/{name}", FORMATS[name]).parents[2]
    result = read_all(folder / (f"{path}/*/*" if path == "lang=*" else path))

    assert result.column("lang") == ["de", "en"]
    assert result.column("year") == [2019, 2020]


def test_columns_are_mapped_like_others(put):
    """`columns` and `date` apply to partition columns, also of text files."""
    put("in/outlet=Tide%20Post/day=2019-04-15/a.txt", b"A boat.")
    put("in/outlet=Tide%20Post/day=2019-04-15/a.jsonl", jsonl([{"text": "Two boats."}]))
    day = "in/outlet=x/date=2020-05-06/language=en/id=7"
    folder = put(f"{day}/a.parquet", FORMATS["a.parquet"]).parents[4]
    rows = read_all(folder, columns={"publisher": "outlet", "date": "day"}).documents
    undated = read_all(folder).documents

    assert [row["publisher"] for row in rows] == ["Tide Post", "x", "Tide Post"]
    assert [str(row["date"])[:10] for row in rows] == ["2019-04-15", "None", "2019-04-15"]
    assert [row["language_source"] for row in rows] == [None, "en", None]
    assert undated[1]["date"].year == 2020
    assert undated[1]["id"] != "7"


def test_a_column_of_the_file_has_priority(put):
    """The file's own column is never replaced, and the record's id does not change."""
    put("a/year=1/a.jsonl", jsonl([{"text": "A boat.", "year": 2019}]))
    put("a/year=1/b.parquet", parquet_bytes([{"text": "A boat.", "year": 2019}]))
    folder = put("a/year=2/c.jsonl", jsonl([{"text": "A boat."}])).parents[1]

    assert read_all(folder).column("year") == [2019, 2019, 2]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["05", "12"], [5, 12]),
        (["05", "x"], ["05", "x"]),
        (["-3", "__HIVE_DEFAULT_PARTITION__"], [-3, None]),
        (["__HIVE_DEFAULT_PARTITION__"], [None]),
        (["1.5", "2"], ["1.5", "2"]),
        (["", "2"], ["", "2"]),
        (["9" * 30], ["9" * 30]),
        (["a%2Fb", "%E4%B8%AD", "%ff", "a=b"], ["a/b", "中", "\ufffd", "a=b"]),
    ],
)
def test_a_column_is_of_integers_if_all_values_are(values, expected):
    """One other value makes all of them texts, as they are written; null has no type."""
    found = partitions_of([f"k={value}/a.txt" for value in values], {})

    assert [dict(found[f"k={value}/a.txt"])["k"] for value in values] == expected


@pytest.mark.parametrize(
    "name", ["k=1", "a b=1/x.txt", "=1/x.txt", "1=1/x.txt", "text=1/x", "a/x=1"]
)
def test_other_names_have_no_columns(name):
    """The name of the file itself, and folders with another notation, are only names."""
    assert partitions_of([name], {}) == {}


@pytest.mark.parametrize("archive", [zip_bytes, tar_bytes])
def test_folders_in_an_archive_add_columns(put, archive):
    """Members have partition columns, too."""
    members = {f"year={year}/{n}": data for year in (2019, 2020) for n, data in FORMATS.items()}
    name = "a.zip" if archive is zip_bytes else "a.tar"

    assert sorted(read_all(put(name, archive(members))).column("year")) == [2019] * 5 + [2020] * 5


def test_the_type_of_a_column_is_a_part_of_the_files(put):
    """Another file that changes the type of a column changes the files, so no cache is stale."""
    folder = put("in/k=1/a.txt", b"x").parents[1]
    source = Source(path=str(folder))
    before = find_files(source, folder).files[0].partition
    put("in/k=b/a.txt", b"x")
    after = find_files(source, folder).files[0].partition

    assert (before, after) == ((("k", 1),), (("k", "1"),))


def test_many_files_of_a_chunk_have_columns_of_their_own(put):
    """Small files that are read together keep their folders' values."""
    for i in range(20):
        folder = put(f"in/n={i}/{i}.txt", f"Text {i}").parents[1]
    source = Source(path=str(folder))

    assert len(list(split_into_chunks(find_files(source, folder).files, source))) < 5
    assert sorted(read_all(folder).column("n")) == list(range(20))
    assert json.dumps(source.model_dump()) == json.dumps(Source(path=str(folder)).model_dump())
    assert len(records(0, 1)) == 1
