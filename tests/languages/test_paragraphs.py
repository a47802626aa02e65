"""Shares of languages within a document."""

from __future__ import annotations

import json

import pyarrow as pa

from corpus.languages.identify import Options
from corpus.languages.paragraphs import MOST, shares_of


def shares(*texts: str | None) -> list[dict[str, float] | None]:
    """Return the shares of each text."""
    found = shares_of(pa.array(texts, pa.large_string()), Options()).to_pylist()
    return [None if one is None else json.loads(one) for one in found]


def test_a_mixed_document_has_the_share_of_each_language(articles: dict[str, str]) -> None:
    """Shares are of letters, add up to 1, and the greatest stands first."""
    text = "\n\n".join([articles["de"], articles["de"], articles["ru"]])
    (found,) = shares(text)
    assert list(found) == ["de", "ru"]
    assert 0.6 < found["de"] < 0.8
    assert round(sum(found.values()), 2) == 1


def test_lines_without_letters_count_for_nothing(articles: dict[str, str]) -> None:
    """A table of numbers takes no share; a text of nothing else has none."""
    assert shares(f"1 2 3\n{articles['en']}\n***", "1\n2", "", None) == [
        {"en": 1.0},
        None,
        None,
        None,
    ]


def test_a_document_does_not_depend_on_its_neighbours(articles: dict[str, str]) -> None:
    """Paragraphs of many documents are tagged together, and shared out to their own."""
    texts = [f"{articles['fr']}\n{articles['el']}", None, articles["ja"]]
    assert shares(*texts) == [shares(text)[0] for text in texts]


def test_work_on_a_document_is_bounded(articles: dict[str, str]) -> None:
    """Of very many paragraphs some are tagged, all over the document."""
    text = "\n".join([articles["en"]] * MOST + [articles["el"]] * MOST)
    assert shares(text)[0].keys() == {"en", "el"}
