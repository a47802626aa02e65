"""The share of each language in a document."""

from __future__ import annotations

import json
import tracemalloc

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.languages.identify import Options
from corpus.languages.paragraphs import (
    IS_SPACE,
    MAX_PARAGRAPHS,
    language_shares,
    sample_paragraphs,
)

LINES = st.text(st.sampled_from("\n\n a é漢𝐀\x1c\x85\xa0\u1680\u2028\u200b\u3000"), max_size=60)


def shares(*texts: str | None) -> list[dict[str, float] | None]:
    """Return the shares of each text."""
    column = language_shares(pa.array(texts, pa.large_string()), Options()).to_pylist()
    return [None if value is None else json.loads(value) for value in column]


def test_a_mixed_document_has_the_share_of_each_language(articles: dict[str, str]) -> None:
    """Shares are shares of letters and add up to 1; the greatest is first."""
    text = "\n\n".join([articles["de"], articles["de"], articles["ru"]])
    (of_text,) = shares(text)
    assert list(of_text) == ["de", "ru"]
    assert 0.6 < of_text["de"] < 0.8
    assert round(sum(of_text.values()), 2) == 1


def test_lines_without_letters_are_ignored(articles: dict[str, str]) -> None:
    """A table of numbers has no share, and a text of numbers only has no shares."""
    assert shares(f"1 2 3\n{articles['en']}\n***", "1\n2", "", None) == [
        {"en": 1.0},
        None,
        None,
        None,
    ]


def test_a_document_does_not_depend_on_its_neighbours(articles: dict[str, str]) -> None:
    """Paragraphs of many documents are tagged together, but counted for their own document."""
    texts = [f"{articles['fr']}\n{articles['el']}", None, articles["ja"]]
    assert shares(*texts) == [shares(text)[0] for text in texts]


def test_work_on_a_document_is_bounded(articles: dict[str, str]) -> None:
    """A limited number of paragraphs is tagged, spread over the document."""
    text = "\n".join([articles["en"]] * MAX_PARAGRAPHS + [articles["el"]] * MAX_PARAGRAPHS)
    assert shares(text)[0].keys() == {"en", "el"}


@settings(deadline=None)
@given(st.lists(LINES | st.none(), max_size=4), st.integers(0, 2))
def test_paragraphs_are_lines_that_are_not_blank(texts: list[str | None], start: int) -> None:
    """Only line feeds separate lines, and white space is what Python calls so, in any slice."""
    lines, counts = sample_paragraphs(pa.array(texts, pa.string())[start:])
    expected = [
        [line for line in (text or "").split("\n") if line.strip()] for text in texts[start:]
    ]
    assert lines.to_pylist() == [line for of_text in expected for line in of_text]
    assert counts.tolist() == [len(of_text) for of_text in expected]


def test_sampled_paragraphs_are_evenly_spaced() -> None:
    """The chosen ones of n lines are at 0, n / MAX_PARAGRAPHS, 2 n / MAX_PARAGRAPHS and so on."""
    for n_lines in (MAX_PARAGRAPHS, MAX_PARAGRAPHS + 1, 3 * MAX_PARAGRAPHS - 1, 1234):
        lines = [str(number) for number in range(n_lines)]
        chosen, counts = sample_paragraphs(pa.array(["\n \n".join(lines)]))
        expected = [lines[at * n_lines // MAX_PARAGRAPHS] for at in range(MAX_PARAGRAPHS)]
        assert chosen.to_pylist() == expected
        assert counts.tolist() == [MAX_PARAGRAPHS]


def test_the_table_of_white_space_is_complete() -> None:
    """No character beyond the table is white space."""
    assert not any(chr(point).isspace() for point in range(len(IS_SPACE), 0x110000))


def test_a_text_of_many_short_lines_takes_little_memory() -> None:
    """Lines that are not tagged do not become Python objects, which take 28 times the memory."""
    size = 2_000_000
    text = pa.array(["ab\n" * (size // 3)], pa.large_string())
    language_shares(text[:0], Options())
    sample_paragraphs(text[:1])
    tracemalloc.start()
    language_shares(text, Options())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < size
