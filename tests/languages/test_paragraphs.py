"""Shares of languages within a document."""

from __future__ import annotations

import json
import tracemalloc

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.languages.identify import Options
from corpus.languages.paragraphs import BLANK, MOST, paragraphs, shares_of

LINES = st.text(st.sampled_from("\n\n a é漢𝐀\x1c\x85\xa0\u1680\u2028\u200b\u3000"), max_size=60)


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


@settings(deadline=None)
@given(st.lists(LINES | st.none(), max_size=4), st.integers(0, 2))
def test_paragraphs_are_the_lines_that_are_not_blank(texts: list[str | None], start: int) -> None:
    """Lines part at line feeds alone; what is white space to Python is blank, in any slice."""
    found, counts = paragraphs(pa.array(texts, pa.string())[start:])
    expected = [
        [line for line in (text or "").split("\n") if line.strip()] for text in texts[start:]
    ]
    assert found.to_pylist() == [line for lines in expected for line in lines]
    assert counts.tolist() == [len(lines) for lines in expected]


def test_of_many_paragraphs_those_are_taken_that_lie_evenly() -> None:
    """Of n lines that are not blank the chosen ones are at 0, n / MOST, 2 n / MOST and so on."""
    for n_lines in (MOST, MOST + 1, 3 * MOST - 1, 1234):
        lines = [str(number) for number in range(n_lines)]
        found, counts = paragraphs(pa.array(["\n \n".join(lines)]))
        assert found.to_pylist() == [lines[at * n_lines // MOST] for at in range(MOST)]
        assert counts.tolist() == [MOST]


def test_the_table_of_white_space_is_whole() -> None:
    """No character above it is white space."""
    assert not any(chr(point).isspace() for point in range(len(BLANK), 0x110000))


def test_a_text_of_many_short_lines_takes_no_memory() -> None:
    """Lines that are not tagged become no objects: they took 28 times the size of the text."""
    size = 2_000_000
    text = pa.array(["ab\n" * (size // 3)], pa.large_string())
    shares_of(text[:0], Options())
    paragraphs(text[:1])
    tracemalloc.start()
    shares_of(text, Options())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < size
