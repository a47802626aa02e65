"""The setting `markup` of the stage `clean`: the layout of HTML pages reaches the text."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus.stages.clean import Clean
from tests.articles.pages import ARTICLE, PAGE, PARAGRAPHS, TITLE

Documents = Callable[..., pa.RecordBatch]

CODE = "def toll(n):\n    if n > 3:\n        return 5\n\n\n    return 2  # two"
PARTS = (
    *(f"<p>{text}</p>" for text in PARAGRAPHS[:3]),
    f"<pre><code class=language-python>{CODE}</code></pre>",
    "<h2>What changes</h2>",
    "<ul><li>Two new piers stand in the river<ol><li>One in the north</ol></ul>",
    "<table><tr><th>Bridge<th>Year<tr><td>North bridge<td>1950<tr><td>South bridge<td>1961</table>",
    *(f"<p>{text}</p>" for text in PARAGRAPHS[3:]),
)
HTML = f"<html><title>{TITLE}</title><body><article><h1>{TITLE}</h1>{''.join(PARTS)}</article>"
STRUCTURES = (
    f"```python\n{CODE}\n```",
    "## What changes",
    "- Two new piers stand in the river\n  1. One in the north",
    "| Bridge | Year |\n| --- | --- |\n| North bridge | 1950 |\n| South bridge | 1961 |",
)


def cleaned(documents: Documents, markup: str, *texts: str, content: str = "html") -> list[str]:
    """Return the texts of documents that were cleaned twice, as in two builds in a row."""
    stage = Clean.model_validate({"markup": markup})
    once = stage.apply(documents(*texts, _content=[content] * len(texts)))
    assert stage.apply(once).column("text") == once.column("text")
    return once.column("text").to_pylist()


def test_markdown_survives_normalisation(documents: Documents) -> None:
    """Code, lists and tables reach the text as they were laid out, also if it is cleaned again."""
    (text,) = cleaned(documents, "markdown", HTML)
    for structure in STRUCTURES:
        assert f"\n\n{structure}\n\n" in text


def test_plain_text_keeps_code_items_and_rows(documents: Documents) -> None:
    """Without marks, code is verbatim, and items and rows are lines."""
    (text,) = cleaned(documents, "plain", HTML)
    assert f"\n{CODE}\nWhat changes\nTwo new piers stand in the river\nOne in the north\n" in text
    assert "\nBridge | Year\nNorth bridge | 1950\nSouth bridge | 1961\n" in text


def test_code_about_entities_is_verbatim(documents: Documents) -> None:
    """Entities that a page shows as such are not replaced a second time in a page with code."""
    (text,) = cleaned(documents, "plain", HTML.replace("# two", "&amp;amp; &amp;nbsp;"))
    assert "    return 2  &amp; &nbsp;" in text


@pytest.mark.parametrize(("text", "content"), [(PAGE, "page"), (ARTICLE, "text")])
def test_markup_changes_no_text_that_has_none(
    documents: Documents, text: str, content: str
) -> None:
    """Pages dumped to text, and articles, are the same with both settings."""
    plain, markdown = (
        cleaned(documents, markup, text, content=content) for markup in ("plain", "markdown")
    )
    assert plain == markdown


@pytest.mark.parametrize("engine", ["trafilatura", "resiliparse"])
def test_markdown_needs_the_block_engine(engine: str) -> None:
    """The other engines write no Markdown; the message names both settings."""
    with pytest.raises(ValidationError, match=f"html.engine: blocks, not {engine}"):
        Clean.model_validate({"markup": "markdown", "html": {"engine": engine}})


def test_lines_have_the_markup_of_the_text(documents: Documents) -> None:
    """`explain` shows the kept blocks as they stand in the text."""
    stage = Clean(markup="markdown")
    (text,) = stage.apply(documents(HTML, _content=["html"])).column("text").to_pylist()
    kept = [line.text for line in stage.lines(HTML, "html") if line.kept]
    assert len(kept) > len(STRUCTURES)
    assert [line for line in kept if line not in text] == []
