"""The audit page is safe, well-formed, and shows the numbers of the audit."""

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
from corpus.auditing.page.charts import axis_maximum, bar, histogram, legend
from corpus.auditing.page.distributions import periods
from corpus.auditing.page.page import page

VOID = {"meta", "br"}
SVG_SHAPES = ("rect", "path", "circle", "polyline")


def report_of(statistics):
    """Return an audit report without the comparison of texts."""
    return report_on_documents(statistics, compare=False, draw_topics=False)


class Reader(HTMLParser):
    """Parses a page: tags, attributes, the text of table cells, and tags that are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Record an opening tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID and tag not in SVG_SHAPES:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attrs):
        """Record a self-closing tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        """Check that a closing tag matches the last open one."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Record the text of a table cell."""
        if any(tag in ("td", "th") for tag in self.open):
            self.rows[-1][-1] += data


def test_the_page_runs_no_code_and_loads_nothing(tiny_build):
    """There is no script, handler or external link; the policy allows only the page's style."""
    _, manifest, audit = tiny_build
    text = page(audit, manifest)
    parsed = Reader(text)
    assert not parsed.open
    assert {tag for tag, _ in parsed.tags}.isdisjoint({"script", "img", "link", "iframe", "object"})
    for _, attributes in parsed.tags:
        assert not {name for name in attributes if name.startswith("on") or name == "style"}
        assert attributes.get("href", "#").startswith("#")
        assert "src" not in attributes
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text
    assert "url(" not in style
    assert "@import" not in style


def test_text_from_documents_is_not_markup(tiny_build):
    """Tags are escaped; escape sequences and bidirectional marks are shown as code points."""
    _, manifest, audit = tiny_build
    text = page(audit, manifest)
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert not {"\u202e", "\x1b"} & set(text)
    assert "⟨U+202E⟩⟨U+001B⟩" in text


def test_the_page_shows_the_numbers_of_manifest_and_audit(tiny_build):
    """The funnel adds up from records read to documents kept, and tables agree with the audit."""
    _, manifest, audit = tiny_build
    rows = Reader(page(audit, manifest)).rows
    first_with_name = {}
    for row in rows:
        first_with_name.setdefault(row[0], row)
    for name, split in audit["splits"].items():
        numbers = [f"{split[key]:,}" for key in ("documents", "words", "characters")]
        assert first_with_name[name][1:4] == numbers
    removals = [row for row in rows if len(row) == 5 and row[2].startswith("−")]
    sums = sum(int(row[2][1:].replace(",", "")) for row in removals)
    assert manifest["counts"]["read"] - sums == manifest["counts"]["kept"] == audit["documents"]
    assert first_with_name["kept"][2] == f"{audit['documents']:,}"
    for row in audit["languages"]["rows"]:
        assert first_with_name[row["name"]][1] == f"{row['documents']:,}"


def test_the_numbers_of_a_histogram_sum_to_the_documents(tiny_build):
    """The table of each histogram counts every document that has the value."""
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
def test_an_empty_corpus_has_a_page(documents, text):
    """A corpus with no documents, or with empty ones, has a well-formed page."""
    statistics = measure(documents(*text), split="train") if text else Statistics()
    assert not Reader(page(report_of(statistics), title="<b>")).open


def test_long_tables_of_names_are_folded(documents):
    """A table of names shows the most frequent ones; the others are in a folded part."""
    batch = documents(*["x"] * 40, publisher=[f"p{i:02}" for i in range(40)])
    text = page(report_of(measure(batch, split="train")))
    assert "<summary>25 more</summary>" in text
    assert all(f"<bdi>p{i:02}</bdi>" in text for i in range(40))


@given(st.integers(0, 10**15))
def test_an_axis_ends_just_above_its_highest_column(value):
    """The maximum of an axis is at least the value, at most about twice the value, and even."""
    top = axis_maximum(value)
    assert value <= top
    assert top <= max(2, 2 * value)
    assert top % 2 == 0


def test_the_segments_of_a_bar_are_adjacent():
    """Each segment starts where the one before it ends."""
    svg = bar([(1, "a"), (0, "b"), (3, "c")], 8)
    assert re.findall(r'class="(\w)" x="([\d.]+)" width="([\d.]+)"', svg) == [
        ("a", "0.000", "12.500"),
        ("c", "12.500", "37.500"),
    ]
    assert "rect" not in bar([(0, "a")], 0)


def test_every_column_of_a_histogram_has_a_tooltip():
    """The tooltip has label and number; there is a legend if there is more than one split."""
    svg = histogram(["a<", "b"], [[1, 0], [2, 5]], title="T")
    assert "<title>a&lt;: 3</title>" in svg
    assert "<title>b: 5</title>" in svg
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
def test_dates_are_shown_in_a_suitable_unit(first, last, unit, n):
    """A short time is shown by month, including empty months, a longer one by year or century."""
    name, labels = periods(first, last)
    assert (name, len(labels)) == (unit, n)


def test_reasons_of_custom_stages_are_explained(tiny_build):
    """The page shows the description of a reason that the manifest has, escaped."""
    _, manifest, audit = tiny_build
    manifest["stages"].append({"stage": "mine", "reasons": {"dull": "the text is <b>dull</b>"}})
    row = {"stage": "mine", "reason": "dull", "documents": 1, "characters": 9}
    manifest["funnel"].append(row)
    text = page(audit, manifest)
    assert "the text is &lt;b&gt;dull&lt;/b&gt;" in text
    assert "the record has no text" in text
