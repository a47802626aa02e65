"""The layouts in which scrapers write articles, after the documentation of each.

All articles here are invented; only the names of files and columns are those of the tools.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sources.conftest import read_all

ARTICLES = [
    {
        "url": f"https://vale.example/2019/04/{day}/bridge",
        "title": f"The bridge on day {day}",
        "author": "Ada Quill",
        "day": datetime(2019, 4, day, 8, 30, tzinfo=UTC),
        "text": f"The bridge was closed on day {day}.\n\nA ferry, “slow but dry”, took {day} men.",
    }
    for day in (15, 16, 17)
]
TEXTS = [article["text"] for article in ARTICLES]
TITLES = [article["title"] for article in ARTICLES]
URLS = [article["url"] for article in ARTICLES]
DAYS = [article["day"] for article in ARTICLES]


def csv_file(rows: list[dict[str, Any]], **options: Any) -> str:
    """Return rows as CSV with a header."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0], **options)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def scrapy_items() -> list[dict[str, Any]]:
    """Return the items of a spider."""
    return [
        {
            "url": a["url"],
            "headline": a["title"],
            "authors": [a["author"], "Ben Moss"],
            "published": a["day"].strftime("%Y-%m-%d %H:%M:%S"),
            "body": a["text"],
        }
        for a in ARTICLES
    ]


SCRAPY_COLUMNS = {"text": "body", "title": "headline", "author": "authors", "date": "published"}


def scrapy_json(items: list[dict[str, Any]]) -> str:
    """Return items as `scrapy crawl -O items.json` writes them: a list, one item a line."""
    return "[\n" + ",\n".join(map(json.dumps, items)) + "\n]"


def scrapy_csv(items: list[dict[str, Any]]) -> str:
    """Return items as `scrapy crawl -O items.csv` writes them: lists joined with commas."""
    return csv_file([item | {"authors": ",".join(item["authors"])} for item in items])


def scrapy_xml(items: list[dict[str, Any]]) -> str:
    """Return items as `scrapy crawl -O items.xml` writes them: lists as <value> elements."""

    def element(name: str, value: Any) -> str:
        if isinstance(value, list):
            return f"<{name}>{''.join(element('value', each) for each in value)}</{name}>"
        return f"<{name}>{value}</{name}>"

    rows = ("".join(element(*pair) for pair in item.items()) for item in items)
    inner = "\n".join(f"<item>{row}</item>" for row in rows)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<items>\n{inner}\n</items>'


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("items.jl", lambda items: "".join(json.dumps(item) + "\n" for item in items)),
        ("items.jsonlines", lambda items: "".join(json.dumps(item) + "\n" for item in items)),
        ("items.json", scrapy_json),
        ("items.csv", scrapy_csv),
        ("items.xml", scrapy_xml),
    ],
)
def test_the_feeds_of_scrapy(put, name, write):
    """Each feed format of Scrapy gives the same articles."""
    result = read_all(put(name, write(scrapy_items())), columns=SCRAPY_COLUMNS)

    assert result.rejects == []
    assert result.texts == TEXTS
    assert result.column("title") == TITLES
    assert result.column("url") == URLS
    assert result.column("date") == DAYS
    joined = "Ada Quill,Ben Moss" if name.endswith(".csv") else "Ada Quill; Ben Moss"
    assert result.column("author") == [joined] * 3


def test_a_json_feed_of_scrapy_that_was_appended_to(put):
    """`scrapy crawl -o items.json` twice gives two lists in one file: both are read."""
    items = scrapy_items()
    result = read_all(
        put("items.json", scrapy_json(items[:1]) + scrapy_json(items[1:])), columns=SCRAPY_COLUMNS
    )

    assert result.rejects == []
    assert result.texts == TEXTS


def test_a_json_feed_of_a_spider_that_was_killed(put):
    """A list without its end keeps its whole items; the cut item and the missing end are named."""
    text = scrapy_json(scrapy_items())
    result = read_all(put("items.json", text[: text.rindex("body")]), columns=SCRAPY_COLUMNS)

    assert result.texts == TEXTS[:2]
    assert [reject.record for reject in result.rejects] == [3, None]


def test_the_json_files_of_news_please(put):
    """news-please writes one JSON object per article into folders by site and day."""
    for number, article in enumerate(ARTICLES):
        record = {
            "authors": [article["author"]],
            "date_download": "2020-01-02 03:04:05",
            "date_modify": None,
            "date_publish": article["day"].strftime("%Y-%m-%d %H:%M:%S"),
            "description": "About a bridge.",
            "filename": f"https%3A%2F%2Fvale.example%2F{number}.json",
            "image_url": None,
            "language": "en",
            "localpath": None,
            "maintext": article["text"],
            "source_domain": "vale.example",
            "title": article["title"],
            "title_page": None,
            "title_rss": None,
            "url": article["url"],
        }
        put(f"2019/04/{number}/vale.example/bridge_{number}.json", json.dumps(record, indent=4))
    path = put("2019/.keep", "").parent
    columns = {
        "text": "maintext",
        "author": "authors",
        "date": "date_publish",
        "publisher": "source_domain",
    }
    result = read_all(path, columns=columns)

    assert result.rejects == []
    assert result.texts == TEXTS
    assert result.column("author") == ["Ada Quill"] * 3
    assert result.column("publisher") == ["vale.example"] * 3
    assert result.column("date") == DAYS
    assert result.column("date_download") == ["2020-01-02 03:04:05"] * 3


def newspaper_records() -> list[dict[str, Any]]:
    """Return articles as newspaper4k exports them."""
    return [
        {
            "url": a["url"],
            "read_more_link": "",
            "language": "en",
            "title": a["title"],
            "top_image": "",
            "meta_img": "",
            "images": [],
            "videos": [],
            "keywords": ["bridge", "ferry"],
            "keyword_scores": {"bridge": 1.5, "ferry": 1.25},
            "summary": "",
            "authors": [a["author"]],
            "publish_date": str(a["day"]),
            "text": a["text"],
        }
        for a in ARTICLES
    ]


@pytest.mark.parametrize("indent", [None, 4])
def test_the_json_of_newspaper4k(put, indent):
    """newspaper4k writes a list of objects; the text is under its usual name."""
    path = put("news.json", json.dumps(newspaper_records(), indent=indent))
    result = read_all(path, columns={"author": "authors", "date": "publish_date"})

    assert result.rejects == []
    assert result.texts == TEXTS
    assert result.column("title") == TITLES
    assert result.column("author") == ["Ada Quill"] * 3
    assert result.column("date") == DAYS


def test_the_csv_of_newspaper4k(put):
    """In its CSV, lists are text; the authors are joined as in JSON."""
    path = put("news.csv", csv_file(newspaper_records()))
    result = read_all(path, columns={"author": "authors", "date": "publish_date"})

    assert result.rejects == []
    assert result.texts == TEXTS
    assert result.column("date") == DAYS
    assert result.column("author") == ["Ada Quill"] * 3


@pytest.mark.parametrize(
    ("written", "author"),
    [
        ("['Ada Quill', \"Ben O'Moss\"]", "Ada Quill; Ben O'Moss"),
        ('["Ada Quill"]', "Ada Quill"),
        (" [ 'Ada Quill' ] ", "Ada Quill"),
        ("[]", None),
        ("['']", None),
        ("['Ada', 7]", "['Ada', 7]"),
        ("['Ada' 'Ben", "['Ada' 'Ben"),
        ("['Ada'], ['Ben']", "['Ada'], ['Ben']"),
        ("['" + "[" * 5000 + "']", "[" * 5000),
        ("[Staff]", "[Staff]"),
        ("__import__('os')", "__import__('os')"),
    ],
)
def test_authors_written_as_a_list(put, written, author):
    """A list of strings as text is joined; anything else is left as it is."""
    rows = [{"text": "The bridge was closed.", "author": written}, {"text": "b", "author": "Zoe"}]

    assert read_all(put("a.jsonl", "".join(map(json.dumps, rows)))).column("author") == [
        author,
        "Zoe",
    ]


def trafilatura_json(article: dict[str, Any]) -> str:
    """Return an article as `trafilatura --json --with-metadata` writes it."""
    record = {
        "title": article["title"],
        "author": article["author"],
        "hostname": "vale.example",
        "date": f"{article['day']:%Y-%m-%d}",
        "fingerprint": "52c40c537a3424dd",
        "id": None,
        "license": None,
        "comments": "",
        "raw_text": " ".join(article["text"].split()),
        "text": article["text"],
        "language": None,
        "image": None,
        "pagetype": None,
        "filedate": "2020-01-02",
        "source": article["url"],
        "source-hostname": "Vale Post",
        "excerpt": None,
        "categories": "",
        "tags": "bridges;ferries",
    }
    return json.dumps(record, ensure_ascii=False)


def trafilatura_xml(article: dict[str, Any]) -> str:
    """Return an article as `trafilatura --xml --with-metadata` writes it."""
    blocks = "".join(f"    <p>{line}</p>\n" for line in article["text"].split("\n") if line)
    return (
        f'<doc sitename="Vale Post" title="{article["title"]}" author="{article["author"]}" '
        f'date="{article["day"]:%Y-%m-%d}" url="{article["url"]}" hostname="vale.example">\n'
        f"  <main>\n{blocks}  </main>\n  <comments/>\n</doc>\n"
    )


def trafilatura_tei(article: dict[str, Any]) -> str:
    """Return an article as `trafilatura --xmltei --with-metadata` writes it."""
    title = f'<titleStmt><title type="main">{article["title"]}</title>'
    title += f"<author>{article['author']}</author></titleStmt>"
    blocks = "".join(f"<p>{line}</p>\n" for line in article["text"].split("\n") if line)
    return (
        f'<TEI xmlns="http://www.tei-c.org/ns/1.0">\n<teiHeader><fileDesc>{title}'
        "<publicationStmt><p/></publicationStmt><sourceDesc>"
        f"<bibl>{article['title']}, Vale Post</bibl>"
        f"<biblFull>{title}<publicationStmt><publisher>Vale Post (vale.example)</publisher>"
        f'<ptr type="URL" target="{article["url"]}"/><date>{article["day"]:%Y-%m-%d}</date>'
        "</publicationStmt></biblFull></sourceDesc></fileDesc>"
        '<profileDesc><creation><date type="download">2020-01-02</date></creation></profileDesc>'
        "<encodingDesc><appInfo><application><ptr target='https://tool.example/'/></application>"
        f'</appInfo></encodingDesc></teiHeader>\n<text><body><div type="entry">{blocks}</div>'
        '<div type="comments"/></body></text></TEI>'
    )


@pytest.mark.parametrize(
    ("extension", "write", "columns"),
    [
        ("json", trafilatura_json, {"url": "source", "publisher": "source-hostname"}),
        ("xml", trafilatura_xml, {}),
        ("xml", trafilatura_tei, {}),
    ],
)
def test_the_output_of_trafilatura(put, extension, write, columns):
    """Trafilatura writes a file per article; JSON, XML and XML-TEI have the same articles."""
    for number, article in enumerate(ARTICLES):
        path = put(f"out/{number}.{extension}", write(article))
    result = read_all(path.parent, columns=columns)

    assert result.rejects == []
    assert [text.replace("\n\n", "\n") for text in result.texts] == [
        text.replace("\n\n", "\n") for text in TEXTS
    ]
    assert result.column("title") == TITLES
    assert result.column("author") == ["Ada Quill"] * 3
    assert result.column("publisher") == ["Vale Post"] * 3
    assert result.column("url") == URLS
    assert [date.date() for date in result.column("date")] == [day.date() for day in DAYS]
