"""Whether a page is an article and nothing else: what is seen of it, and what that does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles.lines import lexicon, model
from corpus.articles.lines.counters import COUNTERS
from corpus.articles.lines.extraction import lines
from corpus.articles.lines.features import features
from corpus.articles.lines.scan import scan
from corpus.articles.lines.whole_page import LIKELY, NAMES, mixed, portrait
from corpus.trees import predict
from tests.articles.pages import ARTICLE, PAGE, PARAGRAPHS


def chance_of_whole(page: str) -> float:
    """Return how likely the model finds that a page is an article alone."""
    arrays = model.load()
    data = np.frombuffer(page.encode(), np.uint8)
    counters, words, firsts, _ = scan(data, 0, data.size, arrays.kinds, arrays.falls)
    cues = lexicon.scores(words, firsts, arrays.weights, arrays.scale, arrays.bias)
    table = features(counters, words, firsts, cues)
    (chances,) = model.line_chances([table], arrays.forest, arrays.net, arrays.chances)
    seen = portrait(counters, cues, chances)
    return float(model.chances_of(predict(seen, arrays.whole), arrays.chances)[0])


def test_an_article_alone_is_told_from_a_page():
    """The article without its page is likely whole, the page around it is not."""
    assert chance_of_whole(PAGE) < 0.05
    assert chance_of_whole(ARTICLE) > LIKELY


def test_a_single_paragraph_stays():
    """A text of one paragraph has nothing around it that it could be told from: it stays."""
    assert [line.kept for line in lines(PARAGRAPHS[0])] == [True]


def seen(chances: list[float], cues: list[float], counters: dict[str, float]) -> dict[str, float]:
    """Return the portrait of a page whose lines are all counted alike."""
    row = [counters.get(name, 0.0) for name in COUNTERS]
    counted = np.array([row] * len(chances), np.float32)
    found = portrait(counted, np.array(cues, np.float32), np.array(chances, np.float32))
    assert found.shape == (1, len(NAMES))
    return dict(zip(NAMES, found[0].tolist(), strict=True))


def test_a_portrait_is_what_its_names_say():
    """Each column holds what it is called, worked out by hand for a page of four lines."""
    words = {"words": 20.0, "ends as a sentence does": 1.0, "sentences ended within it": 2.0}
    page = seen([0.9, 0.2, 0.6, 0.75], [1.5, -3.0, 0.5, -0.5], words)
    assert page["lines"] == 4
    assert page["words"] == pytest.approx(80)
    assert (page["lowest chance"], page["second lowest chance"]) == pytest.approx((0.2, 0.6))
    assert page["highest chance"] == pytest.approx(0.9)
    assert page["mean chance of a line"] == pytest.approx(2.45 / 4)
    assert page["mean chance of a word"] == pytest.approx(2.45 / 4)
    assert page["chance of the first line"] == pytest.approx(0.9)
    assert page["chance of the last line"] == pytest.approx(0.75)
    assert page["mean chance of the first lines"] == pytest.approx(1.7 / 3)
    assert page["mean chance of the last lines"] == pytest.approx(1.55 / 3)
    assert page["share of lines of chance below 0.7"] == 0.5
    assert page["lowest cue"] == -3
    assert page["share of lines of cue below -1"] == 0.25
    assert page["share of lines that are paragraphs"] == 1
    assert page["sentences by words"] == pytest.approx(0.1)


@given(chances=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=9), whole=st.floats(0, 1))
@settings(deadline=None)
def test_a_likelier_whole_makes_no_line_less_likely(chances, whole):
    """A line is never less likely; of a page that is likely whole, as likely as that at least."""
    before = np.array(chances, np.float32)
    after = mixed(before, whole)
    assert (after >= before - 1e-6).all()
    assert (after >= whole - 1e-6).all() if whole >= LIKELY else (after == before).all()
    assert (after <= 1 + 1e-6).all()
