"""From an HTML page to its main content, by the shipped block model."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.articles.blocks.extraction import (
    DECODINGS,
    choose_blocks,
    extract_blocks,
    lines,
    result_of,
)
from corpus.articles.blocks.model import load, pack, unpack
from tests.articles.pages import HTML, PARAGRAPHS, TITLE

NAV = (
    "<nav><ul>"
    + "".join(f"<li><a href=/{x}>{x}</a></li>" for x in ("Home", "News"))
    + "</ul></nav>"
)
FOOT = "<footer><p>© 2023 Harbour Post. All rights reserved.</p></footer>"
P = [f"<p>{text}</p>" for text in PARAGRAPHS]
NAMES = ("North", "South", "East", "West")
ROWS = "".join(f"<tr><td>{name} bridge<td>{1950 + i}" for i, name in enumerate(NAMES))
TABLE = f"<table><tr><th>Bridge<th>Year{ROWS}</table>"
CODE = "<pre><code>def toll(n):\n    if n &gt; 3:\n        return 5\n    return 2</code></pre>"
ITEMS = (
    "<ul><li>Two new piers</li><li>A lane for bicycles</li><li>Lights along the railing</li></ul>"
)
CONSENT = (
    "<div id=consent><h2>Your choices</h2><p>We and our partners use cookies to measure audiences "
    "and to show personalised advertising.</p><button>Accept all</button></div>"
)
COMMENTS = (
    "<section class=comments id=comments><h3>2 comments</h3><div class=comment><b>anna</b><p>At "
    "last! I have waited for this since April.</p></div><div class=comment><b>tom</b><p>Too "
    "expensive if you ask me.</p></div></section>"
)


def text_of(body: str) -> str:
    """Return the main content of a page with this body."""
    page = f"<html><head><title>{TITLE} | Harbour Post</title></head><body>{NAV}{body}{FOOT}"
    return result_of(extract_blocks(page)).text


def test_article_is_kept_and_boilerplate_is_not():
    """Of a news page the paragraphs are kept, without menu and footer."""
    text = text_of(f"<article><h1>{TITLE}</h1>{''.join(P)}</article>")
    assert all(paragraph in text for paragraph in PARAGRAPHS)
    assert "Home" not in text
    assert "All rights" not in text


@pytest.mark.parametrize("before", [1, 3, 5])
def test_paragraphs_around_a_table_are_kept(before):
    """A table costs no paragraph before or after it, and each of its rows is a line."""
    text = text_of(f"<article>{''.join(P[:before])}{TABLE}{''.join(P[before:])}</article>")
    assert all(paragraph in text for paragraph in PARAGRAPHS)
    assert "North bridge | 1950" in text.split("\n")


@pytest.mark.parametrize(
    "container", ["div class=section", "section", "td-story", "div class=grid"]
)
@pytest.mark.parametrize("n", [2, 3, 6])
def test_an_article_in_sibling_containers_is_whole(container, n):
    """An article may be split into several containers."""
    size = len(P) // n
    parts = [f"<{container}>{''.join(P[i : i + size])}</{container.split()[0]}>"
             for i in range(0, len(P), size)]  # fmt: skip
    assert all(paragraph in text_of("".join(parts)) for paragraph in PARAGRAPHS)


def test_code_and_lists_keep_their_lines():
    """Code keeps its indentation, and each item of a list is a line."""
    text = text_of(f"<article>{''.join(P[:2])}{CODE}{ITEMS}{''.join(P[2:])}</article>")
    assert "\n    if n > 3:\n        return 5\n" in text
    assert "\nTwo new piers\nA lane for bicycles\nLights along the railing\n" in text


@pytest.mark.parametrize("extra", [CONSENT, COMMENTS], ids=["consent", "comments"])
@pytest.mark.parametrize("container", ["article", "div class=story", "main"])
def test_consent_notices_and_comments_are_removed(extra, container):
    """On a news page, readers' comments and notices about cookies are boilerplate."""
    text = text_of(f"<{container}>{''.join(P)}</{container.split()[0]}>{extra}")
    assert all(paragraph in text for paragraph in PARAGRAPHS)
    assert "cookies" not in text
    assert "At last!" not in text


def test_a_headline_printed_twice_is_one():
    """A heading that repeats the heading before it is dropped."""
    extraction = extract_blocks(f"<h1>{TITLE}</h1>{P[0]}<h2>{TITLE}</h2>{''.join(P[1:])}")
    assert result_of(extraction).text.count(TITLE) <= 1


@pytest.mark.parametrize("second", ["div class=mobile", "div style='display:none'", "div"])
def test_an_article_printed_twice_is_one(second):
    """A page that has its article for small screens, too, gives it once, in its order."""
    copy = f"<{second}>{''.join(P)}</div>"
    text = text_of(f"<article><h1>{TITLE}</h1>{''.join(P)}</article>{copy}")
    assert text.split("\n")[-len(P) :] == list(PARAGRAPHS)
    assert all(text.count(paragraph) == 1 for paragraph in PARAGRAPHS)


def test_a_chorus_is_repeated():
    """Verses of a song that stand on the page twice are kept twice."""
    chorus = (
        "Row the boat, row it over<br>Row it home across the bay<br>Leave the harbour for tomorrow"
    )
    verses = [f"{P[0]}{P[1]}", f"<p>{chorus}</p>", P[2], f"<p>{chorus}</p>"]
    text = text_of(f"<article><h1>{TITLE}</h1>{''.join(verses)}</article>")
    assert text.count("Row it home across the bay") == 2


@pytest.mark.parametrize("page", ["", "<p>", "&nbsp;", "<script>x</script>", "<!-- x -->"])
def test_a_page_without_text_is_empty(page):
    """A page with nothing visible has a reason."""
    assert result_of(extract_blocks(page)).reason == "empty"


def test_a_menu_alone_is_no_article():
    """A page of menu and footer has no main content, and the evidence says how sure that is."""
    result = result_of(extract_blocks(NAV + FOOT))
    assert result.reason == "no_article"
    assert "highest probability" in (result.evidence or "")


def test_lines_are_the_blocks_with_their_probability():
    """`explain` shows each block of a page, and whether it is kept."""
    blocks = lines(extract_blocks(HTML))
    text = "\n".join(block.text for block in blocks if block.kept)
    assert text == result_of(extract_blocks(HTML)).text
    assert all(0 <= block.probability <= 1 for block in blocks)
    assert {block.role for block in blocks} == {"body", "boilerplate"}


def test_precision_keeps_fewer_blocks_and_recall_more():
    """The three settings of `keep` differ in the threshold alone."""
    probabilities = np.linspace(0, 1, 101).astype(np.float32)
    counts = np.full(101, 10, np.float32)
    kept = [choose_blocks(probabilities, counts, DECODINGS[keep]).sum()
            for keep in ("precision", "balanced", "recall")]  # fmt: skip
    assert kept[0] < kept[1] < kept[2]


def test_model_survives_packing():
    """The arrays that ship with the package are the model."""
    model = load()
    again = unpack({name: np.asarray(x) for name, x in pack(model).items()})
    for a, b in zip(model, again, strict=True):
        assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
