"""Presentation MathML as TeX."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles.formulas.mathml import MAX_DEPTH, mathml_to_tex


@pytest.mark.parametrize(
    ("mathml", "tex"),
    [
        ("<mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup>", "E=mc^2"),
        ("<msup><mrow><mi>a</mi><mi>b</mi></mrow><mn>10</mn></msup>", "{ab}^{10}"),
        ("<msub><mi>α</mi><mrow><mi>i</mi><mo>+</mo><mn>1</mn></mrow></msub>", r"\alpha_{i+1}"),
        ("<mfrac><mi>a</mi><mrow><mi>b</mi><mo>−</mo><mn>1</mn></mrow></mfrac>", r"\frac{a}{b-1}"),
        ("<mfrac linethickness='0'><mi>n</mi><mi>k</mi></mfrac>", r"{n \atop k}"),
        ("<msqrt><mi>x</mi><mo>+</mo><mi>y</mi></msqrt>", r"\sqrt{x+y}"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", r"\sqrt[3]{x}"),
        ("<mi>sin</mi><mo>&#x2061;</mo><mi>x</mi>", r"\sin x"),
        ("<mi>rate</mi><mo>&lt;</mo><mn>5</mn><mo>%</mo>", r"\mathrm{rate}<5\%"),
        ("<mi mathvariant=double-struck>R</mi><mo>⊂</mo>", r"\mathbb{R}\subset"),
        ("<mi>ℂ</mi>", r"\mathbb{C}"),
        ("<mtext>if </mtext><mi>x</mi><mo>≤</mo><mi>y</mi>", r"\text{if}x\leq y"),
        ("<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover><mi>x</mi>", r"\sum_i^nx"),
        ("<munder><mi>lim</mi><mi>x</mi></munder>", r"\lim_x"),
        ("<mover><mi>x</mi><mo>→</mo></mover>", r"\vec{x}"),
        ("<mover><mo>=</mo><mi>d</mi></mover>", r"\overset{d}{=}"),
        ("<munder><mi>x</mi><mo>_</mo></munder>", r"\underline{x}"),
        ("<mtable><mtr><mtd><mn>1</mn><mtd><mi>b</mi></mtr><mtr><mtd>c</mtr></mtable>",
         r"\begin{matrix} 1b \\ c \end{matrix}"),
        ("<mtable><mtr><mtd>1</mtd><mtd>2</mtd></mtr><mtr><mtd>3</mtd></mtr></mtable>",
         r"\begin{matrix} 1 & 2 \\ 3 \end{matrix}"),
        ("<mfenced open='[' separators=';'><mi>a</mi><mi>b</mi></mfenced>", "[a;b)"),
        ("<mmultiscripts><mi>C</mi><none/><none/><mprescripts/><none/><mn>14</mn></mmultiscripts>",
         "{}^{14}C"),
        ("<semantics><mi>x</mi><annotation>other</annotation></semantics>", "x"),
        ("<m:mrow><m:mi>x</m:mi></m:mrow>", "x"),
        ("plain &amp; text", r"plain \& text"),
    ],
)  # fmt: skip
def test_elements_have_their_tex(mathml, tex):
    """Fractions, roots, indices, accents, tables and names are written as in TeX."""
    assert mathml_to_tex(f"<math>{mathml}</math>") == tex


PIECES = st.sampled_from([
    "<mrow>", "</mrow>", "<mfrac>", "</mfrac>", "<msup>", "<msub>", "</msub>", "<mroot>", "<mover>",
    "<mtable>", "<mtd>", "<mi>x</mi>", "<mo>+</mo>", "<none/>", "<mprescripts/>", "</math>", "<",
    "<mmultiscripts>", ">", "&", "&#x;", "<mi/>", "</mi>", "<mn>",
])  # fmt: skip


@settings(max_examples=50)
@given(st.lists(PIECES, max_size=30))
def test_any_markup_is_read(pieces):
    """Broken MathML raises nothing."""
    assert isinstance(mathml_to_tex("".join(pieces)), str)


def test_a_formula_that_is_nested_too_deeply_is_its_text():
    """The depth is bounded; the signs are not lost."""
    deep = "<msup><mi>x</mi>" * (MAX_DEPTH + 1)
    assert mathml_to_tex(deep) == " ".join("x" * (MAX_DEPTH + 1))
    assert mathml_to_tex("<mrow>" * 5_000 + "<mi>x</mi>") == "x"
