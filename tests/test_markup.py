"""Text from documents is never markup, and numbers are never rounded to nothing or to all."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.markup import (
    code,
    count_of,
    fenced,
    html,
    html_with_code,
    json_text,
    markdown,
    markdown_with_code,
    percent,
    visible,
)


@pytest.mark.parametrize(
    ("n", "expected"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1000, "1,000 files")]
)
def test_a_count_has_its_noun_in_the_right_number(n, expected):
    """One is singular, all other numbers are plural."""
    assert count_of(n, "file") == expected


@pytest.mark.parametrize(
    ("value", "whole", "expected"),
    [
        (0, 9, "0 %"),
        (9, 9, "100 %"),
        (0, 0, "0 %"),
        (1, 3, "33.3 %"),
        (1, 9999, "&lt; 0.1 %"),
        (1, 10**6, "&lt; 0.1 %"),
        (9998, 9999, "&gt; 99.9 %"),
        (10**6 - 1, 10**6, "&gt; 99.9 %"),
    ],
)
def test_a_share_is_never_rounded_to_0_or_100_percent(value, whole, expected):
    """Only an empty part is 0 %, and only the whole is 100 %."""
    assert percent(value, whole) == expected


@given(st.text())
def test_text_is_never_markup(text):
    """Escaped for HTML or Markdown, no text opens a tag or a new line."""
    assert not {"<", ">", '"'} & set(html(text))
    assert "<" not in markdown(text)
    assert "\n" not in markdown(text) + code(text)
    assert visible(visible(text)) == visible(text)
    assert "\n" not in markdown_with_code(text)
    assert "<" not in html_with_code(text).replace("<code>", "").replace("</code>", "")


@given(st.lists(st.text("ab<|*_ \n"), min_size=2, max_size=5))
def test_only_parts_between_backticks_are_code_spans(parts):
    """Outside of code spans, no tag and no emphasis is left unescaped."""
    text = "`".join(parts)
    outside = re.sub(r"`[^`]*`", "", markdown_with_code(text)) if len(parts) % 2 else ""
    assert "<" not in outside
    assert not re.search(r"(?<!\\)[*_|]", outside)


def test_names_in_descriptions_are_code_spans():
    """Backticks in a description make code spans; an unpaired one is shown as it is."""
    text = "below `min_score` < 1, or in `drop`"
    assert markdown_with_code(text) == "below `min_score` &lt; 1, or in `drop`"
    assert html_with_code(text) == ("below <code>min_score</code> &lt; 1, or in <code>drop</code>")
    assert markdown_with_code("one ` alone") == r"one \` alone"
    assert html_with_code("one ` alone") == "one ` alone"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a|b", "`a\\|b`"), ("`", "`` ` ``"), ("a\n\tb", "`a b`"), ("", "")],
)
def test_a_code_span_contains_the_whole_text(text, expected):
    """Backticks in the text make the delimiter longer, and table borders are escaped."""
    assert code(text) == expected


def test_a_fence_is_longer_than_any_run_of_backticks_inside():
    """No line of a code block can close it."""
    assert fenced("````\n", "") == "`````\n````\n`````"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](http://b)", r"\[a\](http&#58;//b)"),
        ("www.x.y a@b", "www&#46;x.y a&#64;b"),
        ("1 < 2 & *3*", r"1 &lt; 2 &amp; \*3\*"),
    ],
)
def test_markdown_is_escaped(text, expected):
    """Links, mentions, tags and emphasis are shown as text."""
    assert markdown(text) == expected
    assert markdown(markdown(text)) == expected


@given(
    st.text(max_size=60) | st.text("\x07\x1b\x7f\x85\x9b\xad\u200d\u2028\u202e\U000e0041\ud83dé中")
)
def test_json_controls_no_terminal(text):
    """JSON has no raw control character, and means the same."""
    written = json_text({"text": text})
    controls = {c for c in written if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}

    assert controls <= {"\n", "\u200c", "\u200d", "\xad"}
    assert json.loads(written) == {"text": text}


def test_json_keeps_letters():
    """Letters of every script stay readable, and an escape is that of JSON."""
    assert json_text(["é中", "\x9b1m", "\U000e0041"]) == (
        '[\n  "é中",\n  "\\u009b1m",\n  "\\udb40\\udc41"\n]\n'
    )
