"""Tests of the preview of a source: what `corpus check` shows of its first records."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus import storage
from corpus.cli.check import Plan, plan
from corpus.config.load import load_config
from corpus.errors import ConfigError, EnvironmentFault, InputError
from corpus.preview import first_records
from corpus.preview.columns import visible_text

STORY = "The ferry was late again on {}, and nobody at the quay knew the reason for it."


def rows(n: int = 3, **columns: object) -> list[dict[str, object]]:
    """Return some records of a crawler."""
    return [
        {"uid": i, "body": STORY.format(i), "headline": f"Ferry {i}", "stars": i} | columns
        for i in range(n)
    ]


def jsonl(records: list[dict[str, object]]) -> str:
    """Return the records as JSON lines."""
    return "".join(json.dumps(record) + "\n" for record in records)


def check(folder: Path, text: str | bytes, name: str = "wire.jsonl", **source: object) -> Plan:
    """Return the plan for one file with these contents."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    output = {"path": str(folder / "out")}
    settings = {"path": str(path)} | source
    return plan(load_config({"name": "n", "sources": [settings], "output": output}))


def test_the_mapping_of_columns_is_shown_with_an_example(tmp_path):
    """Each column has our name, the source's, its type, and a value of the first document."""
    made = check(tmp_path, jsonl(rows()), columns={"text": "body", "title": "headline"})
    (source,) = made.sources
    columns = {c.name: (c.source_name, c.type) for c in source.columns}

    assert columns["text"] == ("body", "string")
    assert columns["title"] == ("headline", "string")
    assert columns["stars"] == ("stars", "int64")
    assert source.example["title"] == "Ferry 0"
    assert source.is_all
    assert source.records == 3
    lines = [" ".join(line.split()) for line in str(made).splitlines()]
    assert any(line.startswith("text <- body The ferry was late again on 0") for line in lines)
    assert "stars int64 0" in lines
    assert made.errors == ()


@pytest.mark.parametrize("wrong", ["boddy", "text"])
def test_a_missing_text_column_is_an_error_with_the_setting_to_paste(tmp_path, wrong):
    """The column that was meant is found by its spelling or by its meaning."""
    (error,) = check(tmp_path, jsonl(rows()), columns={"text": wrong}).errors

    assert isinstance(error, ConfigError)
    assert f"has the column '{wrong}'; there are 'body', 'headline', 'stars'" in str(error)
    assert "`columns: {text: body}`" in str(error)


def test_another_missing_column_is_a_warning_with_the_nearest_name(tmp_path):
    """A column that no record fills is named, with the one that was probably meant."""
    made = check(tmp_path, jsonl(rows()), columns={"text": "body", "title": "headlin"})
    (warning,) = [text for text in made.warnings if "headlin`" in text]

    assert warning.startswith("sources[0].columns.title: no record has a value in `headlin`")
    assert "did you mean `columns: {title: headline}`?" in warning


def test_columns_that_could_fill_ours_are_proposed(tmp_path):
    """An empty column of ours is proposed with the source's column of the same meaning."""
    (source,) = check(tmp_path, jsonl(rows()), columns={"text": "body"}).sources

    assert source.proposed_columns == {"title": "headline", "id": "uid"}


def test_dates_are_counted_with_examples_of_unparsed_ones(tmp_path):
    """The preview counts parsed and unparsed dates, and decides ambiguous ones like a build."""
    days = ["27/03/2019", "05/03/2019", "soon", "later"]
    text = jsonl([row | {"date": day} for row, day in zip(rows(4), days, strict=True)])
    (source,) = check(tmp_path, text, columns={"text": "body"}).sources

    assert (source.dates.parsed, source.dates.unparsed) == (2, 2)
    assert source.dates.unparsed_examples == ("later", "soon")
    assert source.dates.inferred_format == "%d/%m/%Y"


def test_dates_of_which_none_parses_are_a_warning(tmp_path):
    """The warning has three of the values."""
    made = check(tmp_path, jsonl(rows(4, date="next week")), columns={"text": "body"})
    (warning,) = [text for text in made.warnings if "date" in text]

    assert "4 of 4 dates" in warning
    assert "'next week'" in warning
    assert made.errors == ()


def test_a_split_by_date_without_dates_is_an_error(tmp_path):
    """A build would refuse the config, so `check` does."""
    (tmp_path / "a.jsonl").write_text(jsonl(rows(4, date="next week", text="x")))
    config = {
        "name": "n",
        "sources": [{"path": str(tmp_path / "a.jsonl")}],
        "stages": [{"stage": "split", "by": "date"}],
        "output": {"path": str(tmp_path / "out")},
    }
    (error,) = plan(load_config(config)).errors

    assert "split cannot be by date" in str(error)


def test_unreadable_records_are_shown_with_their_reason(tmp_path):
    """Each reason has its first record; more than `on_error` allows would stop the build."""
    made = check(tmp_path, jsonl(rows(2)) + "{bad\n", columns={"text": "body"})
    (source,) = made.sources

    assert [reject.record for reject in source.rejects] == [3]
    assert "wire.jsonl, record 3: invalid JSON" in str(made)
    (error,) = made.errors
    assert isinstance(error, InputError)
    assert "Nothing would be built." in str(error)
    assert "To build without them, set on_error to at least 0.334: that loses 1 record." in str(
        error
    )


def test_empty_texts_and_repeated_ids_are_reported(tmp_path):
    """Both are no errors: a build removes the one and renames the other."""
    records = [{"id": "a", "text": "one"}, {"id": "a", "text": "two"}, {"id": "b", "text": None}]
    records.append({"id": "c", "text": " \n"})
    made = check(tmp_path, jsonl(records))
    (source,) = made.sources

    assert (source.empty_texts, source.repeated_ids) == (2, 2)
    assert "2 documents would get another id" in str(made)
    assert any("2 records of 4 without a text" in text for text in made.warnings)


def test_control_characters_do_not_reach_the_terminal(tmp_path):
    """Values and names of columns are shown with their control characters escaped."""
    made = check(tmp_path, jsonl(rows(1, **{"a\x1b[31m": "\x1b]0;x\x07", "text": "\x1b[2J"})))

    assert "\x1b" not in str(made)
    assert "\\x1b[2J" in str(made)
    assert "<script" not in check(tmp_path, jsonl(rows(1, text="<script>")))._repr_html_()


@pytest.mark.parametrize("compress", [lambda data: data, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.warc"])
def test_a_large_file_is_cut_without_a_wrong_report(tmp_path, monkeypatch, name, compress):
    """Of a large file, the first records are shown; the cut itself is no unreadable record."""
    monkeypatch.setattr(first_records, "MAX_BYTES", 20_000)
    records = rows(400, text="A short text.")
    if name.endswith("csv"):
        text = "text,n\n" + "".join(f'"A short, text.",{i}\n' for i in range(2000))
    elif name.endswith("warc"):
        text = "".join(
            "WARC/1.0\r\nWARC-Type: resource\r\nContent-Type: text/html\r\nContent-Length: 11\r\n"
            "\r\n<p>page</p>\r\n\r\n"
            for _ in range(400)
        )
    else:
        text = jsonl(records) if name.endswith("jsonl") else json.dumps(records)
    (source,) = check(tmp_path, compress(text.encode()), name).sources

    assert not source.is_all
    assert 50 < source.records < 1000
    assert source.rejects == ()
    assert source.errors == ()


def test_a_large_parquet_file_is_read_in_part(tmp_path, monkeypatch):
    """Only the first batch of a large Parquet file is read."""
    monkeypatch.setattr(first_records, "MAX_BYTES", 1000)
    pq.write_table(pa.table({"text": [STORY.format(i) for i in range(9000)]}), tmp_path / "a.pq")
    (source,) = plan(
        load_config({"name": "n", "sources": [{"path": str(tmp_path / "a.pq")}]})
    ).sources

    assert source.records == 1000
    assert not source.is_all


def test_a_large_page_is_not_cut(tmp_path, monkeypatch):
    """A page that is too large for the preview is left out of it, and is no unreadable record."""
    monkeypatch.setattr(first_records, "MAX_BYTES", 1000)
    made = check(tmp_path, "word " * 1000, "a.txt")

    assert made.sources[0].records == 0
    assert made.errors == ()


def test_skipped_records_of_a_web_archive_are_counted_by_reason(tmp_path):
    """Records that are not pages are listed by reason, as after a build."""
    head = "WARC/1.0\r\nWARC-Type: {}\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n"
    text = head.format("request") * 2 + head.format("metadata")
    made = check(tmp_path, text, "a.warc")

    assert made.sources[0].skipped == {"request": 2, "metadata": 1}
    assert "skipped because they are not documents: 3 (2 request, 1 metadata)" in str(made)


def test_a_page_is_shown_without_its_tags(tmp_path):
    """The example of an HTML page is its visible text, and no kernel is compiled for it."""
    page = "<html><head><title>Quay</title><style>p{}</style></head><body><p>A&amp;B</p></body>"
    (source,) = check(tmp_path, page, "a.html").sources

    assert source.example["text"] == "Quay A&B"


def test_nothing_is_compiled_for_a_plan(tmp_path):
    """The preview of every format works without numba, so `check` answers at once."""
    for name in ("a.html", "b.txt", "c.jsonl"):
        (tmp_path / name).write_text('{"text": "x"}\n')
    (tmp_path / "n.yaml").write_text("name: n\nsources: [{path: '*.[hj]*'}, {path: '*.txt'}]\n")
    code = (
        "import sys, corpus; corpus.check(sys.argv[1]);"
        "sys.exit('numba' in sys.modules or 'trafilatura' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "n.yaml")], check=True)


@pytest.fixture
def quiet_config(tmp_path):
    """Return a config with one readable file, and the folder that it builds."""
    (tmp_path / "a.jsonl").write_text('{"text": "x"}\n')
    out = tmp_path / "out"
    config = {
        "name": "n",
        "sources": [{"path": str(tmp_path / "a.jsonl")}],
        "output": {"path": str(out)},
    }
    return load_config(config), out


def test_an_occupied_output_is_an_error(quiet_config):
    """A folder that is not a build is foreseen with the error that a build would raise."""
    config, out = quiet_config
    out.mkdir()
    assert plan(config).errors == ()
    (out / "thesis.doc").write_text("mine")
    (error,) = plan(config).errors

    assert isinstance(error, ConfigError)
    assert "not a build of corpus" in str(error)


def test_a_running_build_is_an_error_of_the_environment(quiet_config):
    """The lock of another build is foreseen, without trying it."""
    config, out = quiet_config
    with storage.lock(out.with_name(".out") / "lock", "out"):
        (error,) = plan(config).errors

    assert isinstance(error, EnvironmentFault)
    assert f"process {os.getpid()}" in str(error)
    assert plan(config).errors == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_missing_permission_is_an_error_of_the_environment(quiet_config):
    """A folder without write permission is foreseen."""
    config, out = quiet_config
    out.parent.chmod(0o500)
    try:
        (error,) = plan(config).errors
    finally:
        out.parent.chmod(0o700)

    assert isinstance(error, EnvironmentFault)
    assert "no permission" in str(error)


def test_a_full_disk_is_an_error_of_the_environment(quiet_config, monkeypatch):
    """A disk that is certainly too small is foreseen."""
    config, _ = quiet_config
    monkeypatch.setattr("shutil.disk_usage", lambda _: _Usage())
    (error,) = plan(config).errors

    assert isinstance(error, EnvironmentFault)
    assert "only 0 bytes are free" in str(error)


class _Usage:
    free = 0


@pytest.mark.parametrize("name", ["a.jsonl", "a.txt"])
def test_of_a_large_archive_the_first_members_are_read(tmp_path, monkeypatch, name):
    """An archive is read up to the same limit as a file, in the middle of a member or after it."""
    monkeypatch.setattr(first_records, "MAX_BYTES", 20_000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        for i in range(9):
            text = jsonl(rows(100, text="A short text.")) if name.endswith("l") else "word " * 2000
            out.writestr(f"{i}-{name}", text)
    (source,) = plan(
        load_config({"name": "n", "sources": [{"path": str(tmp_path / "a.zip")}]})
    ).sources

    assert not source.is_all
    assert source.rejects == ()
    assert source.records in range(1, 300)


def test_a_header_without_the_text_is_an_error_whatever_follows(tmp_path, monkeypatch):
    """All rows of a CSV file have its header's columns, so the first rows are enough."""
    monkeypatch.setattr(first_records, "MAX_BYTES", 1000)
    made = check(tmp_path, "body,n\n" + "word word,1\n" * 1000, "a.csv")
    assert "`columns: {text: body}`" in str(made.errors[0])

    made = check(tmp_path, jsonl(rows(1000)))
    assert made.errors == ()
    (warning,) = [text for text in made.warnings if "`columns: {text: body}`" in text]
    assert "of the" in warning


def test_a_nested_column_without_values_is_a_warning(tmp_path):
    """A dotted name that reaches nothing is named."""
    made = check(tmp_path, jsonl(rows()), columns={"text": "body", "date": "meta.published"})

    assert any("no record has a value in `meta.published`" in text for text in made.warnings)


def test_an_extra_column_that_no_record_has_is_a_warning(tmp_path):
    """A name in `extra_columns` that does not exist is named."""
    made = check(tmp_path, jsonl(rows()), columns={"text": "body"}, extra_columns=["stars", "star"])

    (warning,) = [text for text in made.warnings if "extra_columns" in text]
    assert warning == "sources[0].extra_columns: no record has the column `star`"


@pytest.mark.parametrize("unit", ["<script>", "<!--", "<a ", "<"])
def test_a_page_of_tags_without_an_end_is_shown(unit):
    """What has no end is not searched for again; it hides the rest of the page, as in a browser."""
    shown = visible_text("The ferry <b>is</b> late. " + unit * (200_000 // len(unit)))
    assert shown[:24] == "The ferry  is  late. " + (3 * "<" if unit == "<" else " ")


def test_a_sign_that_opens_no_tag_is_text():
    """A `<` before a number or a space is not a tag."""
    assert visible_text("<p>1 < 2 and <3 <b>now</b></p>").split() == "1 < 2 and <3 now".split()  # noqa: SIM905
