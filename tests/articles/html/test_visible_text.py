"""The visible text of an HTML page, one line per block."""

from __future__ import annotations

import pytest

from corpus.articles.html.visible_text import visible_text


def test_each_block_is_a_line():
    """Blocks are lines, inline elements remain within a line, and hidden elements are left out."""
    html = (
        "<html><head><title>Not seen</title><style>p {}</style></head><body><h1>The  <i>old</i>\n"
        "mill</h1><p>It grinds<br>again.<script>no()</script> <i>And</i> <a href='#'>again</a>.</p>"
        "<ul><li>one</li><li>two</li></ul><!-- no --><button>Buy</button> tail &amp; all</body>"
    )

    assert visible_text(html).split("\n") == [
        "The old mill", "It grinds", "again. And again.", "one", "two", "tail & all",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "inline",
    [
        "<nobr>20 million</nobr>", "<st1:city>20 million</st1:city>", "<my-tip>20 million</my-tip>",
        "20 <svg><path/></svg>million", "20 <script>no()</script>million", "20 <!-- no -->million",
        "20 <button>?</button>million", "20 <iframe src='x'></iframe>million",
        "20 <noscript>no</noscript>million",
    ],
)  # fmt: skip
def test_inline_element_does_not_split_a_line(inline):
    """Only blocks split lines: not inline, unknown or hidden elements."""
    html = f"<body><p>It cost {inline} euros.</p><p>Nobody paid.</p></body>"
    assert visible_text(html).split("\n") == ["It cost 20 million euros.", "Nobody paid."]


def test_preformatted_text_keeps_its_lines():
    """Line feeds end lines within `pre`, and are spaces elsewhere."""
    html = "<body><p>A\npoem:</p><pre>The mill\n  grinds <i>on\nand</i> on</pre>\nby her</body>"
    lines = ["A poem:", "The mill", "grinds on", "and on", "by her"]
    assert visible_text(html).split("\n") == lines
