"""Metadata from JSON-LD: which of the things that a page describes is the article."""

from __future__ import annotations

import json

import pytest

from corpus.articles.metadata.linked_data import LinkedData, read_linked_data

ARTICLE = {
    "@type": "NewsArticle",
    "headline": "Bridge &amp;amp; tunnel closed",
    "author": {"@type": "Person", "name": "Ann Lee"},
    "publisher": {"@type": "Organization", "name": "Harbour Post"},
    "datePublished": "2023-05-22T09:41:00Z",
    "dateModified": "2024-01-01",
}
PAGE = {"@type": "WebPage", "name": "Harbour Post | News", "datePublished": "2020-01-01"}


def read(*things: object) -> LinkedData:
    """Return what the things say, each in a script of its own."""
    return read_linked_data([json.dumps(thing) for thing in things])


@pytest.mark.parametrize(
    "things",
    [
        (ARTICLE,), (PAGE, ARTICLE), ([PAGE, ARTICLE],), ({"@graph": [PAGE, ARTICLE]},),
        (PAGE | {"mainEntity": ARTICLE},), (PAGE | {"mainEntityOfPage": [ARTICLE]},),
        (ARTICLE | {"@type": ["Thing", "https://schema.org/NewsArticle"]}, PAGE),
    ],
)  # fmt: skip
def test_the_article_is_found_wherever_it_is(things):
    """The most specific type is the article, not the page around it."""
    linked = read(*things)
    assert linked.title == "Bridge & tunnel closed"
    assert linked.authors == ("Ann Lee",)
    assert linked.publisher == "Harbour Post"
    assert linked.published == ("2023-05-22T09:41:00Z",)


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Ann Lee", ("Ann Lee",)),
        (["Ann Lee", {"name": "Bo Chan"}, "Ann Lee"], ("Ann Lee", "Bo Chan")),
        ({"@type": "Organization", "name": "Harbour Post"}, ()),
        ({"@type": "NewsMediaOrganization", "name": "Harbour Post"}, ()),
        ({"@id": "#ann"}, ("Ann Lee",)),
        ({"name": ["Ann Lee", "A. Lee"]}, ("Ann Lee",)),
        (7, ()), (None, ()), ({}, ()), ([[]], ()), ({"name": {}}, ()),
    ],
)  # fmt: skip
def test_authors_are_the_names_of_people(author, names):
    """References are followed, and organisations are not authors."""
    people = {"@type": "Person", "@id": "#ann", "name": "Ann Lee"}
    assert read({"@graph": [ARTICLE | {"author": author}, people]}).authors == names


@pytest.mark.parametrize(
    "script",
    [
        "", "{", "[" * 200_000, '{"@type": "NewsArticle", "headline": ' + '"' * 1000, "null",
        "[[]]",
        '{"@graph": 3}', '{"@type": 3}', '{"@type": "NewsArticle", "headline": {"a": 1}}', "\ufffd",
        '{"@type":"NewsArticle","headline":"' + "x" * 5000 + '"}',
    ],
    ids=lambda script: script[:20],
)  # fmt: skip
def test_damaged_json_says_nothing(script):
    """Scripts of any content are read without an error, and values of other types are ignored."""
    assert read_linked_data([script]).title == ""


@pytest.mark.parametrize(
    "script",
    [
        "//<![CDATA[\n{}\n//]]>", "<!-- {} -->", "{};", "{}\n", "\ufeff{}",
    ],
)  # fmt: skip
def test_common_faults_of_json_are_read(script):
    """Comments around JSON and line breaks in its strings do not hide it."""
    broken = json.dumps(ARTICLE).replace("Bridge", "Bridge\n")
    assert read_linked_data([script.replace("{}", broken)]).title == "Bridge & tunnel closed"


def test_questions_and_products_on_a_page_are_not_the_page():
    """A list of questions has no headline of the page; of two products, none is the page."""
    question = {"@type": "Question", "name": "Why?"}
    product = {"@type": "Product", "name": "Lamp"}
    assert not read({"@type": "FAQPage", "mainEntity": [question]}).title
    assert not read([product, product | {"name": "Rope"}]).title
    assert read(product).title == "Lamp"


def test_the_page_says_what_its_article_leaves_open():
    """Author and date may be those of the page around the article."""
    page = PAGE | {"author": {"name": "Ann Lee"}}
    linked = read({"@graph": [page, {"@type": "Article", "headline": "Bridge closed"}]})
    assert (linked.title, linked.authors, linked.published) == (
        "Bridge closed", ("Ann Lee",), ("2020-01-01",),
    )  # fmt: skip


def test_organisations_are_kept_apart():
    """An organisation that is said to be the author is not a person."""
    linked = read(ARTICLE | {"author": [{"@type": "Organization", "name": "Wire"}, "Ann Lee"]})
    assert (linked.authors, linked.organisations) == (("Ann Lee",), ("Wire",))
