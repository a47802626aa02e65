"""Reading HTML: the article and its metadata, and pages of every kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from corpus.articles.content_kind.model import html_kinds
from corpus.articles.html import blocks, extract
from corpus.articles.html.extract import read_html
from corpus.articles.metadata.metadata import ArticleMetadata
from tests.articles.pages import HTML, PARAGRAPHS, TITLE


@pytest.mark.parametrize("engine", ["blocks", "trafilatura", "resiliparse"])
def test_article_and_metadata_are_read(engine):
    """Both engines return every paragraph, and the metadata in the markup."""
    result = read_html(HTML, engine=engine)
    assert result.reason is None
    assert all(text in result.text for text in PARAGRAPHS)
    assert "Home" not in result.text
    metadata = result.metadata
    assert (metadata.title, metadata.author, metadata.publisher) == (
        TITLE,
        "Ann Lee",
        "Harbour Post",
    )
    published = datetime(2023, 5, 22, 9, 41, tzinfo=UTC)
    assert (metadata.date, metadata.url) == (published, "https://harbour.example/bridge")


@pytest.mark.parametrize("engine", ["blocks", "trafilatura", "resiliparse"])
def test_metadata_that_nobody_wants_is_not_read(engine, monkeypatch):
    """Without metadata, the text is the same, and no part of a page is read for its metadata."""
    wanted = read_html(HTML, engine=engine)
    for name in ("published_at", "valid_url"):
        monkeypatch.setattr(extract, name, pytest.fail)
    monkeypatch.setattr(blocks, "markup_metadata", pytest.fail)
    result = read_html(HTML, engine=engine, metadata=False)
    assert result == replace(wanted, metadata=ArticleMetadata())


@pytest.mark.parametrize("text_from_scripts", [False, True])
def test_the_kind_of_a_page_is_computed_once(monkeypatch, text_from_scripts):
    """Text, metadata and confidence share one prediction of the kind."""
    pages = []

    def counting(page):
        pages.append(page)
        return html_kinds(page)

    monkeypatch.setattr(blocks, "html_kinds", counting)
    page = HTML.replace("Ann Lee", "")
    assert read_html(page, text_from_scripts=text_from_scripts).content_kind == "article"
    assert len(pages) == 1


@pytest.mark.parametrize("engine", ["blocks", "trafilatura", "resiliparse"])
def test_url_with_another_scheme_is_ignored(engine):
    """A page may claim any URL; a script is not one."""
    page = HTML.replace("https://harbour.example/bridge", "javascript:alert(1)")
    assert read_html(page, engine=engine).metadata.url is None


@pytest.mark.parametrize("engine", ["blocks", "trafilatura", "resiliparse"])
def test_date_after_as_of_is_ignored(engine):
    """A page cannot have been published after the `as_of` date of the corpus."""
    assert read_html(HTML, engine=engine, as_of=date(2023, 5, 21)).metadata.date is None


@pytest.mark.parametrize("engine", ["blocks", "trafilatura", "resiliparse"])
@pytest.mark.parametrize(
    "page",
    [
        " \n",
        "\0\0\0",
        "<",
        "<html></html>",
        "no markup at all",
        "<p>" * 5000,
        "<a href='" + "x" * 100_000,
        '<?xml version="1.0" encoding="utf-16"?><html><body><p>x</p></body></html>',
        '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><p>&c;&c;</p>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><p>&b;</p>',
        "<table><tr><td>" * 80 + "deep",
    ],
    ids=lambda page: page[:20],
)
def test_malformed_page_has_a_text_or_a_reason(engine, page):
    """Any page results in a text or a reason, never in an error."""
    result = read_html(page, engine=engine)
    assert bool(result.text.strip()) != (result.reason is not None)


@pytest.mark.parametrize("engine", ["blocks", "trafilatura", "resiliparse"])
@pytest.mark.parametrize(
    "page",
    [
        "<!-- x -->", "&nbsp;", "<html><body></body></html>", "\0\0", "<?xml version='1.0'?>",
        "<title>Bridge</title><script>let bridge = 'closed'</script><p>\u00a0</p>",
    ],
)  # fmt: skip
def test_page_with_nothing_visible_is_empty(engine, page):
    """Comments, spaces and scripts are not visible text."""
    assert read_html(page, engine=engine).reason == "empty"


@pytest.mark.parametrize("engine", ["blocks", "trafilatura", "resiliparse"])
def test_evidence_counts_the_lines_of_a_page_without_an_article(engine):
    """If a page has visible lines but no article, the evidence is the number of lines."""
    page = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/n'>News</a></li></ul></nav>"
    result = read_html(page, engine=engine)
    assert (result.reason, result.removed_ratio) == ("no_article", 1.0)
    assert "2 lines" in (result.evidence or "")


@pytest.mark.parametrize("engine", ["trafilatura", "resiliparse"])
def test_other_engines_return_their_own_text(engine):
    """The text of trafilatura and resiliparse is kept as it is, without a confidence."""
    blocks = "".join(f"<p>{line}</p>" for line in PARAGRAPHS)
    menu = "<nav><a href='/'>Home</a> <a href='/sport'>Sport in the whole region</a></nav>"
    page = f"<html><body>{menu}<article>{blocks}</article></body></html>"
    results = [read_html(page, engine=engine, keep=keep) for keep in ("precision", "recall")]
    for result in results:
        assert [line for line in result.text.split("\n") if line] == list(PARAGRAPHS)
        assert 0 < result.removed_ratio < 0.2
        assert result.confidence is None


def test_relative_date_is_not_read_from_the_clock():
    """A page without an absolute date has no date, whatever the day of the build."""
    result = read_html(HTML.replace('content="2023-05-22T09:41:00Z"', 'content="3 hours ago"'))
    assert result.metadata.date is None
