"""The features of blocks: values that a page shows, and invariants of all pages."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.articles.blocks import feature_columns as columns
from corpus.articles.blocks import second_pass
from corpus.articles.blocks.extraction import page_bytes
from corpus.articles.blocks.features import ReadPage, fill_features, read_page
from corpus.articles.blocks.markup import Markup
from corpus.articles.blocks.page_features import json_types
from corpus.articles.blocks.second_pass import second_pass_table
from corpus.articles.characters import character_tables
from corpus.articles.lines.counters import EQUAL_LINES, WORDS
from tests.articles.pages import HTML, PARAGRAPHS

CHARACTERS = character_tables()


def filled(html: str) -> ReadPage:
    """Return a page with its features, without cues."""
    page = read_page(page_bytes(html), CHARACTERS)
    n = len(page.table)
    fill_features(page, np.zeros(n, np.float32), np.zeros(n, np.float32))
    return page


def rounded(numbers: np.ndarray) -> list[float]:
    """Return numbers with three digits."""
    return numbers.astype(np.float64).round(3).tolist()


def column(html: str, name: str) -> list[float]:
    """Return one feature of all blocks, by its name."""
    return rounded(filled(html).table[:, columns.NAMES.index(name)])


def test_names_are_different():
    """Each column has a name of its own, so that a model can be read."""
    names = (*columns.NAMES, *second_pass.NAMES)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "html", ["", "<p>x", HTML, "<br>" * 5, "<p>a</p>" * 300, "<p>日本語です。"]
)
def test_features_are_finite(html):
    """Any page has finite features, one row per block."""
    page = filled(html)
    assert page.table.shape == (len(page.blocks.node), columns.N_FEATURES)
    assert np.isfinite(page.table).all()


def test_text_features_describe_the_block():
    """Links, title and repetition are seen in the block's own words."""
    html = "<title>Old bridge</title><p>The old bridge</p><p><a href=x>Read</a> it<p>Read it"
    assert column(html, "share of words in links") == [0, 0.5, 0]
    assert column(html, "share of its words that are in the title") == [0.667, 0, 0]
    assert column(html, "share of words of the title") == [1, 0, 0]
    table = filled(html).table
    assert table[:, EQUAL_LINES].tolist() == [0, 1, 1]
    assert table[:, WORDS].tolist() == [3, 2, 2]


def test_tree_features_describe_where_the_block_is():
    """Semantic elements, headings and class names of ancestors are known."""
    html = "<nav><ul><li>a</ul></nav><article class='post-content'><h2>b</h2><p>c</article>"
    assert column(html, "in nav") == [1, 0, 0]
    assert column(html, "in article") == [0, 1, 1]
    assert column(html, "level of heading") == [0, 2, 0]
    assert column(html, "is li") == [1, 0, 0]
    assert column(html, "body in the names of any ancestor") == [0, 1, 1]


def test_like_siblings_are_counted():
    """Items of a list are like each other; an item of another class is not."""
    html = "<ul><li>a<li>b<li class=x>c</ul><p>d"
    assert column(html, "like siblings of ancestor 0") == [2, 2, 1, 1]
    assert column(html, "rank among like siblings of ancestor 0") == [0, 1, 0, 0]
    assert column(html, "blocks with the same path") == [2, 2, 1, 1]


def test_densest_node_is_the_container_of_the_paragraphs():
    """The node with most good paragraphs is where an article seems to be."""
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    html = f"<div><div>Menu</div></div><div class=a>{body}</div><p>{PARAGRAPHS[0]}"
    n = len(PARAGRAPHS)
    assert column(html, "inside the densest node") == [0, *[1] * n, 0]


def test_windows_and_neighbours_end_with_the_page():
    """Beyond the first and the last block, there are no words."""
    html = "<p>one<p>one two<p>one two three"
    assert column(html, "words before within 3 blocks") == [0, 1, 3]
    assert column(html, "words after within 3 blocks") == [5, 3, 0]
    assert column(html, "words at +1") == [2, 3, -1]
    assert column(html, "words at -2") == [-1, -1, 1]


def test_page_features_say_what_kind_of_page_it_is():
    """Markup, JSON-LD and the address are the same for all blocks."""
    head = (
        '<meta property="og:type" content="article"><link rel="canonical" '
        'href="https://a.example/2024/01/story"><script type="application/ld+json">'
        '{"@graph": [{"@type": ["NewsArticle"]}]}</script>'
    )
    for name in ("og:type article", "JSON-LD of article", "address of article", "address of date"):
        assert column(f"{head}<p>a<p>b", f"page: {name}") == [1, 1]
        assert column("<p>a<p>b", f"page: {name}") == [0, 0]
    assert column("<p>a<p>b<form><input><input>", "page: elements input") == [2, 2]


def test_types_in_json_are_found_in_linear_time():
    """A script with a type that never comes is read once."""
    scripts = tuple('"@type":' + each for each in (199_000 * " ", ' [ "Recipe"', '"HowTo"'))
    assert json_types(Markup("", (), scripts, (), (), "", "")) == {"Recipe", "HowTo"}


def test_features_do_not_depend_on_what_was_read_before():
    """A page has the same features, in the same bits, whenever it is read."""
    first = filled(HTML).table
    filled("<div class=x>" + "<p>Other words</p>" * 50)
    assert np.array_equal(first, filled(HTML).table)


def test_second_pass_sees_the_scores_around():
    """A block knows the scores of its neighbours and the mean probability of its container."""
    page = filled("<div><p>a<p>b</div><ul><li>c</ul>")
    scores = np.array([2, 1, -3], np.float32)
    probabilities = np.array([0.9, 0.7, 0.1], np.float32)
    tree = page.blocks.node, page.walk.parent
    table = second_pass_table(page.table, scores, probabilities, tree, (np.array([0, 0, 1]), 2))
    own = dict(zip(second_pass.NAMES, map(rounded, table[:, columns.N_FEATURES :].T), strict=True))
    assert own["score"] == [2, 1, -3]
    assert own["score at +1"] == [1, -3, -6]
    assert own["score at -1"] == [-6, 2, 1]
    assert own["mean probability with the same path"] == [0.8, 0.8, 0.1]
    assert own["mean probability of ancestor 1"] == [0.8, 0.8, 0.1]
    assert own["highest probability on the page"] == [0.9] * 3
