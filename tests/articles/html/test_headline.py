"""The headline of an HTML page."""

from __future__ import annotations

import pytest

from corpus.articles.blocks.markup import Markup
from corpus.articles.html.headline import headline
from corpus.articles.metadata.linked_data import LinkedData

URL = "https://www.harbour-post.example/bridge"


def title(
    document: str = "",
    *headings: str,
    social: str = "",
    linked: str = "",
    type: str = "",
    site: str = "",
    url: str = URL,
    article: bool = True,
    text: str | None = None,
) -> str:
    """Return the headline of a page with these titles and headings."""
    metas = (("og:title", social),) if social else ()
    markup = Markup(document, metas, (), (), (), "", "")
    return headline(
        markup,
        LinkedData(title=linked, type=type),
        headings,
        site,
        url,
        is_article=lambda: article,
        title_in_text=lambda: text,
    )


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


def test_the_front_page_of_a_site_has_its_full_title():
    """The name of the site is the title of its front page, and headings there are slogans."""
    name = "Larkfield | Ferries that run on time"
    options = {"url": "https://larkfield.example/", "site": "Larkfield"}
    assert title(name, "Book your crossing", **options, article=False) == name
    assert title(name, "Ferries that run on time", **options) == "Ferries that run on time"


@pytest.mark.parametrize(
    ("heading", "linked", "expected"),
    [
        ("Ferries Harbour bridge to close", "Harbour bridge to close", "Harbour bridge to close"),
        ("Bridge to close | Live", "Bridge to close on Monday", "Bridge to close on Monday"),
        ("Bridge to close", "Bridge to close | Politics", "Bridge to close"),
        (
            "Bridge to close",
            "Bridge to close, but not for long",
            "Bridge to close, but not for long",
        ),
        ("Bridge to close", "Harbour Post", "Bridge to close"),
    ],
)
def test_news_has_the_headline_that_its_publisher_declares(heading, linked, expected):
    """JSON-LD of a news article has the headline without a kicker, and without the section."""
    options = {"linked": linked, "site": "Harbour Post"}
    assert title("Bridge to close", heading, **options, type="NewsArticle") == expected


def test_a_slogan_is_not_the_title_of_a_page_that_is_no_article():
    """The heading of a service has to agree more with its markup than that of an article."""
    pair = ("Email marketing for small shops | Larkfield", "Marketing that shops love")
    assert title(*pair, article=False) == "Email marketing for small shops | Larkfield"
    assert title(pair[0], "Email marketing for shops", article=False) == "Email marketing for shops"
    assert title(*pair) == "Marketing that shops love"


def test_a_heading_that_is_the_title_in_the_text_is_the_headline():
    """Titles for search engines may share no word with the headline of an article."""
    headings = ("Harbour", "Five quiet coves to swim in", "More to read")
    social = "Best beaches 2023: our guide"
    options = {"social": social, "text": "Five quiet coves to swim in"}
    assert title("", *headings, **options) == headings[1]
    assert title("", *headings, **options, article=False) == social
    assert title("", *headings, social=social, text="Another line") == social
