"""The headline of an HTML page."""

from __future__ import annotations

import pytest

from corpus.articles.blocks.markup import Markup
from corpus.articles.html.headline import headline
from corpus.articles.metadata.linked_data import LinkedData


def title(
    document: str = "", *headings: str, social: str = "", linked: str = "", site: str = ""
) -> str:
    """Return the headline of a page with these titles and headings."""
    metas = (("og:title", social),) if social else ()
    markup = Markup(document, metas, (), (), (), "", "")
    return headline(markup, LinkedData(title=linked), headings, site, "www.harbour-post.example")


@pytest.mark.parametrize(
    ("document", "headings", "options"),
    [
        ("Bridge to close | Harbour Post", ["Harbour Post", "Bridge to close"], {}),
        ("Bridge to close - Post", ["More news", "Bridge to close", "Bridge to close again"], {}),
        ("The bridge is to close on Monday", ["Bridge to close on Monday", "Weather"], {}),
        ("Harbour Post", ["Bridge to close"], {}),
        ("", ["Bridge to close", "Weather"], {"social": "Bridge to close: what we know"}),
        ("", [], {"social": "Bridge to close | Harbour Post"}),
        ("Bridge to close – Post", [], {"site": "Post"}),
        ("", ["Weather today"], {"linked": "Bridge to close"}),
        ("Read this now", ["Bridge to close"], {"social": "Bridge to close"}),
    ],
)  # fmt: skip
def test_the_headline_is_the_heading_that_markup_names(document, headings, options):
    """A heading that agrees with markup goes before others; without one, markup has the title."""
    expected = {"Bridge to close on Monday"} | {"Bridge to close"}
    assert title(document, *headings, **options) in expected


def test_a_bar_within_a_headline_is_kept():
    """Only the name of the site is cut off."""
    assert (
        title("Trains | Coast: a plan | Post", "Trains | Coast: a plan") == "Trains | Coast: a plan"
    )


def test_titles_without_spaces_are_compared_by_character():
    """In Chinese, a heading agrees with a longer title, too."""
    assert title("大桥关闭三天维修 - 港口报", "首页新闻", "大桥关闭三天") == "大桥关闭三天"
