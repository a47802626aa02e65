"""What people wrote into a card is kept, whatever it is."""

from __future__ import annotations

from corpus.card.generated_region import keys_of, written_by_people


def test_a_head_that_is_nested_too_deeply_is_kept_as_text():
    """YAML that cannot be parsed, however deep it is, stops no build and loses no word."""
    head = "- " * 20_000 + "a"
    kept = written_by_people(f"---\n{head}\n---\nAbout it.\n")
    assert kept.keys == ""
    assert head in kept.below
    assert "About it." in kept.below
    assert keys_of(head) == []
