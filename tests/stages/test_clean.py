"""The stage `clean` takes articles out of pages, normalises texts, and empties none in silence."""

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

from corpus.documents import CONTENT, EVIDENCE, TEXT, column, reasons
from corpus.stages.clean import REMOVED_RATIO, Clean, Html, Normalise
from tests.articles.pages import ARTICLE, HTML, PAGE, PARAGRAPHS, TITLE
from tests.conftest import make_documents

Documents = Callable[..., pa.RecordBatch]
MIDDAY = datetime(2020, 1, 1, 12, tzinfo=UTC)


def test_what_is_done_depends_on_the_content(documents: Documents) -> None:
    """A page loses its boilerplate, HTML its markup, and a text that is an article nothing."""
    given_ = documents(PAGE, HTML, ARTICLE, _content=["page", "html", "text"])
    found = Clean().apply(given_)
    assert found.column(TEXT).to_pylist() == [
        ARTICLE,
        "\n".join(PARAGRAPHS),
        ARTICLE,
    ]
    assert found.column(CONTENT).to_pylist() == ["article", "article", "text"]
    assert reasons(found).null_count == 3


COMPILED = """
import sys
import pyarrow as pa
from corpus.stages.clean import Clean
from tests.articles.pages import ARTICLE, HTML, PAGE

def compiled():
    modules = [m for name, m in sorted(sys.modules.items()) if name.startswith("corpus.")]
    kernels = {id(x): x for m in modules for x in vars(m).values() if hasattr(x, "signatures")}
    return {f"{x.__module__}.{x.__name__}{said}" for x in kernels.values() for said in x.signatures}

def batch(**rows):
    return pa.record_batch({"text": [*rows.values()], "_content": [*rows]})

Clean().kernels()
ready = compiled()
for engine in ("trafilatura", "resiliparse"):
    Clean(html={"engine": engine}).apply(batch(page=PAGE, html=HTML, text=ARTICLE))
print(len(ready) > 0, sorted(compiled() - ready))
"""


def test_kernels_are_ready_after_warming_up() -> None:
    """Warming up loads all that pages, HTML by either engine and texts call, once compiled."""
    Clean().kernels()
    folder = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", COMPILED], capture_output=True, cwd=folder, check=True, text=True
    )
    assert done.stdout.strip() == "True []"


def test_the_share_that_went_is_told_of_pages(documents: Documents) -> None:
    """`removed_ratio` is the share of a page's visible bytes that went; null for all else."""
    given_ = documents(PAGE, ARTICLE, ARTICLE, _content=["page", "page", "text"])
    ratios = Clean().apply(given_).column(REMOVED_RATIO)
    visible = sum(len(line.strip().encode()) for line in PAGE.split("\n"))
    kept = sum(len(line.encode()) for line in PARAGRAPHS)
    assert ratios.type == pa.float32()
    assert ratios.to_pylist() == [pytest.approx(1 - kept / visible), 0.0, None]


def test_metadata_fills_what_the_source_left_open(documents: Documents) -> None:
    """Columns that are null take what the page says; what the source says stays."""
    given_ = documents(
        PAGE, PAGE, HTML,
        title=[None, "Mine", None], date=[None, MIDDAY, None], _content=["page", "page", "html"],
    )  # fmt: skip
    rows = Clean().apply(given_).to_pylist()
    assert [row["title"] for row in rows] == [TITLE, "Mine", TITLE]
    assert [row["author"] for row in rows] == ["Ann Lee"] * 3
    assert [row["publisher"] for row in rows] == ["Harbour Post"] * 3
    day = datetime(2023, 5, 22, tzinfo=UTC)
    assert [row["date"] for row in rows] == [day, MIDDAY, day.replace(hour=9, minute=41)]
    assert [row["url"] for row in rows] == [None, None, "https://harbour.example/bridge"]


def test_a_title_is_written_as_a_text_is(documents: Documents) -> None:
    """What the source calls a document is mended like its text, and loses what is the site's."""
    titles = [
        f"{TITLE} | Harbour Post",
        "BrÃ¼cke\u200b  gesperrt",
        "ReferenceDocuments | Post",
        "",
        None,
    ]
    given_ = documents(*[PAGE] * 5, title=titles, _content=["page"] * 5)
    found = Clean().apply(given_).column("title").to_pylist()
    assert found == [TITLE, "Brücke gesperrt", "ReferenceDocuments | Post", "", TITLE]
    apart = documents(ARTICLE, title=["BrÃ¼cke"], author=["Ann\u00a0Lee"], _content=["text"])
    (row,) = Clean().apply(apart).to_pylist()
    assert (row["title"], row["author"]) == ("Brücke", "Ann Lee")


@pytest.mark.parametrize("engine", ["trafilatura", "resiliparse"])
def test_what_a_page_says_is_written_as_its_text_is(documents: Documents, engine: str) -> None:
    """Markup's titles and names are mended too, so that cleaning twice changes none of them."""
    page = HTML.replace('"Ann Lee"', '" Ann\xa0\nLee\u200b"').replace(
        f'content="{TITLE}"', 'content="Bridge\xa0 closes by the caf\xc3\xa9 \x07"'
    )
    stage = Clean.model_validate({"html": {"engine": engine}})
    once = stage.apply(documents(page, _content=["html"]))
    assert once.column("title").to_pylist() == ["Bridge closes by the caf\xe9"]
    assert once.column("author").to_pylist() == ["Ann Lee"]
    assert stage.apply(once) == once


def test_metadata_can_be_left_alone(documents: Documents) -> None:
    """With `metadata: false` nothing is read off a page but its article."""
    row = Clean(metadata=False).apply(documents(PAGE, _content=["page"])).to_pylist()[0]
    assert [row[name] for name in ("title", "author", "publisher", "date")] == [None] * 4


def test_no_date_is_later_than_as_of(documents: Documents) -> None:
    """A day after `as_of` is not believed, in text or markup."""
    given_ = documents(PAGE, HTML, _content=["page", "html"])
    found = Clean(as_of=date(2023, 5, 21)).apply(given_)
    assert found.column("date").to_pylist() == [None, None]


def test_nothing_is_emptied_in_silence(documents: Documents) -> None:
    """What has no article is removed for a reason, and its text stays as it was for the ledger."""
    menu = "Menu\nHome\nLog in"
    texts = [None, "", " \u200b\n", menu, "", "<html></html>", "<div>" * 300]
    kinds = ["text", "text", "page", "page", "html", "html", "html"]
    found = Clean().apply(documents(*texts, _content=kinds))
    assert reasons(found).to_pylist() == [
        "empty", "empty", "empty", "no_article", "empty", "empty", "bad_html",
    ]  # fmt: skip
    assert found.column(TEXT).to_pylist() == [text or "" for text in texts]
    assert "3 lines" in found.column(EVIDENCE)[3].as_py()


def test_short_articles_go(documents: Documents) -> None:
    """Fewer words than `min_words` are too few, with their number as evidence."""
    found = Clean(min_words=3).apply(documents("one two", "one two three", "日本語", "日本"))
    assert reasons(found).to_pylist() == ["too_short", None, None, "too_short"]
    assert found.column(EVIDENCE).to_pylist() == ["2", None, None, "2"]


def test_limits_of_html_are_settings(documents: Documents) -> None:
    """A page over a limit is removed as too large, with the number."""
    stage = Clean(html=Html(most_bytes=100))
    found = stage.apply(documents(HTML, _content=["html"]))
    assert reasons(found).to_pylist() == ["too_large"]
    assert found.column(EVIDENCE)[0].as_py() == f"{len(HTML.encode())} bytes, at most 100"


@pytest.mark.parametrize("name", Normalise.model_fields)
def test_every_step_has_a_switch(documents: Documents, name: str) -> None:
    """A step that is switched off is not taken, and the others still are."""
    text = "\ncafe\u0301\u00ad \u00c3\u00a9\t&amp;\x00\u200bend\r\nx\n\n\n\ny"
    whole = Clean().apply(documents(text)).column(TEXT)[0].as_py()
    without = Clean(normalise=Normalise(**{name: False})).apply(documents(text))
    assert whole == "café é &end\nx\n\ny"
    assert without.column(TEXT)[0].as_py() != whole


def test_a_misspelt_step_is_an_error() -> None:
    """Unknown switches are refused rather than ignored."""
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
def test_cleaning_twice_is_cleaning_once(corpus: list[tuple[str, str]]) -> None:
    """What is clean needs nothing more: the second time changes no column of what stays."""
    texts, kinds = zip(*corpus, strict=True)
    once = Clean().apply(make_documents(*texts, _content=list(kinds)))
    once = once.filter(reasons(once).is_null())
    again = Clean().apply(once)
    assert again.select(once.schema.names).equals(once)


def test_the_documents_may_be_few_or_sliced(documents: Documents) -> None:
    """A slice of a batch fares as the batch does, and an empty batch has the columns."""
    given_ = documents(PAGE, ARTICLE, PAGE, _content=["page", "text", "page"])
    whole = Clean().apply(given_)
    assert Clean().apply(given_.slice(1)).equals(whole.slice(1))
    assert REMOVED_RATIO in Clean().apply(given_.slice(0, 0)).schema.names


def test_a_batch_of_texts_alone_is_text(documents: Documents) -> None:
    """Where a batch does not say what its texts are, they are articles."""
    bare = pa.record_batch({TEXT: pa.array(["a  b"])})
    assert Clean(metadata=False).apply(bare).column(TEXT).to_pylist() == ["a b"]
    named = column(documents("x"), CONTENT, [None], pa.string())
    assert Clean().apply(named).column(TEXT).to_pylist() == ["x"]


def test_the_model_says_how_sure_it_is(documents: Documents) -> None:
    """`clean_confidence` is the F1 it expects of a page's lines; null where it was not asked."""
    given_ = documents(PAGE, ARTICLE, HTML, _content=["page", "text", "html"])
    sure = Clean().apply(given_).column("clean_confidence").to_pylist()

    assert 0.8 < sure[0] <= 1
    assert sure[1] is None
    assert 0.8 < sure[2] <= 1


def test_lines_are_told_as_the_stage_reads_them(documents: Documents) -> None:
    """`lines` gives what `apply` keeps, normalised as the settings say."""
    page = PAGE.replace(" ", "\u00a0", 3)
    text = Clean().apply(documents(page, _content=["page"])).column(TEXT)[0].as_py()

    kept = [line.text for line in Clean().lines(page) if line.kept]
    assert kept == [line for line in text.split("\n") if line]
