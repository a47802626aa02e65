"""Tests of the stage `site_boilerplate`: which lines recur across a site and are removed."""

from __future__ import annotations

from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles.site_boilerplate.site_lines import sites
from corpus.documents import EVIDENCE, TEXT, reasons
from corpus.observations import in_memory
from corpus.stages.site_boilerplate import BOILERPLATE_LINES, SiteBoilerplate
from tests.conftest import make_documents

LETTER = "Our morning letter tells you what the day will bring. Ask for it at the counter."
NOTICE = "All that is printed here belongs to the Hallby Courier and may be read aloud."
NOUNS = ("harbour", "mill", "council", "ferry", "orchard", "quarry", "library", "market", "school")


def story(number: int) -> str:
    """Return an article that shares no line with the others."""
    noun = NOUNS[number % len(NOUNS)]
    return "\n\n".join(
        f"The {noun} {verb} on day {number}, and nobody in the {noun} was surprised by it."
        for verb in ("opened", "closed", "was painted", "lost its roof")
    )


def page(number: int, *more: str) -> str:
    """Return an article followed by other lines."""
    return "\n\n".join([story(number), *more])


def pages(
    *texts: str, site: str = "www.hallby.example", content: str = "article"
) -> pa.RecordBatch:
    """Return pages of one site."""
    urls = [f"https://{site}/{i}" for i in range(len(texts))]
    return make_documents(*texts, url=urls, _content=[content] * len(texts))


def applied(stage: SiteBoilerplate, documents: pa.RecordBatch) -> pa.RecordBatch:
    """Return the result of the stage on a corpus of one batch."""
    return stage.apply(documents, stage.decide(in_memory(documents, stage.observes())))


def texts(stage: SiteBoilerplate, documents: pa.RecordBatch) -> list[str]:
    """Return the texts after the stage."""
    return applied(stage, documents).column(TEXT).to_pylist()


def test_a_line_on_many_pages_of_a_site_is_removed() -> None:
    """A line on enough pages is removed, and a column counts the removed lines."""
    batch = pages(*(page(i, LETTER, NOTICE) for i in range(5)), page(5, LETTER))

    cleaned = applied(SiteBoilerplate(), batch)

    assert cleaned.column(TEXT).to_pylist() == [story(i) for i in range(6)]
    assert cleaned.column(BOILERPLATE_LINES).to_pylist() == [2, 2, 2, 2, 2, 1]


def test_a_line_on_too_few_pages_is_kept() -> None:
    """A line on three pages is kept, on a site of three pages and on one of six."""
    few = pages(*(page(i, LETTER) for i in range(3)))
    some = pages(*(page(i, LETTER) for i in range(3)), *(page(i) for i in range(3, 6)))

    for batch in (few, some):
        assert texts(SiteBoilerplate(), batch) == batch.column(TEXT).to_pylist()


def test_a_line_on_too_small_a_share_of_a_site_is_kept() -> None:
    """A line on ten of four hundred pages is kept with a share of 0.05, and removed with 0.02."""
    batch = pages(*(page(i, LETTER) if i < 10 else page(i) for i in range(400)))

    assert texts(SiteBoilerplate(), batch) == batch.column(TEXT).to_pylist()
    assert texts(SiteBoilerplate(share=0.02), batch) == [story(i) for i in range(400)]


def test_versions_of_one_story_are_not_boilerplate() -> None:
    """Pages that share nearly all of their lines count as one page."""
    batch = pages(*(f"{story(1)}\n\nUpdated for the {i}th time." for i in range(30)), page(2))

    assert texts(SiteBoilerplate(), batch) == batch.column(TEXT).to_pylist()


def test_boilerplate_is_found_among_duplicate_pages() -> None:
    """With three copies of each story, the stories are kept and the shared line is removed."""
    batch = pages(*(page(i // 3, LETTER) for i in range(30)))

    assert texts(SiteBoilerplate(), batch) == [story(i // 3) for i in range(30)]


def test_a_line_repeated_on_a_page_counts_once() -> None:
    """Pages are counted, not lines; a line to remove is removed wherever it occurs."""
    twice = pages(*(page(i, LETTER, LETTER) for i in range(3)), *(page(i) for i in range(3, 8)))
    often = pages(*(page(i, LETTER, LETTER) for i in range(5)))

    assert texts(SiteBoilerplate(), twice) == twice.column(TEXT).to_pylist()
    assert texts(SiteBoilerplate(), often) == [story(i) for i in range(5)]


def test_documents_of_content_text_are_not_changed() -> None:
    """Documents that were read as text are examined only with `texts: true`."""
    batch = pages(*(page(i, LETTER) for i in range(6)), content="text")

    cleaned = applied(SiteBoilerplate(), batch)
    assert cleaned.column(TEXT).to_pylist() == batch.column(TEXT).to_pylist()
    assert cleaned.column(BOILERPLATE_LINES).null_count == 6
    assert texts(SiteBoilerplate(texts=True), batch) == [story(i) for i in range(6)]


def test_a_page_of_only_boilerplate_is_removed_with_its_text() -> None:
    """The evidence is the site, and the original text is kept for the ledger."""
    batch = pages(*(page(i, LETTER, NOTICE) for i in range(9)), f"{LETTER}\n\n{NOTICE}")

    cleaned = applied(SiteBoilerplate(), batch)

    assert reasons(cleaned).to_pylist() == [None] * 9 + ["site_boilerplate"]
    assert cleaned.column(EVIDENCE)[9].as_py() == "hallby.example"
    assert cleaned.column(TEXT)[9].as_py() == f"{LETTER}\n\n{NOTICE}"


def test_a_page_with_too_little_text_left_is_removed() -> None:
    """`min_characters` applies only to documents that lost lines."""
    short = ["The bridge is open.\n\n" + LETTER, "The bridge is closed."]
    batch = pages(*(page(i, LETTER) for i in range(9)), *short)

    cleaned = applied(SiteBoilerplate(min_characters=40), batch)

    assert reasons(cleaned).to_pylist() == [None] * 9 + ["too_short", None]


def test_removed_ratio_includes_the_removed_lines() -> None:
    """The removed share of a page grows by the removed lines; a null stays null."""
    documents = pages(*(page(i, LETTER) for i in range(6)))
    ratios = pa.array([0.5] * 5 + [None], pa.float32())
    cleaned = applied(SiteBoilerplate(), documents.append_column("removed_ratio", ratios))

    size = len(story(0)) / len(page(0, LETTER))
    assert cleaned.column("removed_ratio").to_pylist()[0] == pytest.approx(1 - 0.5 * size)
    assert cleaned.column("removed_ratio").to_pylist()[5] is None


def test_sites_are_counted_separately() -> None:
    """A line on three pages of each of two sites is kept."""
    mine = pages(*(page(i, LETTER) for i in range(3)))
    other = pages(*(page(i, LETTER) for i in range(10, 13)), site="other.example")
    both = pa.Table.from_batches([mine, other]).combine_chunks().to_batches()[0]

    assert texts(SiteBoilerplate(), both) == both.column(TEXT).to_pylist()


lines = st.sampled_from([LETTER, NOTICE, *(story(i).split("\n")[0] for i in range(4)), "", "* * *"])
corpora = st.lists(
    st.tuples(st.sampled_from(["a.example", "b.example"]), st.lists(lines, max_size=5)), max_size=12
)


@given(corpus=corpora)
@settings(max_examples=60, deadline=None)
def test_sketch_size_and_sort_buffer_do_not_matter(corpus: list[tuple[str, list[str]]]) -> None:
    """Colliding lines in the sketch and a sort buffer of one line do not change the result."""
    documents = make_documents(
        *("\n".join(page_lines) for _, page_lines in corpus),
        url=[f"https://{site}/" for site, _ in corpus],
        _content=["article"] * len(corpus),
    )
    stage = SiteBoilerplate(pages=2, share=0.2)
    expected = texts(stage, documents)

    with mock.patch("corpus.articles.site_boilerplate.recurring.MAX_SKETCH_BYTES", 2):
        assert texts(stage, documents) == expected
    with mock.patch("corpus.articles.site_boilerplate.recurring.MAX_LINES_SORTED", 1):
        assert texts(stage, documents) == expected


@given(corpus=corpora, more=st.lists(st.lists(lines, max_size=5), max_size=6))
@settings(max_examples=40, deadline=None)
def test_pages_of_another_site_do_not_matter(
    corpus: list[tuple[str, list[str]]], more: list[list[str]]
) -> None:
    """More pages of another site do not change the text of any document."""
    stage = SiteBoilerplate(pages=2, share=0.2)
    both = [*corpus, *(("c.example", page_lines) for page_lines in more)]

    def texts_after(pages: list[tuple[str, list[str]]]) -> list[str]:
        joined = ["\n".join(text) for _, text in pages]
        urls = [f"https://{site}/" for site, _ in pages]
        return texts(stage, make_documents(*joined, url=urls, _content=["article"] * len(joined)))

    assert texts_after(both)[: len(corpus)] == texts_after(corpus)


def test_the_metrics_list_the_most_frequent_lines() -> None:
    """The metrics count sites, lines and documents, and list the lines on most pages first."""
    batch = pages(*(page(i, LETTER, NOTICE) for i in range(5)), page(5, LETTER))
    stage = SiteBoilerplate()

    metrics = stage.metrics(stage.decide(in_memory(batch, stage.observes())))

    assert (metrics["sites"], metrics["recurring"], metrics["cut"], metrics["cut_from"]) == (
        1,
        2,
        11,
        6,
    )
    assert metrics["commonest"] == [
        {"site": "hallby.example", "line": LETTER, "pages": 6},
        {"site": "hallby.example", "line": NOTICE, "pages": 5},
    ]


def test_a_site_is_a_host_else_a_publisher_else_a_folder() -> None:
    """A site is the host of the URL, or else the publisher, or else the folder of the source."""
    documents = make_documents(
        *"abcdef",
        url=["https://WWW.Hallby.example:80/a?b", "http://me@hallby.example", "mailto:x", None, "",
             None],
        publisher=[None, "Courier", "Courier", " Courier ", " ", None],
    )  # fmt: skip
    sources = pa.array([*"12345", "wire/2023/a.txt"])
    index = documents.schema.get_field_index("source")

    assert sites(documents.set_column(index, "source", sources)).to_pylist() == [
        "hallby.example", "hallby.example", "publisher Courier", "publisher Courier", "folder ",
        "folder wire/2023",
    ]  # fmt: skip
