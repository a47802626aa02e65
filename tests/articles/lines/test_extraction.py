"""From page to article: what is kept, how it is joined, and that any page is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles.lines import extraction, model
from corpus.articles.lines.counters import ENDS, WORDS
from corpus.articles.lines.extraction import DECODINGS, lines, read_pages
from corpus.articles.lines.features import NAMES
from corpus.articles.lines.scan import NUMBER, scan
from tests.articles.pages import ARTICLE, HEAD, PAGE, PARAGRAPHS


def article(page: str, *, keep: str = "balanced") -> str:
    """Return the article of one page."""
    return next(read_pages(pa.array([page], pa.large_string()), decoding=DECODINGS[keep])).text


def test_the_article_is_kept_and_the_boilerplate_goes():
    """Every paragraph of the article stays, and nothing else of the page."""
    assert article(PAGE) == ARTICLE


def test_paragraphs_are_parted_as_on_the_page():
    """Lines that follow each other still do; a blank line, however many there were, stays one."""
    page = PAGE.replace(ARTICLE, "\n".join(PARAGRAPHS[:3]) + "\n\n\n" + "\n".join(PARAGRAPHS[3:]))
    assert article(page) == "\n".join(PARAGRAPHS[:3]) + "\n\n" + "\n".join(PARAGRAPHS[3:])


def test_a_clean_article_loses_nothing():
    """A page that is the article alone comes through whole."""
    assert article(ARTICLE) == ARTICLE


def test_keep_moves_between_precision_and_recall():
    """Who asks for recall gets every line that who asks for precision gets, and never fewer."""
    kept = {
        keep: sum(line.kept for line in lines(PAGE, decoding=d)) for keep, d in DECODINGS.items()
    }
    assert kept["precision"] <= kept["balanced"] <= kept["recall"]
    assert kept["precision"] > 0


def test_lines_say_what_became_of_them():
    """Each line that is not blank is there, in order, with whether it stays and how likely."""
    found = lines(PAGE)
    assert [line.text for line in found] == [
        line.strip() for line in PAGE.split("\n") if line.strip()
    ]
    assert tuple(line.text for line in found if line.kept) == PARAGRAPHS
    assert all(0 <= line.chance <= 1 for line in found)


def test_a_page_without_an_article_says_so():
    """SiteBoilerplate alone has no article, and the likeliest line is named as evidence."""
    read = next(read_pages(pa.array(["Menu\nHome\nLog in\nSubscribe\nCookies"])))
    assert (read.text, read.reason, read.removed_ratio) == ("", "no_article", 1.0)
    assert "5 lines" in read.evidence


pages = st.lists(
    st.sampled_from(
        [*PARAGRAPHS, "Menu", "Share", "", "  ", "•", "3 hours ago", "日本語。", "\u0301", "👩"]
    ),
    max_size=12,
).map("\n".join) | st.text(max_size=80)


@given(page=pages)
@settings(max_examples=80, deadline=None)
def test_an_article_is_made_of_lines_of_its_page(page):
    """Nothing is invented or reordered: the article's lines are lines of the page, in its order."""
    rest = iter([line.strip() for line in page.split("\n")])
    for line in article(page).split("\n"):
        assert not line or any(line == other.strip() for other in rest)


@given(column=st.lists(pages, max_size=4))
@settings(max_examples=30, deadline=None)
def test_pages_do_not_touch_each_other(column):
    """A page is read the same, its title and all, whatever stands beside it in the column."""
    column = [*column, PAGE, "", "\n".join([*HEAD, PARAGRAPHS[2], PARAGRAPHS[4]])]
    together = [*read_pages(pa.array(column, pa.large_string()))]
    assert together == [next(read_pages(pa.array([page], pa.large_string()))) for page in column]


def test_a_long_page_is_read_in_stretches(monkeypatch):
    """A page beyond the bounds of a stretch is cut at line ends; no line is lost or doubled."""
    page = "\n".join(f"{text} {i}" for i in range(400) for text in PARAGRAPHS)
    monkeypatch.setattr(extraction, "judge", judge := Judge())
    found = lines(page * 3)
    assert len(judge.sizes) > 1
    assert max(judge.sizes) <= extraction.MOST_BYTES
    assert "\n".join(line.text for line in found) == page * 3


class Judge:
    """The model, noting how large the stretches are that it is given."""

    def __init__(self):
        self.sizes = []

    def __call__(self, data, bounds, arrays):
        """Judge the stretches."""
        bounds = list(bounds)
        self.sizes += [stop - start for start, stop in bounds]
        return model.judge(data, bounds, arrays)


@pytest.mark.parametrize("page", ["", "\n", "a", "x" * 300_000, "\n" * 50_000, "a\n" * 40_000])
def test_any_page_is_read(page):
    """A page of no lines, one line or very many takes neither the run nor much time."""
    assert len(lines(page)) == sum(bool(line) for line in page.split("\n"))


def test_the_model_is_small_and_plain():
    """The model that ships is arrays alone, under half a megabyte, for the features there are."""
    assert model.PATH.stat().st_size < 500_000
    assert model.PATH.with_suffix(".md").is_file()
    forest = model.load().forest
    assert forest.column.max() < len(NAMES)


def test_a_word_of_digits_is_any_number():
    """Hours and prices differ from page to page; that there is a number does not."""
    arrays = model.load()
    data = np.frombuffer(b"7 hours ago\n19 hours ago\nSeven hours.", np.uint8)
    counters, words, firsts, _ = scan(data, 0, data.size, arrays.kinds, arrays.falls)
    assert words[firsts[0] : firsts[1]].tolist() == words[firsts[1] : firsts[2]].tolist()
    assert words[0] == NUMBER
    assert counters[:, WORDS].tolist() == [3, 3, 2]
    assert counters[:, ENDS].tolist() == [0, 0, 1]


def test_the_raw_example_keeps_its_nine_paragraphs_alone(shared_data: Path):
    """Of the project's own example no paragraph is lost, and no teaser stays."""
    (path,) = sorted((shared_data / "raw").glob("*.txt"))
    page = path.read_text().partition("\n")[2]
    rest = [line for line in page.split("\n") if line.strip()]
    assert article(page).split("\n\n") == [line.strip() for line in rest[3:12]]
