"""The rows that explain the blocks of a page fit into the terminal."""

from __future__ import annotations

import pytest

from corpus.articles.lines.extraction import Line
from corpus.auditing.explain.side_by_side import MAX_PAGE_LINES, MAX_REASON_LINES, page_lines
from corpus.terminal import width

WHY = (("one of 12 such paragraphs", "class article-body"), ("little text around it",))


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize(
    "text", ["A long text of a block. " * 9, "霧のため船は出なかった。" * 12, "x"]
)
def test_rows_fit_into_the_terminal(columns, text):
    """No row is wider than the terminal, in scripts with wide characters, too."""
    blocks = [Line(text, True, 0.9, "body", ("class " + "長" * 24,) * 2, WHY[1])]
    assert max(map(width, page_lines(blocks, columns=columns))) <= columns


def test_reasons_stand_below_their_block_and_are_not_repeated():
    """A block with the reasons of the block before has none of its own."""
    blocks = [Line("one", True, 0.9, "body", *WHY), Line("two", True, 0.9, "body", *WHY)]
    _, one, keep, remove, two = page_lines(blocks)
    assert "'one'" in one
    assert "'two'" in two
    assert keep.strip() == "+ one of 12 such paragraphs; class article-body"
    assert remove.strip() == "- little text around it"


def test_the_number_of_rows_is_bounded():
    """A page of many blocks has a bounded explanation."""
    blocks = [Line(f"{n}", False, 0.1, "boilerplate", (), (f"reason {n}",)) for n in range(2000)]
    assert len(list(page_lines(blocks))) <= 2 + MAX_PAGE_LINES + MAX_REASON_LINES


def test_a_reason_cannot_write_to_the_terminal():
    """Control characters of a class name are escaped."""
    (_, _, reason) = page_lines([Line("x", False, 0.1, "boilerplate", (), ("class \x1b[2J",))])
    assert "\x1b" not in reason
