"""Whether a page is better kept whole: the features of a page, and their effect."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles.lines import model
from corpus.articles.lines.counters import COUNTERS
from corpus.articles.lines.extraction import lines
from corpus.articles.lines.features import features
from corpus.articles.lines.improbable_lines import NAMES as IMPROBABLE_LINES
from corpus.articles.lines.scan import scan
from corpus.articles.lines.whole_page import (
    MIN_EDGE_PROBABILITY,
    MIN_WHOLE_PROBABILITY,
    NAMES,
    SURE_PROBABILITY,
    page_features,
    raise_probabilities,
)
from corpus.trees import predict
from tests.articles.pages import ARTICLE, PAGE, PARAGRAPHS


def whole_probability(page: str) -> float:
    """Return the probability that a page is better kept whole, by the shipped model."""
    arrays = model.load()
    data = np.frombuffer(page.encode(), np.uint8)
    counters, words, word_offsets, _ = scan(data, 0, data.size, arrays.characters)
    cues = model.line_cues(words, word_offsets, arrays.lexicon)
    table = features(counters, words, word_offsets, cues)
    wide = model.second_table(table, predict(table, arrays.first_pass), arrays.probabilities)
    scores = predict(wide, arrays.second_pass)
    probabilities = model.probabilities_of(scores, arrays.probabilities)
    log_odds = predict(page_features(counters, cues, probabilities), arrays.whole_page)
    return float(model.probabilities_of(log_odds, arrays.probabilities)[0])


def test_only_a_clean_article_is_kept_whole():
    """An article without its page is probably better kept whole; the page around it is not."""
    assert whole_probability(PAGE) < 0.05
    assert whole_probability(ARTICLE) > MIN_WHOLE_PROBABILITY


def test_single_paragraph_is_kept():
    """A text of one paragraph has no boilerplate around it, so it is kept."""
    assert [line.kept for line in lines(PARAGRAPHS[0])] == [True]


def named_features(
    probabilities: list[float], cues: list[float], counters: dict[str, float]
) -> dict[str, float]:
    """Return the features of a page whose lines all have the same counters, by name."""
    row = [counters.get(name, 0.0) for name in COUNTERS]
    table = page_features(
        np.array([row] * len(probabilities), np.float32),
        np.array(cues, np.float32),
        np.array(probabilities, np.float32),
    )
    names = NAMES + IMPROBABLE_LINES
    assert table.shape == (1, len(names))
    return dict(zip(names, table[0].tolist(), strict=True))


def test_page_features_contain_what_their_names_say():
    """Each feature of a page of four lines has the value computed by hand."""
    counters = {"words": 20.0, "ends a sentence": 1.0, "sentences that end in it": 2.0}
    page = named_features([0.9, 0.2, 0.6, 0.75], [1.5, -3.0, 0.5, -0.5], counters)
    assert page["lines"] == 4
    assert page["words"] == pytest.approx(80)
    lowest = (page["lowest probability"], page["second lowest probability"])
    assert lowest == pytest.approx((0.2, 0.6))
    assert page["highest probability"] == pytest.approx(0.9)
    assert page["mean probability of a line"] == pytest.approx(2.45 / 4)
    assert page["mean probability of a word"] == pytest.approx(2.45 / 4)
    assert page["probability of the first line"] == pytest.approx(0.9)
    assert page["probability of the last line"] == pytest.approx(0.75)
    assert page["mean probability of the first lines"] == pytest.approx(1.7 / 3)
    assert page["mean probability of the last lines"] == pytest.approx(1.55 / 3)
    assert page["share of lines with a probability below 0.7"] == 0.5
    assert page["lowest cue"] == -3
    assert page["share of lines with a cue below -1"] == 0.25
    assert page["share of full paragraphs"] == 1
    assert page["sentences per word"] == pytest.approx(0.1)


def test_improbable_lines_are_told_apart_by_their_place():
    """Improbable lines at the edges and between other lines have features of their own."""
    counters = {"words": 20.0, "ends a sentence": 1.0}
    page = named_features(
        [0.1, 0.9, 0.2, 0.1, 0.8, 0.2], [-3.0, 2.0, 1.0, -1.0, 1.0, -2.0], counters
    )
    assert (page["improbable lines"], page["words in improbable lines"]) == (4, 80)
    assert page["share of improbable lines"] == pytest.approx(4 / 6)
    assert page["share of words in improbable lines"] == pytest.approx(4 / 6)
    assert page["mean cue of improbable lines"] == pytest.approx(-1.25)
    cues = (page["lowest cue of an improbable line"], page["highest cue of an improbable line"])
    assert cues == (-3, 1)
    assert page["share of sentences among improbable lines"] == pytest.approx(1)
    assert page["mean probability of improbable lines"] == pytest.approx(0.15)
    assert page["mean cue of the other lines"] == pytest.approx(1.5)
    assert (page["improbable lines at the top"], page["improbable lines at the bottom"]) == (1, 1)
    assert page["mean cue of improbable lines at the edges"] == pytest.approx(-2.5)
    assert page["improbable lines between others"] == 2
    assert page["words in improbable lines between others"] == 40
    assert page["mean cue of improbable lines between others"] == pytest.approx(0)
    assert page["gaps between others"] == 1


def test_a_page_without_improbable_lines_has_finite_features():
    """A clean page has no improbable lines, and no feature of it is infinite or missing."""
    page = named_features([0.9], [1.0], {"words": 5.0})
    assert np.isfinite(list(page.values())).all()
    assert page["highest cue of an improbable line"] == -8


def raised(probabilities: np.ndarray, whole: float) -> np.ndarray:
    """Return the probabilities of the lines, given that of keeping the whole page."""
    after = probabilities.copy()
    raise_probabilities(after, whole)
    return after


def test_a_page_without_lines_is_not_raised():
    """A page without lines has no probabilities to raise, whatever that of the page is."""
    assert raised(np.empty(0, np.float32), 0.9).size == 0


@given(
    probabilities=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=9),
    whole=st.floats(0, 1),
)
@settings(deadline=None)
def test_probabilities_are_raised_to_at_least_that_of_the_page(probabilities, whole):
    """No probability falls; above the limit, each line between the edges is raised."""
    before = np.array(probabilities, np.float32)
    after = raised(before, whole)
    assert (after >= before - 1e-6).all()
    if whole >= MIN_WHOLE_PROBABILITY:
        exact = before.astype(np.float64)  # as the kernel compares them
        has_edges = exact.max() >= SURE_PROBABILITY
        likely = np.flatnonzero(exact >= (MIN_EDGE_PROBABILITY if has_edges else 0))
        inside = slice(likely[0], likely[-1] + 1) if len(likely) else slice(0, 0)
        assert (after[inside] >= whole - 1e-6).all()
        assert (np.delete(after, np.r_[inside]) == np.delete(before, np.r_[inside])).all()
    else:
        assert (after == before).all()
    assert (after <= 1 + 1e-6).all()


def test_a_byline_above_an_article_that_is_kept_whole_is_not_raised():
    """Lines at the edges of a page are boilerplate if they look like it; lines inside are kept."""
    before = np.array([0.03, 0.11, 0.98, 0.02, 0.8, 0.04], np.float32)
    is_raised = raised(before, 0.9) > before
    assert is_raised.tolist() == [False, False, True, True, True, False]


@pytest.mark.parametrize("lines", [[0.04], [0.06, 0.14, 0.2], [0.07, 0.5, 0.8, 0.05]])
def test_a_short_note_that_is_kept_whole_has_no_edges(lines):
    """Where no line is surely content, no line is cut: a page of one paragraph is not emptied."""
    before = np.array(lines, np.float32)
    assert (raised(before, 0.9) >= 0.9).all()
