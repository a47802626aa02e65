"""From page to article: the lines that are kept, how they are joined, and pages of every kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.articles.lines import extraction, model, selection
from corpus.articles.lines.extraction import lines, read_pages
from corpus.articles.lines.feature_columns import NAMES
from corpus.articles.lines.second_pass import NAMES as SECOND_PASS_NAMES
from corpus.articles.lines.selection import DECODINGS
from tests.articles.pages import ARTICLE, HEAD, PAGE, PARAGRAPHS


def article(page: str, *, keep: str = "balanced") -> str:
    """Return the article of one page."""
    return next(read_pages(pa.array([page], pa.large_string()), decoding=DECODINGS[keep])).text


def test_article_is_kept_and_boilerplate_removed():
    """Every paragraph of the article is kept, and nothing else of the page."""
    assert article(PAGE) == ARTICLE


def test_paragraphs_are_separated_as_on_the_page():
    """Consecutive lines remain consecutive; several blank lines between two become one."""
    page = PAGE.replace(ARTICLE, "\n".join(PARAGRAPHS[:3]) + "\n\n\n" + "\n".join(PARAGRAPHS[3:]))
    assert article(page) == "\n".join(PARAGRAPHS[:3]) + "\n\n" + "\n".join(PARAGRAPHS[3:])


def test_clean_article_loses_nothing():
    """A page that contains only the article is kept whole."""
    assert article(ARTICLE) == ARTICLE


def test_keep_trades_precision_for_recall():
    """`recall` keeps at least as many lines as `balanced`, and `balanced` as `precision`."""
    kept = {
        keep: sum(line.kept for line in lines(PAGE, decoding=d)) for keep, d in DECODINGS.items()
    }
    assert kept["precision"] <= kept["balanced"] <= kept["recall"]
    assert kept["precision"] > 0


def test_lines_report_each_line_of_a_page():
    """Each line that is not blank is reported in order, with its probability, kept or not."""
    reported = lines(PAGE)
    assert [line.text for line in reported] == [
        line.strip() for line in PAGE.split("\n") if line.strip()
    ]
    assert tuple(line.text for line in reported if line.kept) == PARAGRAPHS
    assert all(0 <= line.probability <= 1 for line in reported)


def test_page_without_an_article_has_a_reason():
    """A page of nothing but boilerplate has no article; the evidence counts its lines."""
    result = next(read_pages(pa.array(["Menu\nHome\nLog in\nSubscribe\nCookies"])))
    assert (result.text, result.reason, result.removed_ratio) == ("", "no_article", 1.0)
    assert "5 lines" in result.evidence


pages = st.lists(
    st.sampled_from(
        [*PARAGRAPHS, "Menu", "Share", "", "  ", "•", "3 hours ago", "日本語。", "\u0301", "👩"]
    ),
    max_size=12,
).map("\n".join) | st.text(max_size=80)


@example(page=PAGE)
@given(page=pages)
@settings(max_examples=80, deadline=None)
def test_article_consists_of_lines_of_its_page(page):
    """The lines of an article are lines of its page, in the same order."""
    rest = iter([line.strip() for line in page.split("\n")])
    for line in article(page).split("\n"):
        assert not line or any(line == other.strip() for other in rest)


@given(column=st.lists(pages, max_size=4))
@settings(max_examples=30, deadline=None)
def test_pages_do_not_influence_each_other(column):
    """A page has the same result, metadata included, whatever else is in the column."""
    column = [*column, PAGE, "", "\n".join([*HEAD, PARAGRAPHS[2], PARAGRAPHS[4]])]
    together = [*read_pages(pa.array(column, pa.large_string()))]
    assert together == [next(read_pages(pa.array([page], pa.large_string()))) for page in column]


@pytest.mark.parametrize(("n_pages", "n_lines"), [(1, 1), (3, 20), (100, 7), (2, 5000)])
def test_no_result_depends_on_the_size_of_a_batch(n_pages, n_lines, monkeypatch):
    """Pages are read and scored in batches; their results are the same in batches of any size."""
    short = "\n\n".join(PARAGRAPHS[:2])
    column = pa.array([PAGE, "", short, "Menu\nHome", ARTICLE, " \n", PAGE * 3, short, "Share"])
    results = [*read_pages(column)]
    monkeypatch.setattr(extraction, "BATCH_PAGES", n_pages)
    monkeypatch.setattr(model, "BATCH_LINES", n_lines)
    assert [*read_pages(column)] == results


def test_long_page_is_read_in_stretches(monkeypatch):
    """A page above the limit is split at line ends; no line is lost or doubled."""
    page = "\n".join(f"{text} {i}" for i in range(400) for text in PARAGRAPHS)
    monkeypatch.setattr(selection, "score_pages", recorder := ScorePagesRecorder())
    reported = lines(page * 3)
    assert len(recorder.sizes) > 1
    assert max(recorder.sizes) <= selection.MAX_STRETCH_BYTES
    assert "\n".join(line.text for line in reported) == page * 3


class ScorePagesRecorder:
    """`score_pages`, recording the sizes of the stretches that it receives."""

    def __init__(self):
        self.sizes = []

    def __call__(self, data, bounds, arrays):
        """Score the stretches."""
        self.sizes += (bounds[:, 1] - bounds[:, 0]).tolist()
        return model.score_pages(data, bounds, arrays)


@pytest.mark.parametrize("page", ["", "\n", "a", "x" * 300_000, "\n" * 50_000, "a\n" * 40_000])
def test_any_page_is_read(page):
    """A page may have no lines, one long line or very many lines."""
    assert len(lines(page)) == sum(bool(line) for line in page.split("\n"))


def test_shipped_model_is_small_and_documented():
    """The shipped model is below half a megabyte and fits the features of a line."""
    assert model.PATH.stat().st_size < 500_000
    assert model.PATH.with_suffix(".md").is_file()
    arrays = model.load()
    assert arrays.first_pass.feature.max() < len(NAMES)
    assert arrays.second_pass.feature.max() < len(NAMES) + len(SECOND_PASS_NAMES)


def test_packing_a_model_keeps_its_stored_names():
    """The arrays of a packed model have the names and values in `model.npz`."""
    packed = model.pack(model.load())
    with np.load(model.PATH, allow_pickle=False) as stored:
        assert set(packed) == set(stored.files)
        assert all(np.array_equal(packed[name], stored[name]) for name in stored.files)


def test_project_example_keeps_exactly_its_nine_paragraphs(shared_data: Path):
    """No paragraph of the project's own example is lost, and no teaser is kept."""
    (path,) = sorted((shared_data / "raw").glob("*.txt"))
    page = path.read_text().partition("\n")[2]
    rest = [line for line in page.split("\n") if line.strip()]
    assert article(page).split("\n\n") == [line.strip() for line in rest[3:12]]
