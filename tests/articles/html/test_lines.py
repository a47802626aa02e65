"""HTML read by an extractor and the line model together."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles.html.extract import read_html
from corpus.articles.html.lines import page_of, taken, together
from tests.articles.pages import ARTICLE, PAGE, PARAGRAPHS


def test_a_page_is_dumped_a_line_for_each_block():
    """Blocks are lines, what stands within a line stays in it, what is not seen is not there."""
    html = (
        "<html><head><title>Not seen</title><style>p {}</style></head><body><h1>The  <i>old</i>\n"
        "mill</h1><p>It grinds<br>again.<script>no()</script> <i>And</i> <a href='#'>again</a>.</p>"
        "<ul><li>one</li><li>two</li></ul><!-- no --><button>Buy</button> tail &amp; all</body>"
    )

    assert page_of(html).split("\n") == [
        "The old mill", "It grinds", "again. And again.", "one", "two", "tail & all",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "inside",
    [
        "<nobr>20 million</nobr>", "<st1:city>20 million</st1:city>", "<my-tip>20 million</my-tip>",
        "20 <svg><path/></svg>million", "20 <script>no()</script>million", "20 <!-- no -->million",
        "20 <button>?</button>million", "20 <iframe src='x'></iframe>million",
        "20 <noscript>no</noscript>million",
    ],
)  # fmt: skip
def test_a_sentence_is_one_line_whatever_stands_in_it(inside):
    """What is no block, known or not, seen or not, does not cut the line that it stands in."""
    html = f"<body><p>It cost {inside} euros.</p><p>Nobody paid.</p></body>"
    assert page_of(html).split("\n") == ["It cost 20 million euros.", "Nobody paid."]


def test_a_poem_keeps_its_lines():
    """Line ends count where the page says so."""
    html = "<body><p>A\npoem:</p><pre>The mill\n  grinds <i>on\nand</i> on</pre>\nby her</body>"
    assert page_of(html).split("\n") == ["A poem:", "The mill", "grinds on", "and on", "by her"]


def test_a_line_is_taken_that_the_extractor_has():
    """Half of a line's words in a row are enough; a short line must be there as it is."""
    text = "The harbour master closed the northern channel on Monday.\nWhat now?"
    lines = [
        "The harbour master closed the northern channel on Monday. Share",
        "what now",
        "Monday.",
        "The harbour master opened a bakery",
        "* * *",
        "水の中の月",
    ]

    assert taken(lines, text).tolist() == [True, True, False, False, False, False]
    assert taken(["水の中の月を見る"], "昨夜、水の中の月を見る人。").tolist() == [True]


def test_what_the_extractor_left_out_must_be_surer():
    """An article that is found alike stays; a line in doubt goes with the extractor's word."""
    assert together(PAGE, ARTICLE).text.split("\n") == list(PARAGRAPHS)
    fewer = together(PAGE, "\n".join(PARAGRAPHS[:-1])).text.split("\n")
    assert set(PARAGRAPHS[:-1]) <= set(fewer)
    sure = [together(PAGE, text).confidence for text in (ARTICLE, "")]
    assert sure[0] > sure[1]


def test_without_the_extractor_the_model_decides():
    """A page on which the extractor finds nothing is not lost."""
    assert together(PAGE, "").text.split("\n") == list(PARAGRAPHS)
    assert together("", "").reason == "no_article"


@pytest.mark.parametrize("engine", ["trafilatura", "resiliparse"])
def test_either_engine_has_the_model_behind_it(engine):
    """What is left of a page, and how sure that is, is told with both."""
    blocks = "".join(f"<p>{line}</p>" for line in PARAGRAPHS)
    read = read_html(f"<html><body><article>{blocks}</article></body></html>", engine=engine)

    assert read.text.split("\n") == list(PARAGRAPHS)
    assert 0 <= read.removed_ratio < 0.2
    assert 0.8 < read.confidence <= 1


tags = st.sampled_from(["<p>", "</p>", "<div", ">", "<script>", "</i>", "<br/>", "&#x;", "<td>"])
pieces = st.lists(tags | st.sampled_from(["The mill grinds.", "水", "\x00", "\u202e", " "]))


@given(html=pieces.map("".join))
@settings(max_examples=60, deadline=None)
def test_any_html_is_read_or_refused_with_a_reason(html):
    """Whatever the markup, there is a text or a reason, never a fault."""
    read = read_html(html)

    assert bool(read.text.strip()) != bool(read.reason)
    assert read.reason in (None, "empty", "no_article", "bad_html")
