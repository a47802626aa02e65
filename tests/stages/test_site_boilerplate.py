"""SiteBoilerplate: what recurs across a site goes, what is merely said again stays."""

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
    """Return an article with lines behind it."""
    return "\n\n".join([story(number), *more])


def pages(
    *texts: str, site: str = "www.hallby.example", content: str = "article"
) -> pa.RecordBatch:
    """Return pages of one site."""
    urls = [f"https://{site}/{i}" for i in range(len(texts))]
    return make_documents(*texts, url=urls, _content=[content] * len(texts))


def applied(stage: SiteBoilerplate, documents: pa.RecordBatch) -> pa.RecordBatch:
    """Return what the stage makes of a corpus that is this one batch."""
    return stage.apply(documents, stage.decide(in_memory(documents, stage.observes())))


def texts(stage: SiteBoilerplate, documents: pa.RecordBatch) -> list[str]:
    """Return the texts that the stage leaves."""
    return applied(stage, documents).column(TEXT).to_pylist()


def test_a_line_on_many_pages_of_a_site_goes() -> None:
    """What stands on enough pages goes, and the column says how many lines did."""
    given_ = pages(*(page(i, LETTER, NOTICE) for i in range(5)), page(5, LETTER))

    found = applied(SiteBoilerplate(), given_)

    assert found.column(TEXT).to_pylist() == [story(i) for i in range(6)]
    assert found.column(BOILERPLATE_LINES).to_pylist() == [2, 2, 2, 2, 2, 1]


def test_a_site_with_too_few_pages_is_left() -> None:
    """Three pages say nothing yet, nor does a line on three of six."""
    few = pages(*(page(i, LETTER) for i in range(3)))
    some = pages(*(page(i, LETTER) for i in range(3)), *(page(i) for i in range(3, 6)))

    for given_ in (few, some):
        assert texts(SiteBoilerplate(), given_) == given_.column(TEXT).to_pylist()


def test_a_line_on_too_small_a_share_of_a_large_site_stays() -> None:
    """Ten pages of four hundred may say the same."""
    given_ = pages(*(page(i, LETTER) if i < 10 else page(i) for i in range(400)))

    assert texts(SiteBoilerplate(), given_) == given_.column(TEXT).to_pylist()
    assert texts(SiteBoilerplate(share=0.02), given_) == [story(i) for i in range(400)]


def test_versions_of_one_story_make_no_boilerplate() -> None:
    """Pages that share nearly all they say are one page, however many there are."""
    given_ = pages(*(f"{story(1)}\n\nUpdated for the {i}th time." for i in range(30)), page(2))

    assert texts(SiteBoilerplate(), given_) == given_.column(TEXT).to_pylist()


def test_boilerplate_is_found_among_pages_that_were_read_twice() -> None:
    """Each story in three copies: their own lines stay, what all of them have goes."""
    given_ = pages(*(page(i // 3, LETTER) for i in range(30)))

    assert texts(SiteBoilerplate(), given_) == [story(i // 3) for i in range(30)]


def test_a_line_that_stands_twice_on_a_page_counts_once() -> None:
    """Pages are counted, not lines; where it goes it goes everywhere."""
    twice = pages(*(page(i, LETTER, LETTER) for i in range(3)), *(page(i) for i in range(3, 8)))
    often = pages(*(page(i, LETTER, LETTER) for i in range(5)))

    assert texts(SiteBoilerplate(), twice) == twice.column(TEXT).to_pylist()
    assert texts(SiteBoilerplate(), often) == [story(i) for i in range(5)]


def test_texts_that_were_never_pages_are_left() -> None:
    """What a source gives as text stays as it is, unless the config says otherwise."""
    given_ = pages(*(page(i, LETTER) for i in range(6)), content="text")

    found = applied(SiteBoilerplate(), given_)
    assert found.column(TEXT).to_pylist() == given_.column(TEXT).to_pylist()
    assert found.column(BOILERPLATE_LINES).null_count == 6
    assert texts(SiteBoilerplate(texts=True), given_) == [story(i) for i in range(6)]


def test_a_page_of_nothing_else_goes_with_its_text() -> None:
    """Nothing is emptied in silence: the ledger names the site, the text is as it was."""
    given_ = pages(*(page(i, LETTER, NOTICE) for i in range(9)), f"{LETTER}\n\n{NOTICE}")

    found = applied(SiteBoilerplate(), given_)

    assert reasons(found).to_pylist() == [None] * 9 + ["site_boilerplate"]
    assert found.column(EVIDENCE)[9].as_py() == "hallby.example"
    assert found.column(TEXT)[9].as_py() == f"{LETTER}\n\n{NOTICE}"


def test_a_page_with_too_little_left_goes() -> None:
    """`min_characters` is for documents that lost lines; a short one that lost none stays."""
    short = ["The bridge is open.\n\n" + LETTER, "The bridge is closed."]
    given_ = pages(*(page(i, LETTER) for i in range(9)), *short)

    found = applied(SiteBoilerplate(min_characters=40), given_)

    assert reasons(found).to_pylist() == [None] * 9 + ["too_short", None]


def test_removed_ratio_counts_what_went_now() -> None:
    """The share of the page that went grows by what recurred; where it is unknown it stays so."""
    documents = pages(*(page(i, LETTER) for i in range(6)))
    ratios = pa.array([0.5] * 5 + [None], pa.float32())
    found = applied(SiteBoilerplate(), documents.append_column("removed_ratio", ratios))

    size = len(story(0)) / len(page(0, LETTER))
    assert found.column("removed_ratio").to_pylist()[0] == pytest.approx(1 - 0.5 * size)
    assert found.column("removed_ratio").to_pylist()[5] is None


def test_a_page_of_another_site_changes_nothing() -> None:
    """Sites are counted apart, whatever the others say."""
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
def test_neither_the_sketch_nor_the_turns_show(corpus: list[tuple[str, list[str]]]) -> None:
    """A sketch in which all lines collide, and sorting in turns, decide nothing."""
    documents = make_documents(
        *("\n".join(said) for _, said in corpus),
        url=[f"https://{site}/" for site, _ in corpus],
        _content=["article"] * len(corpus),
    )
    stage = SiteBoilerplate(pages=2, share=0.2)
    plain = texts(stage, documents)

    with mock.patch("corpus.articles.site_boilerplate.recurring.MAX_SKETCH_BYTES", 2):
        assert texts(stage, documents) == plain
    with mock.patch("corpus.articles.site_boilerplate.recurring.MAX_LINES_SORTED", 1):
        assert texts(stage, documents) == plain


@given(corpus=corpora, more=st.lists(st.lists(lines, max_size=5), max_size=6))
@settings(max_examples=40, deadline=None)
def test_no_site_has_a_say_in_another(
    corpus: list[tuple[str, list[str]]], more: list[list[str]]
) -> None:
    """Whatever pages of another site are added, each document's text is what it was."""
    stage = SiteBoilerplate(pages=2, share=0.2)
    both = [*corpus, *(("c.example", said) for said in more)]

    def left(pages: list[tuple[str, list[str]]]) -> list[str]:
        said = ["\n".join(text) for _, text in pages]
        urls = [f"https://{site}/" for site, _ in pages]
        return texts(stage, make_documents(*said, url=urls, _content=["article"] * len(said)))

    assert left(both)[: len(corpus)] == left(corpus)


def test_facts_tell_the_commonest_lines() -> None:
    """How many sites, lines and documents, and the lines themselves, those of most pages first."""
    given_ = pages(*(page(i, LETTER, NOTICE) for i in range(5)), page(5, LETTER))
    stage = SiteBoilerplate()

    metrics = stage.metrics(stage.decide(in_memory(given_, stage.observes())))

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
    """The most certain thing that is known names the site."""
    documents = make_documents(
        *"abcdef",
        url=["https://WWW.Hallby.example:80/a?b", "http://me@hallby.example", "mailto:x", None, "",
             None],
        publisher=[None, "Courier", "Courier", " Courier ", " ", None],
    )  # fmt: skip
    where = pa.array([*"12345", "wire/2023/a.txt"])
    at = documents.schema.get_field_index("source")

    assert sites(documents.set_column(at, "source", where)).to_pylist() == [
        "hallby.example", "hallby.example", "publisher Courier", "publisher Courier", "folder ",
        "folder wire/2023",
    ]  # fmt: skip
