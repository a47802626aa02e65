"""The walk over an HTML page: blocks, their text and their nodes, from good and from bad markup."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.articles.blocks.block_text import Blocks, read_blocks
from corpus.articles.blocks.extraction import page_bytes
from corpus.articles.blocks.tags import (
    ATTRIBUTE_CODES,
    ATTRIBUTES,
    LAYOUT_ATTRIBUTES,
    LAYOUT_CODES,
    TAGS,
    name_code,
)
from corpus.articles.blocks.tree_builder import MAX_DEPTH
from corpus.articles.blocks.walk_page import walk_page
from corpus.articles.blocks.walk_state import Walk
from corpus.articles.characters import character_tables

CHARACTERS = character_tables()


def cut(html: str | bytes) -> tuple[Walk, Blocks, list[str]]:
    """Return the nodes of a page, its blocks, and the text of each block."""
    page = html if isinstance(html, str) else html.decode("utf-8", "replace")
    walk = walk_page(page_bytes(page))
    blocks = read_blocks(walk, CHARACTERS)
    raw = blocks.text.tobytes()
    return walk, blocks, [raw[a:b].decode("utf-8", "replace") for a, b in blocks.spans.tolist()]


def texts(html: str | bytes) -> list[str]:
    """Return the text of each block of a page."""
    return cut(html)[2]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One<p>Two</div><p>Three", ["One", "Two", "Three"]),
        ("<div>Before<p>inside</p>after</div>", ["Before", "inside", "after"]),
        ("A <b>bold</b> and <i>more</i>\n  words", ["A bold and more words"]),
        ("<ul><li>One<li>Two<ul><li>Deep</ul><li>Three</ul>", ["One", "Two", "Deep", "Three"]),
        ("<dl><dt>Term<dd>Meaning<dt>Other</dl>", ["Term", "Meaning", "Other"]),
        ("<h1>Head<h2>Line</h2>text", ["Head", "Line", "text"]),
        ("one<br>two<br>\n<br>three", ["one\ntwo", "three"]),
        ("a&nbsp;&amp; b&#32;&lt;p&gt;", ["a & b <p>"]),
        ("no markup at all", ["no markup at all"]),
        ("3 < 4 and 5 <6", ["3 < 4 and 5 <6"]),
        ("<td-story><span>One</span></td-story><x-y>Two</x-y>", ["One", "Two"]),
        ("<p>&nbsp;<p>\u00a0\u2003<p>x", ["x"]),
        ("<p>a</p><hr><p>b", ["a", "b"]),
        ("<p>a<h1>b</p>c", ["a", "b", "c"]),
    ],
)
def test_a_page_is_cut_where_its_elements_begin_and_end(html, expected):
    """Each block element is a block of its own, with end tags implied as in a browser."""
    assert texts(html) == expected


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>if (1 < 2) x = '<p>no</p>'</script>", "<style>p {}</style>", "<!-- <p>no -->",
        "<noscript><p>no</noscript>", "<svg><title>no</title><text>no</text></svg>",
        "<select><option>no</option></select>", "<template><p>no</p></template>",
        "<iframe>no</iframe>", "<textarea>no</textarea>", "<?php no ?>", "<!DOCTYPE html no>",
        '<img alt="no > no">', "<math><mi>no</mi></math>", "<title>no</title>",
    ],
)  # fmt: skip
def test_what_nobody_sees_is_no_text(hidden):
    """Scripts, comments, forms to choose from and drawings have no visible text."""
    assert texts(f"<p>One</p>{hidden}<p>Two</p>") == ["One", "Two"]


@pytest.mark.parametrize(
    "broken",
    [
        "<!-- never ends", "<svg>", "<noscript>", "<select><option>", "<template>", "<textarea>",
        "<title>", "</nothing>", "</p></div></table>", "<a href='x>", '<a href="x>', "<p",
        "<object>", "<b>", "<>", "</>", "<!>", "<?>",
    ],
)  # fmt: skip
def test_broken_markup_hides_nothing(broken):
    """Text behind an element that is never closed is kept, whatever the element is."""
    assert any(
        "The council voted" in text for text in texts(f"<p>a</p>{broken}<p>The council voted")
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<svg><path><p>One</p><svg></svg></svg><p>Two", ["One", "Two"]),
        ("<svg><path d='M1'><span>One</span></svg> two", ["One two"]),
        ("<svg><foreignObject><p>no</p></foreignObject></svg><p>One", ["One"]),
        ("<svg><desc><b>no</b></desc><title>no</title><g></g></svg><p>One", ["One"]),
    ],
)
def test_html_ends_a_drawing(html, expected):
    """HTML directly in an SVG drawing ends it, as in a browser; its labels stay hidden."""
    assert texts(html) == expected


def test_a_shadow_root_in_markup_is_visible():
    """A template with a shadow root is shown by browsers; any other template is not."""
    shadow = "<x-a><template shadowrootmode=open><style>p {}</style><p>One</template>two</x-a>"
    assert texts(shadow + "<template><p>no</template><p>Three") == ["One", "two", "Three"]


def test_short_rows_of_a_table_are_one_block_each():
    """The cells of a short row are joined by bars; a row of paragraphs stays in blocks."""
    rows = "<tr><th>Bridge<th>Year<tr><td>North<td><b>1950</b><tr><td><td>"
    assert texts(f"<p>a<table>{rows}</table>b") == ["a", "Bridge | Year", "North | 1950", "b"]
    long = "word " * 100
    assert texts(f"<table><tr><td><p>{long}<p>{long}</table>") == [long.strip()] * 2


def test_code_keeps_its_indentation_and_line_ends():
    """Preformatted text is verbatim, but for blank lines around it and spaces at line ends."""
    code = "def toll(n):\n    if n &gt; 3:\n\treturn 5\n\n    return 2"
    (text,) = texts(f"<pre>\n\n{code}  \n</pre>")
    assert text == code.replace("&gt;", ">")
    lines = "".join(f"<div class=line>  x = {i}</div>" for i in range(3))
    assert texts(f"<div><pre>{lines}</pre></div><p>after") == [
        "x = 0\n  x = 1\n  x = 2".replace("x = 0", "  x = 0", 1),
        "after",
    ]


def test_blocks_in_preformatted_text_are_apart():
    """In `pre`, also one that is never closed, words of two elements or cells are not joined."""
    page = "<pre>x<h2>Tolls</h2><table><tr><th>Year<th>Coins</table><dl><dt>Pier<dd>stone"
    assert texts(page) == ["x\nTolls\n\nYear Coins\nPier\nstone"]


def test_words_in_links_and_bold_text_are_counted():
    """A link that is never closed ends with the element that it is in."""
    _, blocks, found = cut("<p>See <a href=x>the <b>two</b> piers</a> now</p><p><a href=y>All<p>b")
    assert found == ["See the two piers now", "All", "b"]
    assert blocks.links.tolist() == [1, 1, 0]
    assert blocks.link_words.tolist() == [3, 1, 0]
    assert blocks.bold_words.tolist() == [1, 0, 0]


def test_a_link_around_blocks_covers_all_of_them():
    """A card is often one link with several blocks."""
    _, blocks, found = cut("<a href=x><div>One two<div>Three</div></div></a><div>Four</div>")
    assert found == ["One two", "Three", "Four"]
    assert blocks.link_words.tolist() == [2, 1, 0]


def test_nodes_know_their_parent_and_what_they_are_in():
    """A block's node leads to its ancestors; hidden elements and roles are noted."""
    walk, blocks, _ = cut(
        "<body><div role=navigation><ul><li>One</ul></div>"
        "<article style='color: red; DISPLAY : none'><p>Two</article><p aria-hidden=true>Three"
    )
    paths = []
    for node in blocks.node.tolist():
        path, at = [], node
        while at > 0:
            path.append(TAGS[walk.tag[at]])
            at = int(walk.parent[at])
        paths.append(path)
    assert paths == [["li", "ul", "div", "body"], ["p", "article", "body"], ["p", "body"]]
    assert walk.hidden[blocks.node].tolist() == [0, 1, 2]
    one, two, three = walk.semantics[blocks.node].tolist()
    assert one != 0
    assert two != 0
    assert three == 0


def test_absurd_depth_is_bounded_and_keeps_the_text():
    """Below `MAX_DEPTH`, elements are read as if they were children of the last one above."""
    walk, _, found = cut("<div>" * 100_000 + "<p>deep" + "</div>" * 100_000 + "<p>after")
    assert found == ["deep", "after"]
    assert int(walk.depth.max()) < MAX_DEPTH


@pytest.mark.parametrize(
    "html",
    [
        b"<p>\xff\xfe broken \xc3", b"\x01\x02<p>\x03x\x05y\x04", b"<p>&#" + b"9" * 10_000 + b";x",
        b"<p>&#0;&#1;&#xD800;&#x110000;x", b"<" * 1000, b"<a " * 1000, b"<p>x</p>" * 10_000,
        b"<table><tr><td>" * 2000 + b"x", b"<li>" * 10_000 + b"x", b"<p><span " + b"a=b " * 10_000,
        b"", b"\n", b"<!--", b"</", b"<p", b"<p a", b"<p a=", b"<p a='", b"&", b"<![CDATA[x]]>",
    ],
)  # fmt: skip
def test_any_bytes_can_be_walked(html):
    """No input raises, and the text of blocks has none of the marks of the walk."""
    walk, blocks, found = cut(html)
    assert all(text.strip() for text in found)
    assert not any(char in text for text in found for char in "\0\1\2\3\4\5")
    assert np.all(blocks.node < len(walk.parent))


def test_text_is_the_same_in_every_truncation():
    """A page that breaks off has the blocks of the part that is there."""
    html = "<div class='a b'><h1>Head &amp; line</h1><p>One <a href='x'>two</a></p><pre>  x\n</pre>"
    whole = texts(html)
    for size in range(len(html)):
        part = texts(html[:size])
        assert part[:-1] == whole[: max(0, len(part) - 1)]


def test_a_page_without_other_text_has_its_noscript_text():
    """A forum may have its posts in `noscript` for search engines, and nothing else."""
    post = "<div class=post><p>" + "The council voted on Tuesday. " * 30 + "</p></div>"
    assert len(texts(f"<body><noscript>{post}</noscript><p>Loading</p>")) == 2
    assert len(texts(f"<body><noscript>{post}</noscript>{post}")) == 1


@pytest.mark.parametrize("name", [*TAGS, "foreignobject"])
@pytest.mark.parametrize("ending", ["-x", "-element", "longer"])
def test_no_other_element_is_read_as_one_of_ours(name, ending):
    """An element whose name only begins like a known one is unknown, and its text is read."""
    other = name + ending
    assert texts(f"<p>Before<{other}>within</{other}>after") == texts(
        f"<p>Before<my{ending}>within</my{ending}>after"
    )


@pytest.mark.parametrize("attribute", [*ATTRIBUTES, *LAYOUT_ATTRIBUTES])
def test_no_other_attribute_is_read_as_one_of_ours(attribute):
    """An attribute whose name only begins like a known one says nothing."""
    assert name_code(f"{attribute}-x") not in {*ATTRIBUTE_CODES.tolist(), *LAYOUT_CODES.tolist()}


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("<p>One<object data=a.swf><param name=b>Two</object>", ["OneTwo"]),
        ("<object data=a.pdf><p>One<p>Two</object><p>Three", ["One", "Two", "Three"]),
        ("<object><object>One</object></object><p>Two", ["One", "Two"]),
        ("<map name=m><p>One<area href=/1><p>Two</map>", ["One", "Two"]),
        ("<p>One<xmp> a <b>c\n d</xmp>Two", ["One", " a <b>c\n d", "Two"]),
        ("<pre>a<xmp>b</xmp>c</pre>", ["abc"]),
        ("<p>One<textarea><p>Two</textarea>Three", ["OneThree"]),
    ],
)
def test_text_that_browsers_show_is_read(page, wanted):
    """The text in an object, a map or `xmp` is text of the page; that in a form field is not."""
    assert texts(page) == wanted
