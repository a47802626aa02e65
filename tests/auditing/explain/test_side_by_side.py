"""What a stage did to a text, line by line."""

from __future__ import annotations

import pytest

from corpus.auditing.explain.side_by_side import changed_lines


@pytest.mark.parametrize("at", [0, 30, 59, 60, 61, 79, 80, 300])
def test_a_change_far_into_a_line_is_shown(at):
    """A long line is shown from a little before the change; else both lines would look equal."""
    common, rest = "x" * at, "y" * 100
    before, after, last = changed_lines(f"{common}A{rest}", f"{common}B{rest}")
    assert before.replace("A", "B").replace("- ", "+ ") == after
    assert "A" in before
    assert "B" in after
    assert ("…x" in before) == (at >= 60)
    assert last == "    0 lines unchanged"
