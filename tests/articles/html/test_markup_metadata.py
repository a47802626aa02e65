"""Metadata of HTML pages: markup first where it is specific, then the text that people see."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from corpus.articles.blocks.marked_elements import MarkedElement
from corpus.articles.blocks.markup import Markup
from corpus.articles.html.extract import read_html
from corpus.articles.html.markup_authors import Found, Place, authors_in_markup
from corpus.articles.metadata.linked_data import LinkedData
from corpus.articles.metadata.metadata import ArticleMetadata
from tests.articles.pages import PARAGRAPHS, TITLE

DAY = datetime(2023, 5, 22, tzinfo=UTC)


def metadata(head: str = "", *, above: str = "", heading: str = TITLE) -> ArticleMetadata:
    """Return the metadata of an article with this markup in its head, and above its text."""
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    page = f"<html><head>{head}</head><body>{above}<article><h1>{heading}</h1>{body}</article>"
    return read_html(page).metadata


@pytest.mark.parametrize(
    ("head", "author"),
    [
        ('<meta name="author" content="Ann Lee">', "Ann Lee"),
        (('<meta property="article:author" content="https://x.example/ann">'
         '<meta name="author" content="Ann Lee">'), "Ann Lee"),
        ('<meta name="author" content="ann.lee@post.example (Ann Lee)">', "Ann Lee"),
        ('<meta name="author" content="By Ann Lee, science reporter">', "Ann Lee"),
        ('<meta name="author" content="Ann Lee"><meta name="author" content="Bo Chan">',
         "Ann Lee; Bo Chan"),
        (('<script type="application/ld+json">{"@type":"NewsArticle","author":'
         '[{"name":"Ann Lee"},{"name":"Bo Chan"}]}</script>'), "Ann Lee; Bo Chan"),
    ],
)  # fmt: skip
def test_authors_in_markup_are_names(head, author):
    """Addresses and roles are not part of a name."""
    assert metadata(head).author == author


@pytest.mark.parametrize(
    "head",
    [
        "",
        '<meta name="author" content="admin">',
        (
            '<meta property="og:site_name" content="Harbour Post"><meta name="author" '
            'content="Harbour Post">'
        ),
        (
            '<script type="application/ld+json">{"@type":"NewsArticle","author":'
            '{"@type":"Organization","name":"Harbour Post"}}</script>'
        ),
    ],
)
@pytest.mark.parametrize("byline", ["By Ann Lee", "BY ANN LEE", "By Ann Lee, science reporter"])
def test_the_byline_counts_where_markup_names_nobody(head, byline):
    """If markup names a role or the paper itself, the author is in the text."""
    assert metadata(head, above=f"<p class=byline>{byline}</p>").author == "Ann Lee"


@pytest.mark.parametrize(
    "head",
    [
        (
            '<meta property="article:modified_time" content="2024-01-01">'
            '<meta property="article:published_time" content="2023-05-22">'
        ),
        (
            '<script type="application/ld+json">{"@type":"NewsArticle","dateModified":"2024-01-01",'
            '"datePublished":"2023-05-22"}</script>'
        ),
        '<meta name="date" content="22 May 2023">',
        (
            '<meta property="article:published_time" content="1970-01-01T00:00:00Z">'
            '<meta name="date" content="2023-05-22">'
        ),
        (
            '<meta property="article:published_time" content="2099-01-01">'
            '<meta name="date" content="2023-05-22">'
        ),
        '<link rel="canonical" href="https://post.example/2023/05/22/bridge">',
    ],
)
def test_the_date_is_that_of_publication(head):
    """Publication goes before modification, and a value that nobody set does not count."""
    assert metadata(head).date == DAY


@pytest.mark.parametrize(
    "above",
    [
        "<span class=author>Ann Lee</span>",
        "<span itemprop=author><span itemprop=name>Ann Lee</span></span>",
        "<div class=author-box><span>AL</span><a rel=author href=/ann>Ann Lee</a></div>",
        "<p class=post-meta><span class=author-name>Ann Lee</span> <time class=date>22 May</time>",
        "<div class=byline><div>Written by</div><div>Ann Lee</div><div>Head of Bridges</div></div>",
        "<p class=date-line>May 22, 2023 by Ann Lee</p>",
    ],
)
def test_an_element_marked_as_author_near_the_headline_is_the_author(above):
    """Classes, microdata and links with rel=author name the author."""
    assert metadata(above=above).author == "Ann Lee"


def test_marked_authors_of_comments_and_teasers_do_not_count():
    """The authors of comments, and many names far from the article, are not its authors."""
    comment = "<p class=comment-author>Cy Dunn</p>"
    teasers = [element(f"Bo{name} Chan", block) for block, name in enumerate("abcdefgh")]
    markup = Markup("", (), (), (), tuple(teasers), "", "")
    assert metadata(above=comment).author is None
    assert authors_in_markup(markup, LinkedData(), "", Place(39, 40, 50)).far == Found()


def element(text: str, block: int) -> MarkedElement:
    """Return an element marked as author."""
    return MarkedElement("i", "class author", text, "", "", block)


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ('{"@type":"Organization","name":"Centre for Bridges and Roads"}',
         "Centre for Bridges and Roads"),
        ('{"@type":"Person","name":"jdoe"}', "jdoe"),
        ('{"@type":"Person","name":"admin"}', None),
        ('[{"name":"Ann Lee"},{"@type":"Organization","name":"Wire"}]', "Ann Lee"),
        ('"Ann Lee, PHD"', "Ann Lee"),
    ],
)  # fmt: skip
def test_an_organisation_or_account_is_the_author_if_nobody_else_is(author, expected):
    """People go first; a role such as "admin" is nobody."""
    script = f'<script type="application/ld+json">{{"@type":"Article","author":{author}}}</script>'
    assert metadata(script).author == expected


def test_a_blog_named_after_its_author_has_an_author():
    """The name of the publisher counts as the author if no other is given."""
    head = '<meta property=og:site_name content="Ann Lee"><meta name=author content="Ann Lee">'
    assert metadata(head).author == "Ann Lee"


@pytest.mark.parametrize(
    "above",
    [
        "<span class=post-date>22 May 2023</span>",
        "<time class=updated datetime=2024-01-01>x</time><b class=published>May 22, 2023</b>",
        "<time itemprop=dateCreated datetime='2023-05-22 00:00:00Z'>2 years ago</time>",
        "<abbr class=published title=2023-05-22T00:00:00Z>a while ago</abbr>",
        "<time datetime=soon>x</time><time datetime=2023-05-22>x</time>",
    ],
)
def test_an_element_marked_as_date_near_the_headline_is_the_date(above):
    """Classes and microdata show the date of publication; that of an update does not count."""
    assert metadata(above=above).date == DAY


LD = '<script type="application/ld+json">{"@type":"NewsArticle","author":%s}</script>'
WIRE = '{"@type":"Organization","name":"Wire Agency"}'


@pytest.mark.parametrize(
    ("head", "below", "author"),
    [
        ("", "<p>Ann Lee</p>", "Ann Lee"),
        ('<meta name="author" content="Ann Lee">',
         "<p class=byline>By Dr Ann Lee, Bo Chan</p>", "Dr Ann Lee; Bo Chan"),
        ('<meta name="author" content="Ann Lee">', "<p class=byline>By Bo Chan</p>", "Ann Lee"),
        (LD % WIRE + '<meta name="author" content="Harbour Post"><meta property="og:site_name"'
         ' content="harbour-post.example">', "", "Wire Agency"),
        (LD % WIRE, "<p class=byline>Sat, 20 May 2023 - 06:36</p>", "Wire Agency"),
        ("", "<p class=author>Authored by: Ann Lee</p>", "Ann Lee"),
    ],
)  # fmt: skip
def test_the_byline_adds_to_data_for_machines(head, below, author):
    """The longer list of the same names counts, an agency goes before the paper that prints it."""
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    page = f"<head>{head}</head><article><h1>{TITLE}</h1>{below}{body}</article>"
    assert read_html(page).metadata.author == author


@pytest.mark.parametrize(
    ("below", "day"),
    [
        ("<p>22 May 2023</p>", 22),
        ("<p>Ann Lee</p><div>Published May 22, 2023 | 4 min read</div>", 22),
        ("<p>Last updated 22 May 2023</p>", 30),
        ("<p>Last updated:</p><p>22 May 2023</p>", 30),
        ("<p>29 May 2023</p>", 30),  # may be the same moment in another time zone
        ("<p>2 June 2023</p>", 30),
        (f"<p>{PARAGRAPHS[0]} It had been planned since 22 May 2023.</p>", 30),
    ],
)
def test_an_earlier_date_below_the_headline_goes_before_data_for_machines(below, day):
    """Data may have the day of the last change; a printed date of an update does not count."""
    head = '<meta property="article:published_time" content="2023-05-30T09:00:00Z">'
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    page = f"<head>{head}</head><article><h1>{TITLE}</h1>{below}{body}</article>"
    assert read_html(page).metadata.date.date() == date(2023, 5, day)


def test_the_first_time_element_is_the_last_resort():
    """A time element is read where markup has no date."""
    above = "<time datetime='2023-05-22'>a while ago</time>"
    assert metadata(above=above).date == DAY
    assert metadata('<meta name="date" content="2021-02-03">', above=above).date != DAY


def test_no_date_is_later_than_as_of():
    """A date after `as_of` is not one of an article of the corpus."""
    page = f"<meta name=date content=2023-05-22><p>{PARAGRAPHS[0]}<p>{PARAGRAPHS[1]}"
    assert read_html(page, as_of=date(2023, 5, 21)).metadata.date is None
    assert read_html(page, as_of=date(2023, 5, 22)).metadata.date == DAY


@pytest.mark.parametrize(
    ("head", "above", "title"),
    [
        (f"<title>{TITLE} - Harbour Post</title>", "", TITLE),
        (f"<title>{TITLE} | Harbour Post</title>", "<h1>Harbour Post</h1>", TITLE),
        (f"<title>{TITLE}</title><meta property='og:title' content='You will not believe it'>",
         "", TITLE),
        ("<meta property='og:title' content='You will not believe it'>", "", TITLE),
    ],
)  # fmt: skip
def test_title_is_the_headline(head, above, title):
    """The heading that the page's own title repeats is the headline, without the site's name."""
    assert metadata(head, above=above).title == title


def test_a_page_without_a_heading_has_the_title_of_its_markup():
    """The name of the site is cut off, and entities are replaced."""
    head = (
        "<meta property='og:title' content='Bridge &amp; tunnel: a plan | Post'>"
        "<meta property='og:site_name' content='Post'>"
    )
    assert metadata(head, heading="").title == "Bridge & tunnel: a plan"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "/bridge", "https://a:b@post.example/x", ""]
)
def test_a_url_that_is_none_is_ignored(url):
    """A page may claim any address."""
    assert metadata(f'<link rel="canonical" href="{url}">').url is None
