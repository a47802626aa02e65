"""Words that two texts do not share are marked, and nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.auditing.page.word_diff import word_diff

WORDS = st.lists(st.sampled_from(["tide", "pilot", "buoy", "\n", "  ", "ferry"]), max_size=12)


def test_what_the_other_has_not_is_marked():
    """The word that was exchanged is marked on both sides, without the space before it."""
    left, right = word_diff("The ferry left on Monday, late.", "The ferry left today, late.")
    assert left == [
        ("The ferry left", False),
        (" ", False),
        ("on Monday,", True),
        (" late.", False),
    ]
    assert right == [("The ferry left", False), (" ", False), ("today,", True), (" late.", False)]


def test_other_texts_are_not_marked():
    """Between texts with little in common, no mark would help."""
    assert word_diff("One is here.", "Three of them are there.") == (
        [("One is here.", False)],
        [("Three of them are there.", False)],
    )


@given(WORDS, WORDS)
def test_the_pieces_are_the_texts(one, other):
    """Put together, the pieces are the texts; and equal texts have no marks."""
    texts = " ".join(one), " ".join(other)
    found = word_diff(*texts)
    assert tuple("".join(part for part, _ in told) for told in found) == texts
    assert not any(mark for told in word_diff(texts[0], texts[0]) for _, mark in told)
