"""The audit page is safe, whole and true."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.auditing.measure.counting import measure
from corpus.auditing.measure.report import report_on_documents
from corpus.auditing.measure.statistics import Statistics
from corpus.auditing.page.charts import bar, ceiling, histogram, legend
from corpus.auditing.page.page import page
from corpus.auditing.page.parts import _periods, percent
from corpus.markup import code, fenced, html, markdown, visible

VOID = {"meta", "br"}
DRAWN = ("rect", "path", "circle", "polyline")


def audited(found):
    """Return the audit of what was counted, without the comparison of texts."""
    return report_on_documents(found, compare=False, draw_topics=False)


class Reader(HTMLParser):
    """Reads a page: tags, attributes, the text of cells, and whether all is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Note a tag that opens."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID and tag not in DRAWN:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attrs):
        """Note a tag that closes itself."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        """Check that the last open tag closes."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Note the text of a cell."""
        if any(tag in ("td", "th") for tag in self.open):
            self.rows[-1][-1] += data


def test_the_page_runs_and_loads_nothing(tiny_build):
    """No script, no handler, no address but places on the page; the policy allows its one style."""
    _, manifest, audit = tiny_build
    text = page(audit, manifest)
    read = Reader(text)
    assert not read.open
    assert {tag for tag, _ in read.tags}.isdisjoint({"script", "img", "link", "iframe", "object"})
    for _, attributes in read.tags:
        assert not {name for name in attributes if name.startswith("on") or name == "style"}
        assert attributes.get("href", "#").startswith("#")
        assert "src" not in attributes
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text
    assert "url(" not in style
    assert "@import" not in style


def test_what_documents_say_stays_text(tiny_build):
    """A title with tags, escape sequences and bidirectional marks is shown, spelled out."""
    _, manifest, audit = tiny_build
    text = page(audit, manifest)
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert not {"\u202e", "\x1b"} & set(text)
    assert "⟨U+202E⟩⟨U+001B⟩" in text


def test_the_numbers_of_the_page_are_those_of_manifest_and_audit(tiny_build):
    """The funnel adds up from what was read to what was kept; tables tell what the audit says."""
    _, manifest, audit = tiny_build
    rows = Reader(page(audit, manifest)).rows
    found = {}
    for row in rows:
        found.setdefault(row[0], row)
    for name, split in audit["splits"].items():
        numbers = [f"{split[key]:,}" for key in ("documents", "words", "characters")]
        assert found[name][1:4] == numbers
    went = [row for row in rows if len(row) == 5 and row[2].startswith("−")]
    sums = sum(int(row[2][1:].replace(",", "")) for row in went)
    assert manifest["counts"]["read"] - sums == manifest["counts"]["kept"] == audit["documents"]
    assert found["kept"][2] == f"{audit['documents']:,}"
    for row in audit["languages"]["rows"]:
        assert found[row["name"]][1] == f"{row['documents']:,}"


def test_the_numbers_of_a_histogram_sum_to_the_documents(tiny_build):
    """The table beside each histogram holds every document that belongs in it."""
    _, _, audit = tiny_build
    text = page({**audit, "removals": None, "close": {**audit["close"], "words": {"words": 0}}})
    tables = re.findall(r"<summary>Numbers</summary>(.*?)</details>", text, re.DOTALL)
    sums = [
        sum(int(cell.replace(",", "")) for row in Reader(table).rows[1:] for cell in row[1:])
        for table in tables
    ]
    dated = audit["documents"] - sum(split["undated"] for split in audit["splits"].values())
    lengths = [audit["documents"]] * 3
    assert sums == [audit["documents"], *lengths, dated]


@pytest.mark.parametrize("text", [[], [""], [None]])
def test_a_corpus_of_nothing_has_a_page(documents, text):
    """No document, or an empty one, makes a page all the same."""
    found = measure(documents(*text), split="train") if text else Statistics()
    assert not Reader(page(audited(found), title="<b>")).open


def test_many_names_are_folded_away(documents):
    """A table of names shows the first few; the others open."""
    batch = documents(*["x"] * 40, publisher=[f"p{i:02}" for i in range(40)])
    text = page(audited(measure(batch, split="train")))
    assert "<summary>25 more</summary>" in text
    assert all(f"<bdi>p{i:02}</bdi>" in text for i in range(40))


@given(st.integers(0, 10**15))
def test_the_top_of_an_axis_is_round_and_near(value):
    """An axis ends at or above its highest column, and not far above."""
    top = ceiling(value)
    assert value <= top
    assert top <= max(2, 2 * value)
    assert top % 2 == 0


def test_the_parts_of_a_bar_lie_side_by_side():
    """Each part begins where the one before it ended."""
    drawn = bar([(1, "a"), (0, "b"), (3, "c")], 8)
    assert re.findall(r'class="(\w)" x="([\d.]+)" width="([\d.]+)"', drawn) == [
        ("a", "0.000", "12.500"),
        ("c", "12.500", "37.500"),
    ]
    assert "rect" not in bar([(0, "a")], 0)


def test_a_histogram_tells_every_column():
    """Every column says its label and its number; a legend stands where there is more than one."""
    drawn = histogram(["a<", "b"], [[1, 0], [2, 5]], title="T")
    assert "<title>a&lt;: 3</title>" in drawn
    assert "<title>b: 5</title>" in drawn
    assert legend(["one"]) == ""
    assert legend(["one", "two"]).count("<rect") == 2


@pytest.mark.parametrize(
    ("first", "last", "unit", "n"),
    [
        ("2023-05", "2023-05", "month", 1),
        ("2022-11", "2023-02", "month", 4),
        ("2000-01", "2023-12", "year", 24),
        ("0001-01", "9999-12", "century", 100),
    ],
)
def test_dates_are_shown_in_the_unit_that_fits(first, last, unit, n):
    """Few months are shown one by one, gaps too; many as years, more as decades."""
    found = _periods(first, last)
    assert (found[0], len(found[1])) == (unit, n)


@pytest.mark.parametrize(
    ("value", "whole", "expected"),
    [(0, 9, "0 %"), (9, 9, "100 %"), (1, 9999, "&lt; 0.1 %"), (9998, 9999, "&gt; 99.9 %")],
)
def test_a_share_is_never_rounded_to_nothing_or_all(value, whole, expected):
    """Nothing and all are said of nothing and all alone."""
    assert percent(value, whole) == expected


@given(st.text())
def test_text_is_never_markup(said):
    """Whatever a text says, as HTML and as Markdown it opens no tag and hides no character."""
    assert not {"<", ">", '"'} & set(html(said))
    assert "<" not in markdown(said)
    assert "\n" not in markdown(said) + code(said)
    assert visible(visible(said)) == visible(said)


@pytest.mark.parametrize(
    ("said", "expected"),
    [("a|b", "`a\\|b`"), ("`", "`` ` ``"), ("a\n\tb", "`a b`"), ("", "")],
)
def test_a_code_span_holds_its_text(said, expected):
    """Backticks make a longer fence, and a bar of a table is escaped."""
    assert code(said) == expected


def test_a_fence_is_longer_than_what_it_holds():
    """No line of a block ends it."""
    assert fenced("````\n", "") == "`````\n````\n`````"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("[a](http://b)", r"\[a\](http&#58;//b)"),
        ("www.x.y a@b", "www&#46;x.y a&#64;b"),
        ("1 < 2 & *3*", r"1 &lt; 2 &amp; \*3\*"),
    ],
)
def test_markdown_is_escaped(said, expected):
    """Links, mentions, tags and emphasis are spelled so that they are text."""
    assert markdown(said) == expected
    assert markdown(markdown(said)) == expected
