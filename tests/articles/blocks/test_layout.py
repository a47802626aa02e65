"""The layout of the main content: plain text and Markdown, from the same blocks."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from corpus.articles.blocks.extraction import page_bytes, texts_of
from corpus.articles.blocks.features import read_page
from corpus.articles.blocks.layout.code_language import language_of
from corpus.articles.blocks.layout.markdown import MAX_CONTAINERS
from corpus.articles.blocks.layout.segments import TextMarkup, joined, segments
from corpus.articles.characters import character_tables

CHARACTERS = character_tables()


def laid_out(html: str, markup: TextMarkup, *, without: str = "") -> str:
    """Return all blocks of a page as one text, except those with the text `without`."""
    page = read_page(page_bytes(html), CHARACTERS)
    texts = texts_of(page)
    kept = np.array([not without or without not in text for text in texts], np.bool_)
    return joined(segments(page, kept, texts, markup))


def plain(html: str) -> str:
    """Return all blocks of a page as plain text."""
    return laid_out(html, "plain")


def markdown(html: str) -> str:
    """Return all blocks of a page in Markdown."""
    return laid_out(html, "markdown")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h1>Piers</h1><p>Two<br>lines<h3>a<br>b</h3>c", "# Piers\n\nTwo\nlines\n\n### a b\n\nc"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>d", "- a\n  - b\n- c\n\nd"),
        ("<ul><li><p>a<p>b<li>c<br>d</ul>", "- a\n\n  b\n- c\n  d"),
        ("<ol><li>a<ul><li>b</ul><li>c</ol>", "1. a\n   - b\n2. c"),
        ("<ol start=9><li>a<li>b<li value=3>c</ol>", "9. a\n10. b\n3. c"),
        ("<ol reversed><li>a<li>b</ol>", "2. a\n1. b"),
        ("<ol start=-1><li>a<li>b</ol>", "- a\n0. b"),
        ("<li>alone", "- alone"),
        ("<blockquote><p>a<p>b</blockquote>c", "> a\n>\n> b\n\nc"),
        ("<blockquote><ul><li>a<li>b</ul></blockquote>", "> - a\n> - b"),
        ("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "a\nb\nc\nd"),
        ("<p>a <b>bold</b> <a href=x>link</a>", "a bold link"),
        ("<p># one<p>- two<p>$3 * 4_5", "# one\n\n- two\n\n$3 * 4_5"),
        ("<p>```<br>~~~~ x<p>a ``` b", "\\```\n\\~~~~ x\n\na ``` b"),
    ],
)
def test_markdown_has_the_marks_of_each_kind_of_block(html, expected):
    """Headings, lists and quotes have marks; prose is not escaped, unless it would open a fence."""
    assert markdown(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
        ("<pre class=language-go>x</pre>", "```go\nx\n```"),
        ("<pre><code class='hljs lang-c++'>x</code></pre>", "```c++\nx\n```"),
        ("<div class='highlight highlight-source-css'><pre>x</pre></div>", "```css\nx\n```"),
        ("<pre>```\nx\n```</pre>", "````\n```\nx\n```\n````"),
        ("<ul><li>a<pre>b\n\n  c</pre></ul>", "- a\n\n  ```\n  b\n\n    c\n  ```"),
        ("<blockquote><pre>a\n\nb</pre></blockquote>", "> ```\n> a\n>\n> b\n> ```"),
    ],
)
def test_code_is_fenced_and_verbatim(html, expected):
    """A fence has the language that class names tell, and is longer than any fence in the code."""
    assert markdown(html) == expected


@pytest.mark.parametrize(
    ("names", "language"),
    [
        ("language-python", "python"), ("lang-JS extra", "js"), ("highlight-source-c++", "c++"),
        ("highlight-rust notranslate", "rust"), ("brush: php; gutter", "php"),
        ("sourceCode haskell", "haskell"), ("language-none", ""), ("my-language-box", ""),
        ("highlight-default notranslate", ""), ("sidebar", ""), ("", ""), ("language-`x`", ""),
    ],
)  # fmt: skip
def test_class_names_tell_the_language_of_code(names, language):
    """The conventions of common highlighters are read; a name cannot bring in other characters."""
    assert language_of(names) == language


HEADER = "<tr><th>Pier<th>Year"


@pytest.mark.parametrize(
    ("rows", "in_plain", "in_markdown"),
    [
        (
            f"{HEADER}<tr><td>North<td>1950",
            "Pier | Year\nNorth | 1950",
            "| Pier | Year |\n| --- | --- |\n| North | 1950 |",
        ),
        (
            "<tr><td>a<td>b<tr><td>c<td>d",
            "a | b\nc | d",
            "| | |\n| --- | --- |\n| a | b |\n| c | d |",
        ),
        (
            f"<caption>Cap</caption>{HEADER}<tr><td>a|b<td><p>c<p>d",
            "Cap\nPier | Year\na|b | c d",
            "Cap\n\n| Pier | Year |\n| --- | --- |\n| a\\|b | c d |",
        ),
        (  # an empty cell keeps its place, an empty column does not
            f"{HEADER}<th><th>Use<tr><td><td>1950<td><td>Boats<tr><td>South<td><td><td>",
            "Pier | Year | Use\n| 1950 | Boats\nSouth",
            "| Pier | Year | Use |\n| --- | --- | --- |\n| | 1950 | Boats |\n| South | | |",
        ),
        (
            f"{HEADER}<th>Use<tr><td colspan=2>a<td>b<tr><td rowspan=2>c<td>d<td>e<tr><td>f<td>g",
            "Pier | Year | Use\na | | b\nc | d | e\n| f | g",
            "| Pier | Year | Use |\n| --- | --- | --- |\n| a | | b |\n| c | d | e |\n| | f | g |",
        ),
        ("<tr><td>one<td>row", "one | row", "one | row"),
        ("<tr><td>a<tr><td>b", "a\nb", "a\n\nb"),
        (  # a layout: a table inside a cell
            "<tr><td><table><tr><td>a<td>b<tr><td>c<td>d</table><td>e<tr><td>f",
            "a | b\nc | d\ne\nf",
            "| | |\n| --- | --- |\n| a | b |\n| c | d |\n\ne\n\nf",
        ),
        (
            "<tr><td><h2>a</h2><tr><td>c<td>d",
            "a\nc | d",
            "## a\n\nc | d",
        ),
    ],
)  # fmt: skip
def test_a_row_of_a_table_is_a_line(rows, in_plain, in_markdown):
    """Cells are separated by bars and keep their column; spans are empty cells."""
    assert plain(f"<table>{rows}</table>") == in_plain
    assert markdown(f"<table>{rows}</table>") == in_markdown


def test_long_cells_of_a_row_are_joined_too():
    """The model judges long cells one by one; in the text they are one row, with those it kept."""
    rows = "".join(
        f"<tr><td>{name}<td>{name} {'word ' * 60}<td>{name} {'term ' * 60}" for name in ("ab", "cd")
    )
    lines = markdown(f"<table>{rows}</table>").split("\n")
    assert [line.count(" | ") for line in lines[2:]] == [2, 2]
    assert lines[2].startswith("| ab | ab word")
    without = laid_out(f"<table>{rows}</table>", "plain", without="cd word").split("\n")
    assert without[1].startswith("cd | | cd term")


@pytest.mark.parametrize(
    "html",
    [
        "<table>" + "<tr>" + "<td>x" * 6_000,
        "<table>" + "<tr><td>x<td>y" * 2_000,
        "<table><tr><td>a<td colspan=1000000000>b<tr><td rowspan=1000000000>c<td>d</table>",
        "<table><tr><td>x<td>y" * 1000,
        "<ul><li>x" * 1000,
        "<blockquote>x" * 1000,
        "<pre>never closed\n  x",
        "<ol start=99999999999999999999><li value=-><li>x</ol>",
        "<table><caption>a<tr><td>b<caption>c<td>d<tr>e<td>f<td>g</table>",
        "<table><td>x<pre>y</pre><tr><td>z<td>",
        "<pre><table><tr><td>x<td>y<tr><td>z</table></pre>",
    ],
)  # fmt: skip
def test_hostile_layouts_lose_no_block(html):
    """However wide or deep a page is, each block is in the text once, in bounded time."""
    blocks = texts_of(read_page(page_bytes(html), CHARACTERS))
    words = re.findall(r"[a-z]+", " ".join(blocks))
    assert re.findall(r"[a-z]+", plain(html)) == words
    assert re.findall(r"[a-z]+", markdown(html)) == words
    longest = max(map(len, re.findall(r"(?m)^[> \d.-]*", markdown(html))))
    assert longest <= 16 * MAX_CONTAINERS


WORD = "\x01"
"""Stands for a word that no other place of the page has."""
INLINE = st.sampled_from([WORD, f"{WORD} {WORD}", f"{WORD}<br>{WORD}", f"{WORD} <b>{WORD}</b>"])
CODE = st.lists(
    st.sampled_from([WORD, f"  {WORD}", "", f"\t{WORD}", "```", f"~~~ {WORD}"]),
    min_size=1,
    max_size=4,
).map(lambda lines: "<pre>" + "\n".join([WORD, *lines, WORD]) + "</pre>")  # fmt: skip
CELLS = st.lists(INLINE | st.just(""), min_size=1, max_size=4)
TABLES = st.lists(CELLS, min_size=1, max_size=4).map(
    lambda rows: "<table>" + "".join("<tr><td>" + "<td>".join(row) for row in rows) + "</table>"
)
LEAF = st.one_of(
    INLINE.map(lambda text: f"<p>{text}</p>"),
    INLINE.map(lambda text: f"<h2>{text}</h2>"),
    CODE,
    TABLES,
)
PAGES = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
        lambda parts: st.sampled_from([
            "".join(parts),
            "<ul>" + "".join(f"<li>{part}</li>" for part in parts) + "</ul>",
            "<ol>" + "".join(f"<li>{WORD}{part}</li>" for part in parts) + "</ol>",
            "<blockquote>" + "".join(parts) + "</blockquote>",
            "<table><tr><td>" + "".join(parts) + f"<td>{WORD}</table>",
        ])
    ),
    max_leaves=8,
)  # fmt: skip


def numbered(html: str) -> str:
    """Return a page with a word of its own at each place for one."""
    first, *others = html.split(WORD)
    names = ("q" + "".join("abcdefghij"[int(d)] for d in str(i)) for i in range(10_000))
    return first + "".join(name + part for name, part in zip(names, others, strict=False))


def open_fence(text: str) -> str:
    """Return the fence that is open at the end of a text in Markdown."""
    fence = ""
    for line in text.split("\n"):
        mark = re.match(r"[> \d.-]*?(`{3,}|~{3,})(\w*)$", line)
        if mark and not fence:
            fence = mark[1]
        elif mark and not mark[2] and len(mark[1]) >= len(fence) and mark[1][0] == fence[0]:
            fence = ""
    return fence


@settings(max_examples=40)
@given(PAGES)
def test_plain_text_is_markdown_without_marks(html):
    """Both layouts have the same words in the same order, each once; every fence is closed."""
    page = numbered(html)
    words = re.findall(r"q[a-j]+", page)
    assert re.findall(r"q[a-j]+", plain(page)) == words
    text = markdown(page)
    assert re.findall(r"q[a-j]+", text) == words
    assert open_fence(text) == ""


@settings(max_examples=40)
@given(PAGES)
def test_code_is_verbatim_in_both_layouts(html):
    """Each line of code stands as on the page, behind the marks of the list or quote it is in."""
    page = numbered(html)
    in_plain, in_markdown = plain(page), re.sub(r"(?m)[ \t]+$", "", markdown(page))
    codes = re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)
    assume(codes)
    for code in codes:
        assert code in in_plain
        first, *_ = code.split("\n")
        match = re.search(rf"(?m)^([> ]*){first}$", in_markdown)
        assert match
        lines = [(match[1] + line).rstrip() for line in code.split("\n")]
        assert "\n".join(lines) in in_markdown
