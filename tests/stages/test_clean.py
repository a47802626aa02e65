"""Tests of the stage `clean`: articles, metadata, normalisation and removals."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from corpus.articles.html import extract
from corpus.documents import CONTENT, EVIDENCE, TEXT, column, reasons
from corpus.stages.clean import REMOVED_RATIO, Clean
from corpus.stages.clean_settings import Html, Normalise
from corpus.stages.filter import Filter
from tests.articles.pages import ARTICLE, HTML, PAGE, PARAGRAPHS, TITLE
from tests.conftest import make_documents

Documents = Callable[..., pa.RecordBatch]
MIDDAY = datetime(2020, 1, 1, 12, tzinfo=UTC)


def test_the_content_type_decides_what_is_removed(documents: Documents) -> None:
    """A page loses its boilerplate, HTML its markup, and an article nothing."""
    batch = documents(PAGE, HTML, ARTICLE, _content=["page", "html", "text"])
    cleaned = Clean().apply(batch)
    assert cleaned.column(TEXT).to_pylist() == [
        ARTICLE,
        "\n".join(PARAGRAPHS),
        ARTICLE,
    ]
    assert cleaned.column(CONTENT).to_pylist() == ["article", "article", "text"]
    assert reasons(cleaned).null_count == 3


COMPILED = """
import sys
import pyarrow as pa
from corpus.stages.clean import Clean
from tests.articles.pages import ARTICLE, HTML, PAGE

def compiled():
    modules = [m for name, m in sorted(sys.modules.items()) if name.startswith("corpus.")]
    kernels = {id(x): x for m in modules for x in vars(m).values() if hasattr(x, "signatures")}
    return {f"{x.__module__}.{x.__name__}{sig}" for x in kernels.values() for sig in x.signatures}

contents = sys.argv[1:]
texts = {"page": PAGE, "html": HTML, "text": ARTICLE}
Clean().kernels_for(set(contents)) if contents else Clean().kernels()
ready = compiled()
rows = contents or [*texts]
batch = pa.record_batch({"text": [texts[row] for row in rows], "_content": rows})
print(len(ready) > 0, "corpus.articles.metadata.metadata" in sys.modules)
for engine in ("blocks", "trafilatura", "resiliparse"):
    Clean(html={"engine": engine}).apply(batch)
print(sorted(compiled() - ready))
"""


@pytest.mark.parametrize("contents", [[], ["text"], ["page"], ["html"], ["page", "text"]])
def test_warming_up_compiles_every_kernel(contents: list[str]) -> None:
    """After `kernels()`, no page, HTML or text compiles another kernel.

    After `kernels_for`, no document of these contents does; texts do not load what reads pages.
    """
    Clean().kernels()
    folder = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", COMPILED, *contents]
    process = subprocess.run(command, capture_output=True, cwd=folder, check=True, text=True)
    assert process.stdout.splitlines() == [f"True {contents != ['text']}", "[]"]


def test_removed_ratio_is_the_removed_share_of_a_page(documents: Documents) -> None:
    """`removed_ratio` is the removed share of a page's visible bytes; it is null for texts."""
    batch = documents(PAGE, ARTICLE, ARTICLE, _content=["page", "page", "text"])
    ratios = Clean().apply(batch).column(REMOVED_RATIO)
    visible = sum(len(line.strip().encode()) for line in PAGE.split("\n"))
    kept = sum(len(line.encode()) for line in PARAGRAPHS)
    assert ratios.type == pa.float32()
    assert ratios.to_pylist() == [pytest.approx(1 - kept / visible), 0.0, None]


def test_metadata_of_the_page_fills_null_columns(documents: Documents) -> None:
    """Metadata from the page fills columns that are null; values of the source are kept."""
    batch = documents(
        PAGE, PAGE, HTML,
        title=[None, "Mine", None], date=[None, MIDDAY, None], _content=["page", "page", "html"],
    )  # fmt: skip
    rows = Clean().apply(batch).to_pylist()
    assert [row["title"] for row in rows] == [TITLE, "Mine", TITLE]
    assert [row["author"] for row in rows] == ["Ann Lee"] * 3
    assert [row["publisher"] for row in rows] == ["Harbour Post"] * 3
    day = datetime(2023, 5, 22, tzinfo=UTC)
    assert [row["date"] for row in rows] == [day, MIDDAY, day.replace(hour=9, minute=41)]
    assert [row["url"] for row in rows] == [None, None, "https://harbour.example/bridge"]


def test_titles_of_the_source_are_normalised(documents: Documents) -> None:
    """Metadata of the source is normalised like the text, and a title loses the site's name."""
    titles = [
        f"{TITLE} | Harbour Post",
        "BrÃ¼cke\u200b  gesperrt",
        "Elsewhere | Post",
        "",
        None,
    ]
    batch = documents(*[PAGE] * 5, title=titles, _content=["page"] * 5)
    cleaned = Clean().apply(batch).column("title").to_pylist()
    assert cleaned == [TITLE, "Brücke gesperrt", "Elsewhere | Post", "", TITLE]
    article = documents(ARTICLE, title=["BrÃ¼cke"], author=["Ann\u00a0Lee"], _content=["text"])
    (row,) = Clean().apply(article).to_pylist()
    assert (row["title"], row["author"]) == ("Brücke", "Ann Lee")


@pytest.mark.parametrize("engine", ["trafilatura", "resiliparse"])
def test_metadata_of_the_page_is_normalised(documents: Documents, engine: str) -> None:
    """Titles and names from markup are normalised, so cleaning twice does not change them."""
    page = HTML.replace('"Ann Lee"', '" Ann\xa0\nLee\u200b"').replace(
        f'content="{TITLE}"', 'content="Bridge\xa0 closes by the caf\xc3\xa9 \x07"'
    )
    stage = Clean.model_validate({"html": {"engine": engine}})
    once = stage.apply(documents(page, _content=["html"]))
    assert once.column("title").to_pylist() == ["Bridge closes by the caf\xe9"]
    assert once.column("author").to_pylist() == ["Ann Lee"]
    assert stage.apply(once) == once


def test_metadata_can_be_switched_off(documents: Documents) -> None:
    """With `metadata: false`, only the article is extracted from a page."""
    batch = documents(PAGE, HTML, _content=["page", "html"])
    for row in Clean(metadata=False).apply(batch).to_pylist():
        assert row["text"]
        assert [row[name] for name in ("title", "author", "publisher", "date")] == [None] * 4


def test_no_date_is_later_than_as_of(documents: Documents) -> None:
    """A date after `as_of` is discarded, in text and in markup."""
    batch = documents(PAGE, HTML, _content=["page", "html"])
    cleaned = Clean(as_of=date(2023, 5, 21)).apply(batch)
    assert cleaned.column("date").to_pylist() == [None, None]


def test_no_document_is_emptied_silently(documents: Documents) -> None:
    """A document without an article is removed with a reason, and keeps its original text."""
    menu = "Menu\nHome\nLog in"
    texts = [None, "", " \u200b\n", menu, "", "<html></html>", "<div>" * 300]
    contents = ["text", "text", "page", "page", "html", "html", "html"]
    cleaned = Clean().apply(documents(*texts, _content=contents))
    assert reasons(cleaned).to_pylist() == [
        "empty", "empty", "empty", "no_article", "empty", "empty", "empty",
    ]  # fmt: skip
    assert cleaned.column(TEXT).to_pylist() == [text or "" for text in texts]
    assert "3 lines" in cleaned.column(EVIDENCE)[3].as_py()


def test_short_articles_are_removed(documents: Documents) -> None:
    """An article with fewer than `min_words` words is removed, with the number as evidence."""
    cleaned = Clean(min_words=3).apply(documents("one two", "one two three", "日本語", "日本"))
    assert reasons(cleaned).to_pylist() == ["too_short", None, None, "too_short"]
    assert cleaned.column(EVIDENCE).to_pylist() == ["2", None, None, "2"]


def test_a_page_over_a_limit_is_removed(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page over the limit of bytes is removed, with its size as evidence, and never a string."""
    monkeypatch.setattr(extract, "read_html", lambda *_, **__: pytest.fail("it was read"))
    stage = Clean(html=Html(most_bytes=100))
    cleaned = stage.apply(documents(HTML, _content=["html"]))
    assert reasons(cleaned).to_pylist() == ["too_large"]
    assert cleaned.column(EVIDENCE)[0].as_py() == f"{len(HTML.encode())} bytes, at most 100"


@pytest.mark.parametrize("name", Normalise.model_fields)
def test_every_step_can_be_switched_off(documents: Documents, name: str) -> None:
    """With one step switched off, the result differs from that of all steps."""
    text = "\ncafe\u0301\u00ad \u00c3\u00a9\t&amp;\x00\u200bend\r\nx\n\n\n\ny"
    with_step = Clean().apply(documents(text)).column(TEXT)[0].as_py()
    without_step = Clean(normalise=Normalise(**{name: False})).apply(documents(text))
    assert with_step == "café é &end\nx\n\ny"
    assert without_step.column(TEXT)[0].as_py() != with_step


def test_a_misspelt_step_is_an_error() -> None:
    """An unknown step is refused, not ignored."""
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Clean.model_validate({"normalise": {"soft_hyphen": False}})


lines = st.sampled_from(
    [
        *PARAGRAPHS,
        "Menu",
        "By Ann Lee",
        "3 hours ago",
        "",
        " \u00a0",
        "caf\u00c3\u00a9",
        "a\u00ad\u200bb",
        "&amp;amp;",
    ]
)
corpora = st.lists(
    st.tuples(st.lists(lines, max_size=8).map("\n".join), st.sampled_from(["text", "page"])),
    min_size=1,
    max_size=5,
)


@given(corpus=corpora)
@settings(max_examples=60, deadline=None)
def test_cleaning_twice_equals_cleaning_once(corpus: list[tuple[str, str]]) -> None:
    """A second run changes no column of the documents that the first one kept."""
    texts, contents = zip(*corpus, strict=True)
    once = Clean().apply(make_documents(*texts, _content=list(contents)))
    once = once.filter(reasons(once).is_null())
    again = Clean().apply(once)
    assert again.select(once.schema.names).equals(once)


def test_slices_and_empty_batches_are_cleaned_alike(documents: Documents) -> None:
    """A slice has the same result as its batch, and an empty batch has the new columns."""
    batch = documents(PAGE, ARTICLE, PAGE, _content=["page", "text", "page"])
    whole = Clean().apply(batch)
    assert Clean().apply(batch.slice(1)).equals(whole.slice(1))
    assert REMOVED_RATIO in Clean().apply(batch.slice(0, 0)).schema.names


def test_texts_without_a_content_type_are_articles(documents: Documents) -> None:
    """Texts are treated as articles if their content type is missing or null."""
    texts_only = pa.record_batch({TEXT: pa.array(["a  b"])})
    assert Clean(metadata=False).apply(texts_only).column(TEXT).to_pylist() == ["a b"]
    null_content = column(documents("x"), CONTENT, [None], pa.string())
    assert Clean().apply(null_content).column(TEXT).to_pylist() == ["x"]


def test_clean_confidence_is_filled_for_pages(documents: Documents) -> None:
    """`clean_confidence` is the F1 that is likely for a page; it is null for texts."""
    batch = documents(PAGE, ARTICLE, HTML, _content=["page", "text", "html"])
    confidence = Clean().apply(batch).column("clean_confidence").to_pylist()

    assert 0.8 < confidence[0] <= 1
    assert confidence[1] is None
    assert 0.8 < confidence[2] <= 1


def test_pages_have_a_kind_and_texts_have_none(documents: Documents) -> None:
    """`content_kind` is read from text and HTML alike, with its probability; texts have null."""
    batch = documents(PAGE, ARTICLE, HTML, "Home", _content=["page", "text", "html", "page"])
    cleaned = Clean().apply(batch)
    kinds = cleaned.column("content_kind").to_pylist()
    probabilities = cleaned.column("content_kind_probability").to_pylist()

    assert kinds == ["article", None, "article", None]
    assert [probability is None for probability in probabilities] == [False, True, False, True]
    assert all(0.5 < probability <= 1 for probability in probabilities if probability)


def test_a_kind_can_be_filtered_by(documents: Documents) -> None:
    """`filter` after `clean` keeps the kinds that it names."""
    cleaned = Clean().apply(documents(HTML, HTML, _content=["html", "html"]))
    kept = Filter(columns={"content_kind": ("article",)}).apply(cleaned)
    assert reasons(kept).null_count == 2
    removed = Filter(columns={"content_kind": ("forum", "product")}).apply(cleaned)
    assert removed.column(EVIDENCE).to_pylist() == ["content_kind=article"] * 2


def test_other_engines_give_no_kind(documents: Documents) -> None:
    """Only the block model has what the kind of an HTML page is read from."""
    stage = Clean.model_validate({"html": {"engine": "resiliparse"}})
    cleaned = stage.apply(documents(HTML, _content=["html"]))
    assert cleaned.column("content_kind").to_pylist() == [None]


def test_lines_returns_the_lines_that_apply_keeps(documents: Documents) -> None:
    """The kept lines of `lines` are those of `apply`, normalised alike."""
    page = PAGE.replace(" ", "\u00a0", 3)
    text = Clean().apply(documents(page, _content=["page"])).column(TEXT)[0].as_py()

    kept = [line.text for line in Clean().lines(page) if line.kept]
    assert kept == [line for line in text.split("\n") if line]
