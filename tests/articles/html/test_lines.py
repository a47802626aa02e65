"""An HTML extractor and the line model combined."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles.html.extract import read_html
from corpus.articles.html.lines import combine, selected_lines
from tests.articles.pages import ARTICLE, PAGE, PARAGRAPHS


def test_selected_lines_are_found_in_the_extracted_text():
    """Half of the 4-grams of a line are enough; a short line must be there as a whole."""
    text = "The harbour master closed the northern channel on Monday.\nWhat now?"
    lines = [
        "The harbour master closed the northern channel on Monday. Share",
        "what now",
        "Monday.",
        "The harbour master opened a bakery",
        "* * *",
        "水の中の月",
    ]

    assert selected_lines(lines, text).tolist() == [True, True, False, False, False, False]
    assert selected_lines(["水の中の月を見る"], "昨夜、水の中の月を見る人。").tolist() == [True]


def test_line_left_out_by_the_extractor_needs_a_higher_probability():
    """Where both agree the article is kept; the extractor decides about doubtful lines."""
    assert combine(PAGE, ARTICLE).text.split("\n") == list(PARAGRAPHS)
    fewer = combine(PAGE, "\n".join(PARAGRAPHS[:-1])).text.split("\n")
    assert set(PARAGRAPHS[:-1]) <= set(fewer)
    confidence = [combine(PAGE, text).confidence for text in (ARTICLE, "")]
    assert confidence[0] > confidence[1]


def test_model_decides_alone_if_nothing_is_extracted():
    """A page is not lost if the extractor selects nothing from it."""
    assert combine(PAGE, "").text.split("\n") == list(PARAGRAPHS)
    assert combine("", "").reason == "no_article"


@pytest.mark.parametrize("engine", ["trafilatura", "resiliparse"])
def test_both_engines_report_the_share_removed_and_the_confidence(engine):
    """The line model follows either engine, so the result has its confidence."""
    blocks = "".join(f"<p>{line}</p>" for line in PARAGRAPHS)
    result = read_html(f"<html><body><article>{blocks}</article></body></html>", engine=engine)

    assert result.text.split("\n") == list(PARAGRAPHS)
    assert 0 <= result.removed_ratio < 0.2
    assert 0.8 < result.confidence <= 1


tags = st.sampled_from(["<p>", "</p>", "<div", ">", "<script>", "</i>", "<br/>", "&#x;", "<td>"])
pieces = st.lists(tags | st.sampled_from(["The mill grinds.", "水", "\x00", "\u202e", " "]))


@given(html=pieces.map("".join))
@settings(max_examples=60, deadline=None)
def test_any_html_has_a_text_or_a_reason(html):
    """Any markup results in a text or a reason, never in an error."""
    result = read_html(html)

    assert bool(result.text.strip()) != bool(result.reason)
    assert result.reason in (None, "empty", "no_article", "bad_html")
