"""Formulas of HTML pages: each is in the text once, in TeX."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles.blocks.extraction import page_bytes, texts_of
from corpus.articles.blocks.features import read_page
from corpus.articles.characters import character_tables
from corpus.articles.formulas.markup import (
    MAX_FORMULA_BYTES,
    clean_source,
    clean_tex,
    with_formulas,
)

MATHML = "<math{}><semantics><mi>k</mi>{}</semantics></math>"
ANNOTATION = '<annotation encoding="application/x-tex">{}</annotation>'
MATH = MATHML.format("", ANNOTATION.format("k^2"))
BLOCK = MATHML.format(' display="block"', ANNOTATION.format("k^2"))
KATEX = (
    f'<span class="katex"><span class="katex-mathml">{MATH}</span><span class="katex-html" '
    'aria-hidden="true"><span class="base"><span class="mord">k</span>2</span></span></span>'
)
WIKIPEDIA = (
    '<span class="mwe-math-element"><span class="mwe-math-mathml-inline" style="display: none;">'
    + MATHML.format("", ANNOTATION.format(r"{\displaystyle k^2}"))
    + r'</span><img class="mwe-math-fallback-image-inline" alt="{\displaystyle k^2}"></span>'
)
WIKIPEDIA_BLOCK = (
    '<div class="mwe-math-element"><div class="mwe-math-mathml-display" style="display: none;">'
    + BLOCK
    + '</div><img class="mwe-math-fallback-image-display" alt="k^2"></div>'
)
MATHJAX_2 = (
    '<span class="MathJax_Preview">k2</span><span class="MathJax" id="m"><nobr><span class="mi">k'
    '</span>2</nobr><span class="MJX_Assistive_MathML"><math><mi>k</mi></math></span></span>'
    '<script type="math/tex" id="s">k^2</script>'
)
MATHJAX_3 = (
    '<mjx-container class="MathJax"><mjx-math><mjx-mi></mjx-mi></mjx-math><mjx-assistive-mml><math>'
    "<msup><mi>k</mi><mn>2</mn></msup></math></mjx-assistive-mml></mjx-container>"
)
CHARACTERS = character_tables()


def texts(html: str) -> list[str]:
    """Return the text of each block of a page."""
    return texts_of(read_page(page_bytes(html), CHARACTERS))


@pytest.mark.parametrize(
    "formula",
    [
        MATH, KATEX, WIKIPEDIA, MATHJAX_2, MATHJAX_3,
        MATHML.format(' alttext="k^2"', ""), "<math><msup><mi>k</mi><mn>2</mn></msup></math>",
        '<script type="math/tex">k^2 % a comment\n</script>', '<img class="latex" alt="k^2">',
        '<img class="mwe-math-fallback-image-inline" alt="k^2">',
        "<IMG ALT=k^2 CLASS=tex>",
        MATH + '<img class="tex" alt="k^2">',
    ],
)  # fmt: skip
def test_an_inline_formula_is_once_in_its_sentence(formula):
    """Whatever a page writes its formulas with, each is TeX between dollar signs, once."""
    page = f"<p>The energy is {formula} here.<p>Next"
    assert texts(page) == ["The energy is $k^2$ here.", "Next"]


@pytest.mark.parametrize(
    "formula",
    [
        BLOCK, '<script type="math/tex; mode=display">k^2</script>', WIKIPEDIA_BLOCK,
        f'<span class="katex-display">{KATEX.replace(MATH, BLOCK)}</span>',
        MATHJAX_3.replace('class="MathJax"', 'class="MathJax" display="true"'),
    ],
)  # fmt: skip
def test_a_displayed_formula_is_a_line(formula):
    """A formula on a line of its own has double dollar signs."""
    lines = "\n".join(texts(f"<div>The energy is {formula} here.</div>")).split("\n")
    assert lines == ["The energy is", "$$k^2$$", "here."]


@pytest.mark.parametrize(
    "page",
    [
        r"<p>From \(x\) to \[y\], $5 and $$z$$ <img class=photo alt='k^2'>",
        '<script type="application/ld+json">{"a": "<math><mi>x</mi></math>"}</script><p>x',
        "<!-- <math><mi>x</mi></math> --><p>x",
        '<p><span class="katex-html">x</span> has no MathML',
        '<p><span class="MathJax">x</span>', "<p><math><mi>never closed", "<math", "<p>math/tex",
        "<math alttext='", "<math><script>", "<!-- <math>",
        '<span class="katex-html"' * 3,
    ],
)  # fmt: skip
def test_what_is_no_formula_stays(page):
    """Text in TeX, scripts, comments and formulas that nothing else shows are left as they are."""
    assert with_formulas(page.encode()) == page.encode()


@pytest.mark.parametrize(
    ("tex", "clean"),
    [
        (r"{\displaystyle x^{2}}", "x^{2}"), (r"{\textstyle {a} + {b}}", "{a} + {b}"),
        (r"{\displaystyle a} + {b}", r"{\displaystyle a} + {b}"), (r"\( x \)", "x"), ("$$x$$", "x"),
        (r"\[x \\[2pt] y\]", r"x \\[2pt] y"), ("$$x$ y$$", "x$ y"), (r"$5\$ a$", r"5\$ a"),
        ("$a$ and $b$", "$a$ and $b$"), (r"\(a\) and \(b\)", r"\(a\) and \(b\)"),
        (r"\[a\], \[b\]", r"\[a\], \[b\]"), ("$$a$$ or $$b$$", "$$a$$ or $$b$$"),
        ("5% a", "5% a"), (r"5\% a", r"5\% a"), ("a%\n  b", "a b"), (r"a\\%"+"\nb", r"a\\ b"),
        ("a\n  b", "a b"), ("", ""), ("$$", ""), (r"{\displaystyle \}}", r"\}"),
    ],
)  # fmt: skip
def test_tex_is_on_one_line_without_what_is_around_it(tex, clean):
    """Delimiters and the style of the whole formula are removed, and nothing else."""
    assert clean_tex(tex) == clean


@pytest.mark.parametrize(
    ("tex", "clean"),
    [
        ("a % comment\n+ b", "a + b"), ("a % comment", "a"), ("% comment\na", "a"),
        (r"5\% a", r"5\% a"), (r"a \\% comment", r"a \\"), (r"5\\\% a", r"5\\\% a"),
    ],
)  # fmt: skip
def test_only_source_has_comments(tex, clean):
    """A comment of TeX source ends with its line, and an escaped percent sign begins none."""
    assert clean_source(tex) == clean


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (MATHML.format(r' alttext="30% \frac{m}{n}"', ""), r"$30% \frac{m}{n}$"),
        (r'<img class="latex" alt="30% \frac{m}{n}">', r"$30% \frac{m}{n}$"),
        (r'<img class="tex" alt="\(m\) and \(n\)">', r"\(m\) and \(n\)"),
        ('<img class="tex" alt="$m$ and $n$">', "$m$ and $n$"),
        (r'<img class="tex" alt="m \text{ if $n$}">', r"$m \text{ if $n$}$"),
        (MATHML.format("", ANNOTATION.format("% only a comment")), "$k$"),
    ],
)  # fmt: skip
def test_no_part_of_a_formula_is_lost(formula, text):
    """Percent signs of attributes, several formulas in one, and empty annotations lose nothing."""
    assert texts(f"<p>The energy is {formula} here.") == [f"The energy is {text} here."]


def test_tex_is_text_and_never_markup():
    """Signs of markup in TeX reach the text as they are."""
    page = MATHML.format("", ANNOTATION.format("a &lt;b&gt; c &amp;amp; d"))
    assert texts(f"<p>x {page}") == ["x $a <b> c &amp; d$"]


@pytest.mark.parametrize(
    "page",
    [
        "<math>" * 50_000, '<math><span class="katex-html">' * 20_000,
        "<math><mi>x</mi></math>" * 4_000, "math/tex" + '<span class="MathJax">' * 30_000,
        "<math>" + "<mi>x</mi>" * (MAX_FORMULA_BYTES // 10 + 1) + "</math>",
        '<math a="' * 20_000, "<math " + "<span " * 50_000, "<math></math>" + "<!--" * 50_000,
        "<math></math>" + "<mjx-container>" * 30_000 + "<script>" * 30_000,
        *(
            f"<math>{unit * (MAX_FORMULA_BYTES // len(unit))}</math>"
            for unit in ("<annotation ", "<annotation encoding=tex ", "<annotation encoding=tex>")
        ),
        "<math>" + "<a>" * 100 + "<" * 90_000 + "</math>",
    ],
    ids=range(13),
)  # fmt: skip
def test_hostile_pages_are_read_in_bounded_time(page):
    """The work is linear: elements that never end are not searched for again."""
    assert isinstance(with_formulas(page.encode()), bytes)


PARTS = [MATH, KATEX, WIKIPEDIA, MATHJAX_2, MATHJAX_3, BLOCK, "<p>", " word ", "</span>", "<math>"]


@settings(max_examples=40)
@given(st.lists(st.sampled_from(PARTS), max_size=8))
def test_reading_again_changes_nothing(parts):
    """A page whose formulas are TeX has no other formulas, and no formula is there twice."""
    once = with_formulas("".join(parts).encode())
    assert with_formulas(once) == once
    if "<math>" not in parts:
        n = sum(part in (MATH, KATEX, WIKIPEDIA, MATHJAX_2, MATHJAX_3, BLOCK) for part in parts)
        assert len(re.findall(rb"k\^2", once)) == n
