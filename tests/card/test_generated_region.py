"""What people wrote into a card is kept, whatever it is."""

from __future__ import annotations

import pytest

from corpus.card.generated_region import keys_of, written_by_people


def test_a_head_that_is_nested_too_deeply_is_kept_as_text():
    """YAML that cannot be parsed, however deep it is, stops no build and loses no word."""
    head = "- " * 20_000 + "a"
    kept = written_by_people(f"---\n{head}\n---\nAbout it.\n")
    assert kept.keys == ""
    assert head in kept.below
    assert "About it." in kept.below
    assert keys_of(head) == []


@pytest.mark.parametrize("head", ["a: b\n" * 400_000, f"a: [{'b, ' * 400_000}]\n"])
def test_a_head_that_would_take_minutes_to_read_is_kept_as_text(head):
    """A head without end, of many lines or of one long line, is not parsed, and loses no word."""
    kept = written_by_people(f"---\n{head}---\nAbout it.\n")
    assert kept.keys == ""
    assert head in kept.below
