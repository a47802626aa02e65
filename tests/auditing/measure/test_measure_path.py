"""The audit of any path has the numbers of its documents."""

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


def test_a_build_measured_again_matches_its_own_audit(tiny_build):
    """The statistics of the shards are those that were written when it was built."""
    folder, manifest, audit = tiny_build
    (folder / "manifest.json").write_text(json.dumps(manifest | {"identity": "1f"}))
    (folder / "audit").mkdir()
    (folder / "audit" / "audit.json").write_text(json.dumps(audit))
    again = corpus.audit(folder)
    recomputed = ("status", "checks", "near", "topics", "same")
    assert {k: v for k, v in again.statistics.items() if k not in recomputed} == {
        k: v for k, v in audit.items() if k not in recomputed
    }
    assert again.statistics["same"]["url"] == audit["same"]["url"]
    assert again.statistics["near"]["documents"] == audit["documents"]
    assert again.name == "news"


def test_the_page_and_audit_json_are_written(tiny_build, tmp_path):
    """`write` creates the folder, the page and audit.json, and returns the page."""
    folder, _, audit = tiny_build
    page = corpus.audit(folder / "data").write(tmp_path / "a" / "b")
    assert page.read_text().startswith("<!doctype html>")
    report = json.loads((page.parent / "audit.json").read_text())
    assert report["documents"] == audit["documents"]


def test_parquet_with_any_columns_is_measured(tmp_path):
    """Other types and names, and missing ids, are measured; file names give the splits."""
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
    report = corpus.audit(tmp_path, text="body").statistics
    assert {split: counts["documents"] for split, counts in report["splits"].items()} == {
        "train": 2,
        "validation": 2,
    }
    assert report["words"] == 6
    assert report["splits"]["train"]["months"] == {"2023-05": 1}
    ids = {row["id"] for row in report["sample"]}
    assert ids == {"1", "2", "sub/dev-00000.parquet:1", "sub/dev-00000.parquet:2"}
    assert {row["name"]: row["documents"] for row in report["languages"]["rows"]} == {
        "de": 2,
        "en": 2,
    }


def test_json_lines_are_measured_and_rejects_listed(tmp_path):
    """Records that can be read are measured; the others are listed."""
    lines = ['{"text": "one two"}', '{"text": "three"}', "{broken"]
    (tmp_path / "test.jsonl").write_text("\n".join(lines) + "\n")
    audit = corpus.audit(tmp_path)
    assert audit.statistics["splits"]["test"]["words"] == 3
    assert audit.statistics["unread"]["records"] == 1
    assert {"id": "rejected", "status": "fail"}.items() <= audit.statistics["checks"][1].items()
    assert "test.jsonl:3" in str(audit)
    assert "test.jsonl:3" in audit.page()


def test_a_missing_text_column_is_an_error_that_lists_the_columns(tmp_path):
    """If the text column is missing, the error lists the columns that exist."""
    pq.write_table(pa.table({"body": ["a", "b"]}), tmp_path / "x.parquet")
    with pytest.raises(
        InputError, match=r"none of 2 records.*'text' is missing.*'body'.*--text names"
    ):
        corpus.audit(tmp_path)


def test_records_without_a_text_are_an_error_that_lists_their_keys(tmp_path):
    """If no record has the text column, the error lists the keys of one, and the option."""
    (tmp_path / "x.jsonl").write_text('{"body": "one", "lang": "en"}\n' * 9)
    with pytest.raises(
        InputError, match=r"none of 9 records.*'text' is missing.*'body'.*--text names"
    ):
        corpus.audit(tmp_path)
    assert corpus.audit(tmp_path, text="body").statistics["documents"] == 9


def test_nothing_to_read_is_an_error(tmp_path):
    """A folder that is empty or missing is an input error."""
    with pytest.raises(InputError, match="empty"):
        corpus.audit(tmp_path / "empty")


def test_damaged_parquet_is_named(tmp_path):
    """A file that is not Parquet is named."""
    (tmp_path / "x.parquet").write_bytes(b"PAR1 no PAR1")
    with pytest.raises(
        InputError, match=r"nothing could be read; x\.parquet: not a readable Par"
    ) as e:
        corpus.audit(tmp_path)
    assert "--text" not in str(e.value)


def test_all_formats_in_a_folder_are_read(tmp_path):
    """Files of several formats are read together, and the number of each is reported."""
    pq.write_table(pa.table({"text": ["One."]}), tmp_path / "a.parquet")
    (tmp_path / "b.jsonl").write_text('{"text": "Two."}\n{"text": "Three."}\n')
    (tmp_path / "c.txt").write_text("Four.")
    audit = corpus.audit(tmp_path, topics=False)
    assert audit.statistics["documents"] == 4
    assert audit.statistics["files"] == {"jsonl": 1, "parquet": 1, "text": 1}
    assert "files      1 jsonl, 1 parquet, 1 text" in str(audit)
    assert "1 jsonl, 1 parquet, 1 text" in audit.page()


def test_a_text_of_another_type_is_unreadable(tmp_path):
    """Numbers and nulls instead of texts are counted as unreadable; other records are read."""
    pq.write_table(pa.table({"text": pa.array([1, 2])}), tmp_path / "numbers.parquet")
    with pytest.raises(
        InputError, match=r"none of 2 .*'text' is a number, not a string.*--text names"
    ):
        corpus.audit(tmp_path)
    pq.write_table(pa.table({"text": ["One.", None, "Two."]}), tmp_path / "texts.parquet")
    report = corpus.audit(tmp_path, topics=False).statistics
    assert report["documents"] == 2
    assert report["unread"]["records"] == 3
    assert any("texts.parquet:2: 'text' is null" in line for line in report["unread"]["first"])


def test_one_invalid_score_does_not_affect_the_others(tmp_path):
    """A score that is not a number is ignored; all other scores count."""
    scores = ["0.5", "high", "1e-1", None, " 1 ", "nan"]
    languages = ["de", "", None, "en", "en", "en"]
    table = pa.table({"text": list("abcdef"), "language": languages, "language_score": scores})
    pq.write_table(table, tmp_path / "x.parquet")
    report = corpus.audit(tmp_path, topics=False).statistics
    assert sum(report["splits"]["train"]["scores"]) == 3
    assert report["doubtful"] == 2
    assert {r["name"]: r["documents"] for r in report["languages"]["rows"]} == {"de": 1, "en": 3}


def test_strings_that_are_not_utf8_are_unreadable(tmp_path):
    """A Parquet string may have any bytes; a record that is not UTF-8 is listed as unreadable."""
    raw = pa.array([b"fine", b"\xff\xfe", b"as well"], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    pq.write_table(pa.table({"text": text}), tmp_path / "x.parquet")
    report = corpus.audit(tmp_path, topics=False).statistics
    assert report["documents"] == 2
    assert report["unread"]["first"] == ["x.parquet:2: 'text' contains invalid UTF-8"]


def test_an_unreadable_file_weighs_its_bytes(tmp_path):
    """A damaged file counts by its bytes, not as one record."""
    (tmp_path / "a.jsonl").write_text('{"text": "One."}\n' * 2000)
    (tmp_path / "b.parquet").write_bytes(b"PAR1" + b"0" * 100_000)
    report = corpus.audit(tmp_path, topics=False).statistics
    assert report["unread"]["records"] == 1
    assert report["unread"]["share"] > 0.7
    (check,) = (check for check in report["checks"] if check["id"] == "rejected")
    assert check["status"] == "fail"
    assert "% of the bytes" in check["reason"]


def test_a_column_without_texts_is_an_early_error(tmp_path, monkeypatch):
    """After many records without a text, the rest is not read."""
    monkeypatch.setattr("corpus.auditing.measure.external_files.MAX_UNREADABLE_RECORDS", 1000)
    pq.write_table(pa.table({"body": ["a"] * 5000}), tmp_path / "x.parquet")
    with pytest.raises(InputError, match="none of 1,000 records"):
        corpus.audit(tmp_path)


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_the_column_split_comes_before_the_file_name(tmp_path, kind):
    """The value of `split` is used if it is the name of a split, otherwise the file name."""
    values = ["train", "Test", "val", "fold-3", None, ""]
    table = pa.table({"text": list("abcdef"), "split": values})
    if kind == "parquet":
        pq.write_table(table, tmp_path / "test.parquet")
    else:
        lines = "".join(json.dumps(row) + "\n" for row in table.to_pylist())
        (tmp_path / "test.jsonl").write_text(lines)
    report = corpus.audit(tmp_path, topics=False).statistics
    assert {split: counts["documents"] for split, counts in report["splits"].items()} == {
        "train": 1, "validation": 1, "test": 4,
    }  # fmt: skip


def test_the_column_source_is_used(tmp_path):
    """The value of `source` is used as it is, and the file name where it is null."""
    pq.write_table(pa.table({"text": ["a", "b"], "source": ["wire", None]}), tmp_path / "x.parquet")
    report = corpus.audit(tmp_path, topics=False).statistics
    assert [row["name"] for row in report["sources"]["rows"]] == ["wire", "x.parquet"]
    assert {row["id"] for row in report["sample"]} == {"x.parquet:1", "x.parquet:2"}


def test_an_audit_has_a_short_repr_and_an_html_table(tiny_build):
    """The repr has the name, the size and the problems; the HTML has every check, escaped."""
    folder, manifest, _ = tiny_build
    (folder / "manifest.json").write_text(json.dumps(manifest | {"name": "<b>news</b>"}))
    audit = corpus.audit(folder, topics=False)
    statuses = [check["status"] for check in audit.statistics["checks"]]
    assert (statuses.count("fail"), statuses.count("warn")) == (1, 5)
    assert repr(audit) == "<Audit <b>news</b>: 11 documents, 1 failure, 5 warnings>"
    markup = audit._repr_html_()
    assert "<h4>&lt;b&gt;news&lt;/b&gt;</h4>" in markup
    assert "<td>documents</td><td>11</td>" in markup
    assert all(markup.count(f"<td>{status}</td>") == statuses.count(status) for status in statuses)


def test_the_summary_fits_a_terminal_and_is_safe(tiny_build):
    """The summary has at most 45 lines of 100 columns, no escape sequences, and right sums."""
    folder, manifest, audit = tiny_build
    (folder / "manifest.json").write_text(json.dumps(manifest))
    lines = str(corpus.audit(folder)).split("\n")
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 100
    assert not {"\x1b", "\u202e"} & set("".join(lines))
    assert f"{audit['documents']:,} documents" in lines[0]
    removed = [int(line.split()[-1]) for line in lines if re.search(r" -\d+$", line)]
    assert manifest["counts"]["read"] + sum(removed) == manifest["counts"]["kept"]


def test_a_sparkline_scales_to_the_maximum():
    """Zero is a space, the maximum a full block, and small values are visible."""
    assert sparkline([0, 1, 50, 100]) == " ▁▄█"
    assert sparkline([0, 1]) == " █"
    assert sparkline([2] + [0] * 95 + [1]) == "█" + " " * 31 + "▄"
    assert sparkline([]) == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("data/train-00000-of-00002.parquet", "train"),
        ("data/test-00000-of-00002-1f3a9c07.parquet", "test"),
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
def test_the_split_is_a_word_in_the_file_name(name, expected):
    """The split is a separate word in the name of a file or folder; the default is train."""
    assert split_of(Path(name)) == expected


def test_languages_in_the_data_are_used(tmp_path):
    """The language and score of a record are used, whatever the format."""
    rows = [{"text": "one two", "language": "de", "language_score": 0.5}, {"text": "three"}]
    (tmp_path / "train.jsonl").write_text("\n".join(map(json.dumps, rows)))
    report = corpus.audit(tmp_path).statistics
    languages = report["languages"]
    assert [(row["name"], row["documents"]) for row in languages["rows"]] == [("de", 1)]
    assert languages["unknown"]["documents"] == report["doubtful"] == 1


def test_hostile_records_fit_the_terminal(tmp_path):
    """Endless names, extreme dates and control characters give no long or unsafe line."""
    name = "\x1b[31m\u202e</style>" + "a" * 100_000
    days = ("0001-01-01", "9999-12-31", "2023-05-22", "never")
    rows = [{"text": name * (i + 1), "id": f"{name}{i}", "url": f"https://{name}/",
             "publisher": name, "language": name, name: i, "date": day}
            for i, day in enumerate(days)]  # fmt: skip
    (tmp_path / "train.jsonl").write_text("\n".join([*map(json.dumps, rows), "{" + name]))
    audit = corpus.audit(tmp_path, topics=False)
    lines = str(audit).split("\n")
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 100
    assert not {"\x1b", "\u202e"} & set("".join(lines))
    assert len(audit.page()) < 500_000


@pytest.mark.parametrize("kind", ["saved", "splits", "csv", "parquet"])
def test_what_datasets_saves_is_measured(tmp_path, kind):
    """Datasets that `datasets` saves or exports, of one split or several, are measured."""
    import datasets

    rows = datasets.Dataset.from_dict({"text": ["The one.", "The other.", "And a third."]})
    if kind == "saved":
        rows.save_to_disk(tmp_path / "saved")
    elif kind == "splits":
        both = {"train": rows.select([0, 1]), "test": rows.select([2])}
        datasets.DatasetDict(both).save_to_disk(tmp_path / "saved")
    elif kind == "csv":
        rows.to_csv(tmp_path / "report.csv")
    else:
        rows.to_parquet(tmp_path / "report.parquet")
    (path,) = tmp_path.iterdir()
    report = corpus.audit(path, topics=False).statistics
    assert report["documents"] == 3
    assert {split: counts["documents"] for split, counts in report["splits"].items()} == (
        {"train": 2, "test": 1} if kind == "splits" else {"train": 3}
    )


def test_uris_are_read_as_sources_read_them(tmp_path, monkeypatch):
    """A URI is not a local path; a dataset that is not in the cache is an error."""
    (tmp_path / "x.jsonl").write_text('{"text": "one two"}\n')
    audit = corpus.audit(f"file://{tmp_path}/x.jsonl", topics=False)
    assert (audit.name, audit.statistics["words"]) == ("x.jsonl", 2)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match="not in the local cache"):
        corpus.audit("hf://datasets/nobody/nothing")


def test_a_build_has_no_other_text_column(tiny_build):
    """`text` names a column of external files; for a build it is an error, not ignored."""
    folder, manifest, _ = tiny_build
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ConfigError, match=r"this is a build, .*'text'; leave out --text, or audit"):
        corpus.audit(folder, text="title", topics=False)
    by_title = corpus.audit(folder / "data", text="title", topics=False).statistics
    assert by_title["words"] != corpus.audit(folder / "data", topics=False).statistics["words"]


@pytest.mark.parametrize("where", [".", "audit", "a/b"])
def test_no_page_is_written_into_a_build(tiny_build, tmp_path, where):
    """A build is never changed: its audit is not overwritten, and no file is added."""
    folder, manifest, _ = tiny_build
    audit = corpus.audit(folder / "data", topics=False)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "link").symlink_to(folder)
    before = sorted(folder.rglob("*"))
    for build in (folder, tmp_path / "link"):
        with pytest.raises(ConfigError, match=r"in the build .*/news, .*name a folder outside"):
            audit.write(build / where)
    assert sorted(folder.rglob("*")) == before
    assert audit.write(tmp_path / "audit").is_file()


METADATA_FILES = (
    "README.md",
    "LICENSE.txt",
    "requirements.txt",
    "croissant.json",
    "dataset_infos.json",
)


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_metadata_files_of_a_dataset_are_skipped(tmp_path, kind):
    """Files that describe a dataset are neither documents nor rejects, but are listed."""
    (tmp_path / "data").mkdir()
    for split, texts in (("train", ["One two.", "Three."]), ("test", ["Four."])):
        path = tmp_path / "data" / f"{split}-00000-of-00001.{kind}"
        if kind == "parquet":
            pq.write_table(pa.table({"text": texts}), path)
        else:
            path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    for name in (*METADATA_FILES, "LICENSE", ".gitattributes"):
        (tmp_path / name).write_text('{\n  "about": "the data"\n}\n')
    audit = corpus.audit(tmp_path, topics=False)
    assert audit.statistics["documents"] == 3
    assert audit.statistics["files"] == {kind: 2}
    assert audit.statistics["unread"] == {
        "records": 0, "share": 0, "first": [], "skipped": sorted(["LICENSE", *METADATA_FILES])[:5],
    }  # fmt: skip
    assert "skipped    LICENSE, LICENSE.txt, README.md, croissant.json" in str(audit)
    skipped = audit.page().partition("Skipped because they are not data: ")[2].partition("</p>")[0]
    assert all(name in skipped for name in sorted(METADATA_FILES)[:4])


def test_a_readme_among_plain_texts_is_a_document(tmp_path):
    """A README is a document in a folder of plain texts, and a table may have any name."""
    (tmp_path / "README.md").write_text("One.")
    (tmp_path / "licence.txt").write_text("Two.")
    assert corpus.audit(tmp_path, topics=False).statistics["documents"] == 2
    (tmp_path / "readme.jsonl").write_text('{"text": "Three."}\n')
    assert corpus.audit(tmp_path, topics=False).statistics["documents"] == 1
