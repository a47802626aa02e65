"""Tests of guessed configs: formats, contents and columns of files that have no config."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import corpus
from corpus.config.load import load_config
from corpus.errors import ConfigError, InputError
from corpus.preview.guess import existing_config, guess_for, is_config, name_for
from corpus.preview.guess_content import guess_content
from corpus.preview.guess_sources import guess_sources
from corpus.preview.write_config import config_name

STORY = "On day {} the ferry to the island left an hour late, because the cook was not on board."
PAGE = "Home\nSport\nWeather\nAbout us\nLog in\n\n{}\n\nRead more\nMost read\nContact\nImprint\n"


def crawled(n: int = 3) -> list[dict[str, Any]]:
    """Return records as a crawler writes them."""
    return [
        {
            "body": STORY.format(i),
            "headline": f"Ferry late, day {i}",
            "published_at": f"2019-04-{i + 1:02}T10:30:00Z",
            "byline": ["Ann Ode", "Ben Ebb"],
            "link": f"https://example.org/{i}",
            "uid": f"u{i}",
            "stars": i,
        }
        for i in range(n)
    ]


MAPPING = {
    "text": "body",
    "title": "headline",
    "author": "byline",
    "date": "published_at",
    "url": "link",
    "id": "uid",
}


def write(path: Path, data: str | bytes) -> Path:
    """Write a file with its folders, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def lines(records: list[dict[str, Any]]) -> str:
    """Return the records as JSON lines."""
    return "".join(json.dumps(record) + "\n" for record in records)


def write_csv(path: Path, header: list[str], rows: list[list[object]]) -> Path:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])
    return path


def source_of(path: Path) -> Any:
    """Return the only source of the guessed config, which `check` accepts."""
    config = corpus.guess_config(path)
    checked = corpus.check(config)
    assert checked.errors == ()
    assert sum(source.notes.texts for source in checked.sources) > 0
    (source,) = config.sources
    return source


JSON_SHAPES = {
    "lines": lines(crawled()),
    "list": json.dumps(crawled()),
    "pretty": "\n".join(json.dumps(record, indent=2) for record in crawled()),
    "wrapper": json.dumps({"status": "ok", "articles": crawled()}),
    "deep wrapper": json.dumps({"data": {"n": 3, "items": crawled()}}),
    "one record": json.dumps(crawled(1)[0]),
    "cut": lines(crawled())[:-30],
    "bad byte": b'{"body": "\xff"}\n' + lines(crawled()).encode(),
}


@pytest.mark.parametrize("compress", [lambda data: data, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("shape", JSON_SHAPES)
def test_columns_of_json_are_guessed_from_their_names(tmp_path, shape, compress):
    """In every shape of JSON, the columns of a crawler become ours."""
    data = JSON_SHAPES[shape]
    data = data if isinstance(data, bytes) else data.encode()
    suffix = ".gz" if data != compress(data) else ""
    path = write(tmp_path / f"a.json{suffix}", compress(data))
    (source,) = corpus.guess_config(path).sources

    assert source.columns == MAPPING
    assert source.content == "text"
    assert source.records is None


def test_the_largest_of_several_lists_has_the_records(tmp_path):
    """Where several lists have texts, the config says which one is read."""
    data = {"data": {"ads": [{"body": "Buy!"}], "items": crawled()}}
    source = source_of(write(tmp_path / "a.json", json.dumps(data)))

    assert source.records == "data.items"
    assert source.columns == MAPPING


def test_nested_columns_are_guessed_by_their_last_name(tmp_path):
    """A text in a nested object is reached with a dotted name."""
    records = [
        {"article": {"body": STORY.format(i)}, "meta": {"title": "Ferry", "pubDate": "2019-04-15"}}
        for i in range(3)
    ]
    source = source_of(write(tmp_path / "a.jsonl", lines(records)))

    assert source.columns == {"text": "article.body", "title": "meta.title", "date": "meta.pubDate"}


def test_the_layout_of_a_known_data_set_needs_no_columns(tmp_path):
    """Two CSV files with our own names are one source without a mapping."""
    for name in ("Fake.csv", "True.csv"):
        rows: list[list[object]] = [
            [f"Ferry {i}", STORY.format(i), "News", "December 31, 2017"] for i in range(5)
        ]
        write_csv(tmp_path / name, ["title", "text", "subject", "date"], rows)
    source = source_of(tmp_path)

    assert source.columns == {}
    assert source.path == str(tmp_path) or not Path(source.path).is_absolute()


def test_without_a_known_name_the_longest_strings_are_the_text(tmp_path):
    """A column of unknown name is the text if its strings are the longest."""
    rows: list[list[object]] = [["a.org", STORY.format(i), i] for i in range(5)]
    path = write_csv(tmp_path / "a.csv", ["c1", "c2", "c3"], rows)

    assert source_of(path).columns == {"text": "c2"}


def test_a_description_is_the_text_only_if_nothing_is_longer(tmp_path):
    """A weak name such as `description` loses to a column with longer strings."""
    long = [{"description": "Short.", "inhalt": STORY.format(i)} for i in range(3)]
    assert source_of(write(tmp_path / "a.jsonl", lines(long))).columns == {"text": "inhalt"}
    short = [{"description": STORY.format(i), "tag": "x"} for i in range(3)]
    assert source_of(write(tmp_path / "b.jsonl", lines(short))).columns == {"text": "description"}


def test_columns_of_parquet_are_guessed(tmp_path):
    """A time column is a date, an integer column is kept as it is."""
    table = pa.table(
        {
            "maintext": [STORY.format(i) for i in range(3)],
            "date_publish": [datetime(2019, 4, 15, tzinfo=UTC)] * 3,
            "timestamp": [1, 2, 3],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")

    expected = {"text": "maintext", "date": "date_publish"}
    assert source_of(tmp_path / "a.parquet").columns == expected


def test_html_in_a_column_is_content_html(tmp_path):
    """A column with tags is HTML, whatever its name is."""
    records = [{"body": f"<html><body><p>{STORY.format(i)}</p></body></html>"} for i in range(3)]

    assert source_of(write(tmp_path / "a.jsonl", lines(records))).content == "html"


def test_ambiguous_dates_are_left_to_the_user(tmp_path):
    """A date that may be two days is not guessed: the config has the setting as a comment."""
    records = [{"text": STORY.format(i), "date": "05/04/2019"} for i in range(3)]
    guessed = guess_for(
        str(write(tmp_path / "a.jsonl", lines(records))), tmp_path, file_name="a.yaml"
    )

    assert "date_format" not in guessed.settings["sources"][0]
    assert "    # 05/04/2019 may be two days" in guessed.text
    assert '    # date_format: "%d/%m/%Y"' in guessed.text


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (PAGE.format(STORY), "page"),
        (f"{STORY}\n\n{STORY}\n", "text"),
        (f"<!doctype html><html><body><p>{STORY}</p></body></html>", "html"),
        ("", "page"),
    ],
)
def test_the_content_of_text_files_is_guessed_from_their_lines(tmp_path, text, content):
    """Menus and teasers make a page, sentences an article, tags HTML; the default is a page."""
    assert guess_content([text] * 3, is_page_by_default=True) == content
    for i in range(3):
        write(tmp_path / f"{i}.txt", text or " ")
    assert corpus.guess_config(tmp_path).sources[0].content == content


def test_a_folder_of_pages_is_one_source(tmp_path):
    """Formats that need no settings are read together, so that what is skipped is counted once."""
    write(tmp_path / "in/a.txt", PAGE.format(STORY))
    write(tmp_path / "in/sub/b.html", f"<html><body><p>{STORY}</p></body></html>")
    write(tmp_path / "in/c.pdf", "%PDF")
    write(tmp_path / "in/d.jsonl", lines(crawled()))
    guessed = guess_for(str(tmp_path / "in"), tmp_path, file_name="in.yaml")
    (source,) = guessed.settings["sources"]

    assert source == {"path": "in", "columns": MAPPING}
    assert [file.name for file in guessed.guess.skipped] == ["c.pdf"]


def test_tables_with_other_columns_are_sources_of_their_own(tmp_path):
    """A folder may have several layouts; a table without a text is left out, and named."""
    folder = tmp_path / "in"
    write(folder / "a.jsonl", lines(crawled()))
    write_csv(folder / "b.csv", ["title", "text"], [["Ferry", STORY]] * 3)
    write_csv(folder / "stats.csv", ["year", "n"], [[2019, 1]] * 3)
    guessed = guess_for(str(folder), tmp_path, file_name="in.yaml")
    config = load_config(write(tmp_path / "in.yaml", guessed.text))

    assert [source.path for source in config.sources] == ["in/b.csv", "in/**/*.jsonl"]
    assert "left out, because no column is a text: stats.csv (n, year)" in guessed.text
    assert corpus.check(config).errors == ()


def test_a_page_without_an_extension_is_recognised_by_its_content(tmp_path):
    """WARC, Parquet and JSON are known by their first bytes; the config then has the format."""
    record = "WARC/1.0\r\nWARC-Type: resource\r\nContent-Type: text/html\r\nContent-Length: 11\r\n"
    write(tmp_path / "crawl", f"{record}\r\n<p>page</p>\r\n\r\n")
    write(tmp_path / "dump", lines(crawled()))
    pq.write_table(pa.table({"text": [STORY] * 3}), tmp_path / "table")

    assert source_of(tmp_path / "crawl").format == "warc"
    assert source_of(tmp_path / "dump").format == "jsonl"
    assert source_of(tmp_path / "table").format == "parquet"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", "year,n\n2019,1\n", r"no column of a.csv looks like a text; it has 'n', 'year'"),
        ("a.jsonl", "[1, 2]", r"a.jsonl cannot be read: the file is a list with a number"),
        ("a.jsonl", "", r"a.jsonl cannot be read: the file is empty"),
        ("a.jsonl", '{"body": "cut', r"a.jsonl cannot be read: invalid JSON"),
        ("a.txt", b"\x7fELF\x00\x01\xff", r"a.txt cannot be read: not text: byte 5 is NUL"),
        ("a.pdf", "%PDF", r"a.pdf: unknown file extension"),
        ("a.jsonl", "[" * 100_000, r"a.jsonl cannot be read"),
        ("a.json", '{"a":' * 100_000, r"a.json cannot be read|no column of a.json"),
    ],
)
def test_what_cannot_be_guessed_is_an_error_with_the_columns(tmp_path, name, data, message):
    """There is no config without a text; the message says what the file has."""
    path = write(tmp_path / name, data)
    with pytest.raises(InputError, match=message):
        corpus.guess_config(path)


@pytest.mark.parametrize("files", [[], ["a.pdf", "b.pdf"]])
def test_a_folder_without_readable_files_is_an_error(tmp_path, files):
    """An empty folder, and one with other files, are named with what they have."""
    (tmp_path / "in").mkdir()
    for name in files:
        write(tmp_path / "in" / name, "%PDF")
    with pytest.raises(InputError, match=r"2 \.pdf" if files else "is empty"):
        corpus.guess_config(tmp_path / "in")


def test_a_missing_path_is_an_error_with_a_near_name(tmp_path):
    """A misspelled path gets the name that was probably meant."""
    write(tmp_path / "pages/a.txt", "x")
    with pytest.raises(InputError, match=r"did you mean 'pages'"):
        corpus.guess_config(tmp_path / "pagse")


NAMES = {
    "data/My News/": "my-news",
    "Zürich 2019.jsonl.gz": "zurich-2019",
    "新聞": "corpus",
    "raw/*.txt": "raw",
    "s3://bucket/crawl/x.warc.gz": "x",
    ".": "corpus",
    "a" * 300: "a" * 60,
    "[2019] news": "2019-news",
}


@pytest.mark.parametrize(("path", "name"), NAMES.items())
def test_the_name_of_a_corpus_is_made_of_its_path(path, name):
    """The last fixed part of a path becomes a slug that the config accepts."""
    assert config_name(path) == name
    assert load_config({"name": name, "sources": [{"path": "x"}]}).name == name


HOSTILE = ["# x", "a: b", "- x", "a\nname: other", "{x}", "no", "1", "'", '"', "a\x1b[31m", "é ü"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_columns_and_files_do_not_become_yaml(tmp_path, name):
    """The written config has the settings that were guessed, whatever names there are."""
    records = [{name: STORY.format(i), "x\ny: z": 1} for i in range(3)]
    file_name = name.replace("/", "")
    path = write(tmp_path / "in" / f"{file_name}.jsonl", lines(records))
    guessed = guess_for(str(path), tmp_path, file_name="n.yaml")
    config = load_config(write(tmp_path / "n.yaml", guessed.text))

    assert config.name == guessed.settings["name"]
    assert config.sources[0].columns == {"text": name}
    assert (tmp_path / config.sources[0].path).exists()
    assert [stage.stage for stage in config.stages] == guessed.settings["stages"]
    assert "\x1b" not in guessed.text


def test_a_config_inside_of_its_source_builds_where_no_source_looks(tmp_path, monkeypatch):
    """A build below the folder that it reads begins with `_`, so that it is never read itself."""
    write(tmp_path / "a.txt", PAGE.format(STORY))
    monkeypatch.chdir(tmp_path)
    config = corpus.guess_config(".")

    assert config.sources[0].path == "."
    assert config.output.path == f"_build/{name_for('.')}"


def test_an_argument_is_a_config_or_files(tmp_path):
    """YAML files and files with a name and sources are configs; folders with one are refused."""
    config = write(tmp_path / "n.yaml", "name: n\nsources: [{path: x}]\n")
    settings = write(tmp_path / "n.json", '{"name": "n", "sources": []}')
    data = write(tmp_path / "a.json", '{"sources": [], "text": "x"}')

    assert is_config(str(config))
    assert is_config(str(settings))
    assert is_config({"name": "n"})
    assert not is_config(str(data))
    assert not is_config(str(tmp_path))
    assert not is_config("s3://bucket/pages")
    with pytest.raises(ConfigError, match=r"did you mean '.*n\.yaml'"):
        is_config(str(tmp_path / "n"))
    write(tmp_path / "corpus.yaml", "name: n\n")
    with pytest.raises(ConfigError, match=r"name the config: .*corpus\.yaml"):
        is_config(str(tmp_path))


def test_a_config_of_other_files_is_not_used(tmp_path, monkeypatch):
    """A config of the same name that reads something else is never taken for the guess."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "news/a.txt", "x")
    config = write(tmp_path / "news.yaml", "name: news\nsources: [{path: other/*.txt}]\n")
    with pytest.raises(ConfigError, match=r"reads other files than news"):
        existing_config("news", Path("news.yaml"))
    write(config, "name: news\nsources: [{path: news/*.txt}]\n")

    assert existing_config("news", Path("news.yaml"))


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
def test_the_members_of_an_archive_are_guessed_like_files(tmp_path, name):
    """An archive of pages is pages; the columns of a table in an archive are found."""
    pages = archive(tmp_path / f"pages-{name}", {"x/1.html": "<html><body>x</body></html>"})
    tables = archive(tmp_path / f"tables-{name}", {"a.jsonl": lines(crawled()), "b.pdf": "%PDF"})

    assert source_of(pages).content == "html"
    source = source_of(tables)
    assert source.columns == MAPPING
    assert [file.kind for file in corpus.check(tables).sources[0].skipped_files] == [".pdf"]


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
@pytest.mark.parametrize("member", ["news.csv", "news.json"])
def test_a_large_member_is_guessed_from_its_beginning(tmp_path, monkeypatch, name, member):
    """A member that a build would copy to the disk is neither copied nor misread."""
    days = [f"{day:02}/03/2019" for day in range(1, 29)]
    bodies = [
        f"On {day} the ferry left late and nobody on the quay was surprised. " * 5 for day in days
    ]
    if member == "news.csv":
        content = "".join(
            f"{day},https://e.example/{day},{b}\n" for day, b in zip(days, bodies, strict=True)
        )
    else:
        content = json.dumps(
            {"data": [{"day": d, "maintext": b} for d, b in zip(days, bodies, strict=True)]}
        )
    path = archive(tmp_path / name, {member: content})
    monkeypatch.setattr("corpus.sources.archives.chunks.CHUNK_BYTES", 1000)
    monkeypatch.setattr("tempfile.NamedTemporaryFile", None)
    (source,) = guess_sources(str(path), tmp_path).sources

    if member == "news.csv":
        assert "text" in (source.table.header or ())
    else:
        assert source.table.columns["text"] == "maintext"


def archive(path: Path, members: dict[str, str]) -> Path:
    """Write an archive with these members."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as out:
            for name, text in members.items():
                out.writestr(name, text)
        return path
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as tar:
        for name, text in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return path


def test_a_csv_file_without_a_header_gets_names(tmp_path):
    """The longest strings are the text, and a column of dates is the date; the rest is numbered."""
    rows: list[list[object]] = [["Ferry", STORY.format(i), "2019-04-15", i] for i in range(4)]
    path = write_csv(tmp_path / "a.csv", rows[0], rows[1:])  # type: ignore[arg-type]
    guessed = guess_for(str(path), tmp_path, file_name="a.yaml")
    config = load_config(write(tmp_path / "a.yaml", guessed.text))

    assert config.sources[0].header == ("column_1", "text", "date", "column_4")
    (source,) = corpus.check(config).sources
    assert (source.records, source.dates.parsed) == (4, 4)


def test_the_dialect_of_a_csv_file_is_shown(tmp_path):
    """`check` says how the rows are written, if not as usual."""
    path = write(tmp_path / "a.csv", f"text;title\n{STORY};Ferry\n" * 3)

    assert "csv: delimiter ';', quotes doubled" in str(corpus.check(path))


def test_a_record_larger_than_the_sample_is_guessed_by_its_names(tmp_path):
    """The columns of a huge record are known by their names alone."""
    path = write(tmp_path / "a.jsonl", json.dumps({"n": 1, "body": STORY * 50_000}) + "\n")

    assert corpus.guess_config(path).sources[0].columns == {"text": "body"}


def test_one_record_a_file_is_one_source(tmp_path):
    """Files of one layout stay together, although not every record has every column."""
    records = crawled(5)
    del records[0]["byline"], records[1]["link"]
    records[2]["published_at"] = None
    for i, record in enumerate(records):
        write(tmp_path / f"{i}.json", json.dumps(record, indent=2))
    write(tmp_path / "empty.json", "")
    (source,) = corpus.guess_config(tmp_path).sources

    assert source.columns == MAPPING
    rejected = corpus.check(corpus.guess_config(tmp_path)).sources[0].rejects
    assert [(reject.source, reject.reason) for reject in rejected] == [
        ("empty.json", "the file is empty")
    ]


def test_files_that_contradict_each_other_are_sources_of_their_own(tmp_path):
    """A column cannot have two names in one source."""
    write(tmp_path / "a.jsonl", lines([{"text": STORY, "headline": "A"}]))
    write(tmp_path / "b.jsonl", lines([{"text": STORY, "title": "B"}]))
    first, second = corpus.guess_config(tmp_path).sources

    assert (first.columns, second.columns) == ({"title": "headline"}, {})


def test_dates_that_other_dates_decide_need_no_format(tmp_path):
    """If one date has a day above 12, the guess says nothing of ambiguous dates."""
    records = [{"text": STORY, "date": f"{day}/03/2019"} for day in ("05", "27")]
    path = write(tmp_path / "a.jsonl", lines(records))
    guessed = guess_for(str(path), tmp_path, file_name="a.yaml")

    assert "two days" not in guessed.text


def test_urls_are_never_the_text(tmp_path):
    """A column of URLs is not a text, however long they are."""
    records = [{"web": f"https://example.org/{'very/' * 20}{i}", "n": i} for i in range(3)]
    with pytest.raises(InputError, match=r"no column of a\.jsonl looks like a text"):
        corpus.guess_config(write(tmp_path / "a.jsonl", lines(records)))


def test_a_publisher_is_a_name_and_never_a_path(tmp_path):
    """A column `source` is the publisher unless it has paths; one of a search API has a name."""
    named = [{"text": STORY, "source": {"id": None, "name": "Quay News"}}]
    path = [{"text": STORY, "source": "news/2019/a.txt"}]
    plain = [{"text": STORY, "source": "quay.example"}]

    def columns(records: list[dict[str, Any]]) -> dict[str, str]:
        return dict(source_of(write(tmp_path / "a.jsonl", lines(records))).columns)

    assert columns(named) == {"publisher": "source.name"}
    assert columns(path) == {}
    assert columns(plain) == {"publisher": "source"}


def test_an_unreadable_table_beside_pages_stays_in_the_source(tmp_path):
    """A damaged file is not left out of the config: the build reports it."""
    write(tmp_path / "a.html", f"<html><body><p>{STORY}</p></body></html>")
    write(tmp_path / "b.jsonl", "{damaged")
    (source,) = corpus.guess_config(tmp_path).sources

    assert source.columns == {}
    assert [r.source for r in corpus.check(tmp_path).sources[0].rejects] == ["b.jsonl"]


def test_blank_texts_are_no_corpus(tmp_path):
    """Files without a word are foreseen as the error of a build that keeps nothing."""
    write(tmp_path / "a.txt", " \n ")
    (error,) = corpus.check(tmp_path).errors

    assert "no record has a text" in str(error)


def test_comments_before_a_page_are_read_once():
    """Many comments without a page behind them do not take exponential time."""
    assert guess_content(["<!---->" * 5_000 + "text"], is_page_by_default=False) == "text"
    assert guess_content(["<!---->" * 5_000 + "<html>"], is_page_by_default=False) == "html"
