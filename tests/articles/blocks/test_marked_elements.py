"""Elements that are marked as the author or the date of something."""

from __future__ import annotations

import pytest

from corpus.articles.blocks.marked_elements import MarkedElement
from corpus.articles.blocks.markup import read_markup
from corpus.articles.blocks.noted_places import MAX_MARKED
from corpus.articles.blocks.walk_page import walk_page


def marked(page: str) -> tuple[MarkedElement, ...]:
    """Return the marked elements of a page."""
    data = page.encode()
    return read_markup(data, walk_page(data)).marked


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("<span class=author>Ann Lee</span> wrote", "Ann Lee"),
        ("<p class=post-byline>By <a href=/a>Ann Lee</a><br>22 May", "By Ann Lee\n22 May"),
        ("<p class=byline><a>Ann Lee</a> <a>Bo Chan</a></p>", "Ann Lee; Bo Chan"),
        ("<p class=byline>By<!-- --> Ann &amp; Bo</p>", "By Ann & Bo"),
        ("<p class=byline>By Ann<!-- and <b>Bo</b></p><p>after", "By Ann"),
        ("<div class=author><div>Ann Lee</div>writes</div><p>text", "Ann Lee\nwrites"),
        ("<div class=author><svg><title>icon</title></svg>Ann Lee</div>", "Ann Lee"),
        ("<div class=author>Ann Lee", "Ann Lee"),
        ("<a rel=author href=/ann>Ann Lee</a>", "Ann Lee"),
    ],
)  # fmt: skip
def test_the_text_of_a_marked_element_ends_with_the_element(element, text):
    """What people see apart is a line, and two links are two names."""
    assert [one.text for one in marked(f"<body><p>before</p>{element}")] == [text]


def test_a_marked_element_has_its_values_for_machines():
    """A date for machines and the address of a profile are read, and the block is known."""
    page = "<p>one</p><abbr class=published title=2023-05-22>May</abbr><i itemprop=author>A</i>"
    date, author = marked(page)
    assert (date.value, date.block, date.names) == ("2023-05-22", 1, "class published")
    assert author.names == "itemprop author"


@pytest.mark.parametrize(
    "page", ["<script class=author>x</script>", "<b class=title>x</b>", "<b>x"]
)
def test_other_elements_are_not_marked(page):
    """Scripts and elements with other names are no authors."""
    assert marked(page) == ()


def test_the_number_of_marked_elements_is_bounded():
    """A page of a million comments leaves room for what else its markup says."""
    page = "<b class=author>x</b>" * 3000 + "<script type=application/ld+json>{}</script>"
    data = page.encode()
    markup = read_markup(data, walk_page(data))
    assert len(markup.marked) == MAX_MARKED
    assert len(markup.scripts) == 1
