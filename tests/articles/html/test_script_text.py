"""The text of an article in the JSON of a page, behind the setting `text_from_scripts`."""

from __future__ import annotations

import json

import pytest

from corpus.articles.html.blocks import block_lines
from corpus.articles.html.extract import read_html
from corpus.articles.html.script_text import MAX_VALUES, MIN_CHARACTERS, script_text
from corpus.articles.result import PageResult
from tests.articles.pages import PARAGRAPHS, TITLE

BODY = "\n".join(PARAGRAPHS)
TEASER = f"<article><h1>{TITLE}</h1><p>{PARAGRAPHS[0]}</p></article>"


def page(body: str, *, linked: object = None, data: object = None) -> str:
    """Return a page with JSON-LD, and with data for its script."""
    scripts = ""
    if linked is not None:
        scripts += f'<script type="application/ld+json">{json.dumps(linked)}</script>'
    if data is not None:
        scripts += f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>'
    return f"<html><head><title>{TITLE}</title>{scripts}</head><body>{body}"


def read(html: str) -> PageResult:
    """Return what is read from a page if its scripts may have the text."""
    return read_html(html, text_from_scripts=True)


ARTICLE = {"@type": "NewsArticle", "headline": TITLE, "articleBody": BODY}
MARKED_UP = "".join(f"<p>{text}</p>" for text in PARAGRAPHS) + "<ul><li>One<li>Two</ul>"
ESCAPED = MARKED_UP.replace("<", "&lt;")


@pytest.mark.parametrize(
    ("html", "source"),
    [
        (page(TEASER, linked=ARTICLE), "json_ld"),
        (page("", linked=ARTICLE), "json_ld"),
        (page(TEASER, linked={"@graph": [{"@type": "WebSite"}, ARTICLE]}), "json_ld"),
        (page(TEASER, linked={"@type": "Article", "articleBody": PARAGRAPHS}), "json_ld"),
        (page(TEASER, linked={**ARTICLE, "articleBody": MARKED_UP}), "json_ld"),
        (page(TEASER, linked={**ARTICLE, "articleBody": ESCAPED}), "json_ld"),
        (page(TEASER, data={"props": {"page": {"body_html": MARKED_UP}}}), "next_data"),
        (page("", data={"x": [{"type": "p", "text": text} for text in PARAGRAPHS]}), "next_data"),
        (page(TEASER, linked=ARTICLE).replace("\\n", "\n"), "json_ld"),
    ],
)  # fmt: skip
def test_text_of_a_script_is_taken_where_the_markup_has_little(html, source):
    """The text comes in paragraphs, without markup, and is marked with its source."""
    result = read(html)
    assert result.text.split("\n")[: len(PARAGRAPHS)] == list(PARAGRAPHS)
    assert result.text_source == source
    assert (result.reason, result.confidence, result.removed_ratio) == (None, None, None)
    assert result.metadata.title == TITLE
    assert read_html(html).text_source is None


@pytest.mark.parametrize(
    "html",
    [
        page("".join(f"<p>{text}</p>" for text in PARAGRAPHS), linked=ARTICLE),
        page(TEASER, linked={**ARTICLE, "articleBody": "Short."}),
        page(TEASER, linked={"@type": "NewsArticle", "description": BODY}),
        page(TEASER, data={"other": BODY}),
        page(TEASER, linked={**ARTICLE, "articleBody": {"a": 5}}),
        page(TEASER).replace("</head>", "<script id=__NEXT_DATA__>{broken</script>"),
        page(TEASER).replace("</head>", "<script id=__NEXT_DATA__>{never closed"),
    ],
)
def test_otherwise_the_markup_is_read(html):
    """If the markup has the text, or no script has it, the result is that of the markup."""
    assert read(html) == read_html(html)


@pytest.mark.parametrize(
    ("html", "reason", "evidence"),
    [
        (page("", linked=ARTICLE), "empty", "{} characters of text in json_ld"),
        (page("", data={"text": BODY}), "empty", "{} characters of text in next_data"),
        (page("<nav><a href=/>Home</a></nav>", linked=ARTICLE), "no_article", "; {} characters"),
    ],
)
def test_a_page_without_text_names_the_text_of_its_scripts(html, reason, evidence):
    """A page that is removed says that the setting would give it a text, and how long it is."""
    result = read_html(html)
    assert result.reason == reason
    assert evidence.format(f"{len(BODY):,}") in result.evidence
    assert "html.text_from_scripts: true" in result.evidence


def test_a_page_without_any_text_names_none():
    """Where neither the markup nor a script has text, the evidence does not mention scripts."""
    assert read_html(page("", linked={"@type": "WebSite"})).evidence is None


def test_markup_in_a_script_is_laid_out():
    """Lists and headings in the text of a script have their marks in Markdown."""
    html = page("", linked={**ARTICLE, "articleBody": MARKED_UP})
    result = read_html(html, markup="markdown", text_from_scripts=True)
    assert result.text.endswith(f"{PARAGRAPHS[-1]}\n\n- One\n- Two")


def test_explain_shows_the_blocks_of_the_script():
    """The blocks that are kept are those of the text."""
    html = page(TEASER, linked=ARTICLE)
    lines = block_lines(html, text_from_scripts=True)
    assert "\n".join(line.text for line in lines if line.kept) == read(html).text
    assert any(not line.kept for line in lines)


@pytest.mark.parametrize(
    "data",
    ["[" * 100_000, '{"a":' * 900 + "1" + "}" * 900, "[" + "[]," * MAX_VALUES + "0]"],
    ids=["deep", "nested", "wide"],
)  # fmt: skip
def test_hostile_json_is_bounded(data):
    """JSON that is too deep or too large has no text, and stops nothing."""
    html = f"<script id=__NEXT_DATA__>{data}</script>"
    assert script_text(html, [data]) is None


def test_a_short_text_of_a_script_is_not_read():
    """A text below the minimum is a teaser itself."""
    short = "word " * (MIN_CHARACTERS // 5 - 1)
    assert script_text(page("", data={"body": short}), []) is None


def test_script_tags_that_never_end_are_read_once():
    """Many start tags of `__NEXT_DATA__` without an end are searched in linear time."""
    assert script_text("<script id=__NEXT_DATA__>" * 20_000, ()) is None
