"""Words in which two texts differ are marked, and no text is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.auditing.page.word_diff import word_diff

WORDS = st.lists(st.sampled_from(["tide", "pilot", "buoy", "\n", "  ", "ferry"]), max_size=12)


def test_different_words_are_marked():
    """A replaced word is marked in both texts, without the space before it."""
    left, right = word_diff("The ferry left on Monday, late.", "The ferry left today, late.")
    assert left == [
        ("The ferry left", False),
        (" ", False),
        ("on Monday,", True),
        (" late.", False),
    ]
    assert right == [("The ferry left", False), (" ", False), ("today,", True), (" late.", False)]


def test_unrelated_texts_are_not_marked():
    """Texts that have little in common are returned without marks."""
    assert word_diff("One is here.", "Three of them are there.") == (
        [("One is here.", False)],
        [("Three of them are there.", False)],
    )


@given(WORDS, WORDS)
def test_the_pieces_add_up_to_the_texts(left, right):
    """Concatenated, the pieces are the texts; equal texts have no marks."""
    texts = " ".join(left), " ".join(right)
    diff = word_diff(*texts)
    assert tuple("".join(piece.text for piece in pieces) for pieces in diff) == texts
    sides = word_diff(texts[0], texts[0])
    assert not any(piece.differs for pieces in sides for piece in pieces)
