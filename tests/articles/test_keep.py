"""Laws of the setting `keep`: a looser setting keeps everything that a stricter one keeps."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles.blocks import extraction as blocks
from corpus.articles.html.extract import Keep, read_html
from corpus.articles.lines.extraction import read_pages
from corpus.articles.lines.model import load
from corpus.articles.lines.selection import DECODINGS, choose_lines
from tests.articles.pages import HTML, PAGE, PARAGRAPHS

KEEPS = ("precision", "balanced", "recall")
PROBABILITIES = st.lists(
    st.tuples(st.floats(0, 1, width=32), st.integers(1, 300)), min_size=1, max_size=60
)


def assert_nested(kept: list[np.ndarray]) -> None:
    """Check that each selection has all of the one before."""
    for stricter, looser in pairwise(kept):
        assert not (stricter & ~looser).any()


@given(PROBABILITIES)
@settings(max_examples=60)
def test_a_looser_setting_keeps_every_block_of_a_stricter_one(page):
    """For any probabilities, the blocks of precision are in balanced, and those in recall."""
    probabilities, counts = np.array(page, np.float32).T.copy()
    assert_nested([
        blocks.choose_blocks(probabilities, counts, blocks.DECODINGS[keep]) for keep in KEEPS
    ])  # fmt: skip


@given(PROBABILITIES)
@settings(max_examples=60)
def test_a_looser_setting_keeps_every_line_of_a_stricter_one(page):
    """The same for lines, where far passages compete because a gap has a cost."""
    probabilities, counts = np.array(page, np.float32).T.copy()
    one_page, table = np.array([0, len(counts)]), load().probabilities
    assert_nested([
        choose_lines(probabilities, counts, one_page, table, DECODINGS[keep]) for keep in KEEPS
    ])  # fmt: skip


def test_a_passage_that_precision_keeps_is_not_replaced_by_a_longer_one():
    """A short certain passage far from a long doubtful one stays when more is kept."""
    probabilities = np.array([0.95] * 2 + [0.01] * 40 + [0.45] * 30, np.float32)
    counts = np.full(len(probabilities), 20, np.float32)
    one_page, table = np.array([0, len(counts)]), load().probabilities
    kept = [choose_lines(probabilities, counts, one_page, table, DECODINGS[keep]) for keep in KEEPS]
    assert_nested(kept)
    assert kept[-1][:2].all()


def test_a_page_without_a_certain_block_keeps_its_best_ones_in_every_setting():
    """Below every threshold, the most probable block is kept, and no setting keeps less."""
    probabilities = np.array([0.2, 0.4, 0.1], np.float32)
    counts = np.full(3, 30, np.float32)
    kept = [blocks.choose_blocks(probabilities, counts, d) for d in blocks.DECODINGS.values()]
    assert_nested(kept)
    assert kept[0].tolist() == [False, True, False]


@pytest.mark.parametrize("page", [HTML, f"<main>{HTML}<ul><li>More on this<li>Share</ul></main>"])
def test_a_looser_setting_keeps_every_line_of_text(page):
    """The text of a page grows from precision to recall."""
    texts = [Counter(read_html(page, keep=cast("Keep", k)).text.split("\n")) for k in KEEPS]
    assert PARAGRAPHS[0] in texts[0]
    assert all(set(a) <= set(b) for a, b in pairwise(texts))


def test_a_looser_setting_keeps_every_line_of_a_page_of_text():
    """The same for a page dumped to text."""
    import pyarrow as pa

    column = pa.array([PAGE], pa.large_string())
    texts = []
    for keep in KEEPS:
        (result,) = read_pages(column, decoding=DECODINGS[keep], metadata=False)
        texts.append(set(result.text.split("\n")))
    assert PARAGRAPHS[0] in texts[0]
    assert texts[0] <= texts[1] <= texts[2]
