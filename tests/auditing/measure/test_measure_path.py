"""Whatever folder is measured, the numbers are those of its documents."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import corpus
from corpus.auditing.measure.external_files import split_of
from corpus.auditing.summary import sparkline
from corpus.errors import ConfigError, InputError


def test_a_build_measured_again_is_what_its_audit_says(tiny_build):
    """The statistics of the shards on disk are those that were written when it was built."""
    folder, manifest, audit = tiny_build
    told = json.dumps(manifest | {"identity": "1f"})
    (folder / "manifest.json").write_text(told)
    (folder / "audit").mkdir()
    (folder / "audit" / "audit.json").write_text(json.dumps(audit))
    found = corpus.audit(folder)
    anew = ("status", "checks", "near", "topics", "same")
    assert {k: v for k, v in found.statistics.items() if k not in anew} == {
        k: v for k, v in audit.items() if k not in anew
    }
    assert found.statistics["same"]["url"] == audit["same"]["url"]
    assert found.statistics["near"]["documents"] == audit["documents"]
    assert found.name == "news"


def test_the_page_and_the_numbers_are_written(tiny_build, tmp_path):
    """`write` makes the folder, the page and its JSON, and returns the page."""
    folder, _, audit = tiny_build
    page = corpus.audit(folder / "data").write(tmp_path / "a" / "b")
    assert page.read_text().startswith("<!doctype html>")
    told = json.loads((page.parent / "audit.json").read_text())
    assert told["documents"] == audit["documents"]


def test_parquet_of_any_shape_is_measured(tmp_path):
    """Other types, other names, no id: what can be counted is, by the splits of the names."""
    table = pa.table(
        {
            "body": ["a b", "c"],
            "id": pa.array([1, 2]),
            "title": [["a", "list"], None],
            "date": ["2023-05-22T10:00:00Z", "yesterday"],
            "language": pa.array(["en", "de"]).dictionary_encode(),
        }
    )
    (tmp_path / "sub").mkdir()
    pq.write_table(table, tmp_path / "sub" / "x.train.parquet")
    pq.write_table(table.drop_columns(["id"]), tmp_path / "sub" / "dev-00000.parquet")
    pq.write_table(table, tmp_path / "sub" / "_hidden.parquet")
    found = corpus.audit(tmp_path, text="body").statistics
    assert {split: told["documents"] for split, told in found["splits"].items()} == {
        "train": 2,
        "validation": 2,
    }
    assert found["words"] == 6
    assert found["splits"]["train"]["months"] == {"2023-05": 1}
    ids = {row["id"] for row in found["sample"]}
    assert ids == {"1", "2", "sub/dev-00000.parquet:1", "sub/dev-00000.parquet:2"}
    assert {row["name"]: row["documents"] for row in found["languages"]["rows"]} == {
        "de": 2,
        "en": 2,
    }


def test_json_lines_are_measured_and_rejects_told(tmp_path):
    """What a source can read is measured; records that cannot be read are named."""
    lines = ['{"text": "one two"}', '{"text": "three"}', "{broken"]
    (tmp_path / "test.jsonl").write_text("\n".join(lines) + "\n")
    found = corpus.audit(tmp_path)
    assert found.statistics["splits"]["test"]["words"] == 3
    assert found.statistics["unread"]["records"] == 1
    assert {"id": "rejected", "status": "fail"}.items() <= found.statistics["checks"][1].items()
    assert "test.jsonl:3" in str(found)
    assert "test.jsonl:3" in found.page()


def test_a_missing_column_is_named_with_those_there_are(tmp_path):
    """Without a text, the message lists the columns to choose from."""
    pq.write_table(pa.table({"body": ["a", "b"]}), tmp_path / "x.parquet")
    with pytest.raises(
        InputError, match=r"none of 2 records.*'text' is missing.*'body'.*--text names"
    ):
        corpus.audit(tmp_path)


def test_records_without_a_text_are_an_error_that_names_what_they_have(tmp_path):
    """Where no record has the column, the message shows what one has, and how to name it."""
    (tmp_path / "x.jsonl").write_text('{"body": "one", "lang": "en"}\n' * 9)
    with pytest.raises(
        InputError, match=r"none of 9 records.*'text' is missing.*'body'.*--text names"
    ):
        corpus.audit(tmp_path)
    assert corpus.audit(tmp_path, text="body").statistics["documents"] == 9


def test_nothing_to_read_is_an_error(tmp_path):
    """An empty folder, or one that is not there, is an error of the input."""
    with pytest.raises(InputError, match="empty"):
        corpus.audit(tmp_path / "empty")


def test_damaged_parquet_is_named(tmp_path):
    """A file that is no Parquet is named."""
    (tmp_path / "x.parquet").write_bytes(b"PAR1 no PAR1")
    with pytest.raises(
        InputError, match=r"nothing could be read; x\.parquet: not a readable Par"
    ) as e:
        corpus.audit(tmp_path)
    assert "--text" not in str(e.value)


def test_files_of_every_kind_in_a_folder_are_read(tmp_path):
    """Beside Parquet, other files are read as well, and what kinds there were is told."""
    pq.write_table(pa.table({"text": ["One."]}), tmp_path / "a.parquet")
    (tmp_path / "b.jsonl").write_text('{"text": "Two."}\n{"text": "Three."}\n')
    (tmp_path / "c.txt").write_text("Four.")
    found = corpus.audit(tmp_path, thorough=False)
    assert found.statistics["documents"] == 4
    assert found.statistics["files"] == {"jsonl": 1, "parquet": 1, "text": 1}
    assert "files      1 jsonl, 1 parquet, 1 text" in str(found)
    assert "1 jsonl, 1 parquet, 1 text" in found.page()


def test_a_text_of_another_type_is_no_empty_text(tmp_path):
    """Numbers and nulls where texts belong are counted as unread and named, and others are read."""
    pq.write_table(pa.table({"text": pa.array([1, 2])}), tmp_path / "numbers.parquet")
    with pytest.raises(
        InputError, match=r"none of 2 .*'text' is a number, not a string.*--text names"
    ):
        corpus.audit(tmp_path)
    pq.write_table(pa.table({"text": ["One.", None, "Two."]}), tmp_path / "texts.parquet")
    found = corpus.audit(tmp_path, thorough=False).statistics
    assert found["documents"] == 2
    assert found["unread"]["records"] == 3
    assert any("texts.parquet:2: 'text' is null" in line for line in found["unread"]["first"])


def test_one_odd_score_takes_no_other_with_it(tmp_path):
    """A score that is no number is none; those of the other documents count."""
    scores = ["0.5", "high", "1e-1", None, " 1 ", "nan"]
    languages = ["de", "", None, "en", "en", "en"]
    table = pa.table({"text": list("abcdef"), "language": languages, "language_score": scores})
    pq.write_table(table, tmp_path / "x.parquet")
    found = corpus.audit(tmp_path, thorough=False).statistics
    assert sum(found["splits"]["train"]["scores"]) == 3
    assert found["doubtful"] == 2
    assert {r["name"]: r["documents"] for r in found["languages"]["rows"]} == {"de": 1, "en": 3}


def test_strings_that_are_no_utf8_are_counted_and_named(tmp_path):
    """Parquet may hold any bytes as a string: such a record is told as unread, not the end."""
    raw = pa.array([b"fine", b"\xff\xfe", b"as well"], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    pq.write_table(pa.table({"text": text}), tmp_path / "x.parquet")
    found = corpus.audit(tmp_path, thorough=False).statistics
    assert found["documents"] == 2
    assert found["unread"]["first"] == ["x.parquet:2: 'text' contains invalid UTF-8"]


def test_a_lost_file_weighs_its_bytes(tmp_path):
    """One damaged file beside many records is not one record in many."""
    (tmp_path / "a.jsonl").write_text('{"text": "One."}\n' * 2000)
    (tmp_path / "b.parquet").write_bytes(b"PAR1" + b"0" * 100_000)
    found = corpus.audit(tmp_path, thorough=False).statistics
    assert found["unread"]["records"] == 1
    assert found["unread"]["share"] > 0.7
    (check,) = (check for check in found["checks"] if check["id"] == "rejected")
    assert check["status"] == "fail"
    assert "% of the bytes" in check["reason"]


def test_a_column_without_any_text_is_given_up_early(tmp_path, monkeypatch):
    """After so many records without a text, the rest is not read to say so."""
    monkeypatch.setattr("corpus.auditing.measure.external_files.ENOUGH", 1000)
    pq.write_table(pa.table({"body": ["a"] * 5000}), tmp_path / "x.parquet")
    with pytest.raises(InputError, match="none of 1,000 records"):
        corpus.audit(tmp_path)


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_a_column_says_the_split_where_it_names_one(tmp_path, kind):
    """`split` in the data comes before the file's name; what is no split's name does not."""
    told = ["train", "Test", "val", "fold-3", None, ""]
    table = pa.table({"text": list("abcdef"), "split": told})
    if kind == "parquet":
        pq.write_table(table, tmp_path / "test.parquet")
    else:
        lines = "".join(json.dumps(row) + "\n" for row in table.to_pylist())
        (tmp_path / "test.jsonl").write_text(lines)
    found = corpus.audit(tmp_path, thorough=False).statistics
    assert {split: told["documents"] for split, told in found["splits"].items()} == {
        "train": 1, "validation": 1, "test": 4,
    }  # fmt: skip


def test_a_source_that_the_data_name_is_theirs(tmp_path):
    """A column `source` is told as it is, and the file where it says nothing."""
    pq.write_table(pa.table({"text": ["a", "b"], "source": ["wire", None]}), tmp_path / "x.parquet")
    found = corpus.audit(tmp_path, thorough=False).statistics
    assert [row["name"] for row in found["sources"]["rows"]] == ["wire", "x.parquet"]
    assert {row["id"] for row in found["sample"]} == {"x.parquet:1", "x.parquet:2"}


def test_the_summary_fits_a_terminal_and_obeys_nothing(tiny_build):
    """Some forty lines of a hundred columns, without an escape sequence, with the true numbers."""
    folder, manifest, audit = tiny_build
    (folder / "manifest.json").write_text(json.dumps(manifest))
    lines = str(corpus.audit(folder)).split("\n")
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 100
    assert not {"\x1b", "\u202e"} & set("".join(lines))
    assert f"{audit['documents']:,} documents" in lines[0]
    went = [int(line.split()[-1]) for line in lines if re.search(r" -\d+$", line)]
    assert manifest["counts"]["read"] + sum(went) == manifest["counts"]["kept"]


def test_a_sparkline_shows_the_highest_and_nothing():
    """Nothing is a space; the highest is a full block; little is a little."""
    assert sparkline([0, 1, 50, 100]) == " ▁▄█"
    assert sparkline([0, 1]) == " █"
    assert sparkline([2] + [0] * 95 + [1]) == "█" + " " * 31 + "▄"
    assert sparkline([]) == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("data/train-00000-of-00002.parquet", "train"),
        ("news.DEV.jsonl", "validation"),
        ("test/part-1.parquet", "test"),
        ("contest.parquet", "train"),
        ("latest-valid.jsonl", "validation"),
        ("val0.parquet", "validation"),
        ("evaluation.csv", "test"),
        ("eval-set/training.csv", "train"),
        ("value.csv", "train"),
    ],
)
def test_the_split_is_read_off_the_name(name, expected):
    """A split is a word of its own in the name of a file or folder; without one it is train."""
    assert split_of(Path(name)) == expected


def test_the_languages_that_data_say_are_told(tmp_path):
    """A language and its score that records have are the audit's, whatever the format."""
    rows = [{"text": "one two", "language": "de", "language_score": 0.5}, {"text": "three"}]
    (tmp_path / "train.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = corpus.audit(tmp_path).statistics
    told = found["languages"]
    assert [(row["name"], row["documents"]) for row in told["rows"]] == [("de", 1)]
    assert told["unknown"]["documents"] == found["doubtful"] == 1


def test_hostile_records_fit_the_terminal(tmp_path):
    """Names without end, dates of all times, controls: no line is too long, nothing is obeyed."""
    name = "\x1b[31m\u202e</style>" + "a" * 100_000
    days = ("0001-01-01", "9999-12-31", "2023-05-22", "never")
    rows = [{"text": name * (i + 1), "id": f"{name}{i}", "url": f"https://{name}/",
             "publisher": name, "language": name, name: i, "date": day}
            for i, day in enumerate(days)]  # fmt: skip
    (tmp_path / "train.jsonl").write_text("\n".join([*map(json.dumps, rows), "{" + name]))
    found = corpus.audit(tmp_path, thorough=False)
    lines = str(found).split("\n")
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 100
    assert not {"\x1b", "\u202e"} & set("".join(lines))
    assert len(found.page()) < 500_000


@pytest.mark.parametrize("kind", ["saved", "splits", "csv", "parquet"])
def test_data_sets_of_any_kind_are_measured(tmp_path, kind):
    """What `datasets` saves, one split or several, is measured, and so is what it exports."""
    import datasets

    rows = datasets.Dataset.from_dict({"text": ["The one.", "The other.", "And a third."]})
    if kind == "saved":
        rows.save_to_disk(tmp_path / "found")
    elif kind == "splits":
        both = {"train": rows.select([0, 1]), "test": rows.select([2])}
        datasets.DatasetDict(both).save_to_disk(tmp_path / "found")
    elif kind == "csv":
        rows.to_csv(tmp_path / "found.csv")
    else:
        rows.to_parquet(tmp_path / "found.parquet")
    (path,) = tmp_path.iterdir()
    found = corpus.audit(path, thorough=False).statistics
    assert found["documents"] == 3
    assert {s: told["documents"] for s, told in found["splits"].items()} == (
        {"train": 2, "test": 1} if kind == "splits" else {"train": 3}
    )


def test_addresses_are_read_as_sources_read_them(tmp_path, monkeypatch):
    """A URI is not a path of this machine; a data set that is not in the cache is named."""
    (tmp_path / "x.jsonl").write_text('{"text": "one two"}\n')
    found = corpus.audit(f"file://{tmp_path}/x.jsonl", thorough=False)
    assert (found.name, found.statistics["words"]) == ("x.jsonl", 2)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(InputError, match="not in the local cache"):
        corpus.audit("hf://datasets/nobody/nothing")


def test_the_text_of_a_build_is_no_other_column(tiny_build):
    """`text` names a column of anybody's files; asked of a build it is refused, not ignored."""
    folder, manifest, _ = tiny_build
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ConfigError, match=r"this is a build, .*'text'; leave --text out, or name"):
        corpus.audit(folder, text="title", thorough=False)
    by_title = corpus.audit(folder / "data", text="title", thorough=False).statistics
    assert by_title["words"] != corpus.audit(folder / "data", thorough=False).statistics["words"]


@pytest.mark.parametrize("where", [".", "audit", "a/b"])
def test_no_page_is_written_into_a_build(tiny_build, tmp_path, where):
    """A build holds what was built: neither is its own audit overwritten, nor a file put beside."""
    folder, manifest, _ = tiny_build
    found = corpus.audit(folder / "data", thorough=False)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "link").symlink_to(folder)
    before = sorted(folder.rglob("*"))
    for build in (folder, tmp_path / "link"):
        with pytest.raises(ConfigError, match=r"in the build .*/news, .*name a folder outside"):
            found.write(build / where)
    assert sorted(folder.rglob("*")) == before
    assert found.write(tmp_path / "audit").is_file()


ABOUT = ("README.md", "LICENSE.txt", "requirements.txt", "croissant.json", "dataset_infos.json")


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_a_clone_of_a_data_set_is_its_tables(tmp_path, kind):
    """What the Hub has beside the data is about them: it is no document, no reject, and named."""
    (tmp_path / "data").mkdir()
    for split, texts in (("train", ["One two.", "Three."]), ("test", ["Four."])):
        path = tmp_path / "data" / f"{split}-00000-of-00001.{kind}"
        if kind == "parquet":
            pq.write_table(pa.table({"text": texts}), path)
        else:
            path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    for name in (*ABOUT, "LICENSE", ".gitattributes"):
        (tmp_path / name).write_text('{\n  "about": "the data"\n}\n')
    found = corpus.audit(tmp_path, thorough=False)
    assert found.statistics["documents"] == 3
    assert found.statistics["files"] == {kind: 2}
    assert found.statistics["unread"] == {
        "records": 0, "share": 0, "first": [], "skipped": sorted(ABOUT),
    }  # fmt: skip
    assert "no data    LICENSE.txt, README.md, croissant.json" in str(found)
    beside = found.page().partition("Beside the data, and no data: ")[2].partition("</p>")[0]
    assert all(name in beside for name in ABOUT)


def test_without_a_table_a_readme_is_a_text(tmp_path):
    """A folder of texts may be one of READMEs; and a table may have any name."""
    (tmp_path / "README.md").write_text("One.")
    (tmp_path / "licence.txt").write_text("Two.")
    assert corpus.audit(tmp_path, thorough=False).statistics["documents"] == 2
    (tmp_path / "readme.jsonl").write_text('{"text": "Three."}\n')
    assert corpus.audit(tmp_path, thorough=False).statistics["documents"] == 1
