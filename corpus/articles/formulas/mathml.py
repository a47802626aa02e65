"""Presentation MathML to TeX, for the formulas of pages that have no TeX.

Elements that carry meaning are translated: fractions, roots, indices, fences, tables, accents,
functions. Other elements are read as their content. A formula that is nested deeper than
`MAX_DEPTH` is returned as the text of its leaves. The names of elements are those of MathML Core
(https://www.w3.org/TR/mathml-core/) and, for old pages, of MathML 3.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from corpus.articles.formulas.symbols import ACCENTS, FUNCTIONS, LIMITS, SYMBOLS

MAX_DEPTH = 60
_TOKEN = re.compile(r"<(/?)(?:\w+:)?([A-Za-z][\w-]*+)([^<>]*)>|([^<]+)|<")
_TAG = re.compile(r"<[/!?A-Za-z][^>]*(?:>|\Z)")
_COMMAND_AT_END = re.compile(r"\\[A-Za-z]+$")
_ATOM = re.compile(r"\\[A-Za-z]+|.", re.DOTALL)
_UNREAD = {"annotation", "annotation-xml", "mphantom", "maligngroup", "malignmark", "mprescripts"}
_LEAVES = {"mi", "mn", "mo", "mtext", "ms"}
_VARIANTS = {
    "bold": "mathbf", "double-struck": "mathbb", "script": "mathcal", "fraktur": "mathfrak",
    "sans-serif": "mathsf", "monospace": "mathtt",
}  # fmt: skip


@dataclass
class _Element:
    """An element of a formula."""

    name: str
    attributes: str = ""
    text: str = ""
    children: list[_Element] = field(default_factory=list)

    def attribute(self, name: str) -> str | None:
        """Return the value of an attribute; None if it has none."""
        match = re.search(rf"\b{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+))", self.attributes)
        return html.unescape(next(filter(None, match.groups()), "")) if match else None


def mathml_to_tex(mathml: str) -> str:
    r"""Return the TeX of a formula in MathML, without delimiters.

    >>> mathml_to_tex("<math><msup><mi>x</mi><mn>2</mn></msup><mo>≤</mo><mi>π</mi></math>")
    'x^2\\leq\\pi'
    """
    root, depth = _parse(mathml)
    if depth > MAX_DEPTH:
        return " ".join(html.unescape(_TAG.sub(" ", mathml)).split())
    return " ".join(_row(root.children).split())


def _parse(mathml: str) -> tuple[_Element, int]:
    """Return the elements of a formula, and how deep they are nested."""
    root = _Element("root")
    stack, deepest = [root], 0
    for match in _TOKEN.finditer(mathml):
        closes, name, attributes, text = match.groups()
        if text:
            stack[-1].text += text
        elif name and closes:
            name = name.lower()
            if len(stack) > 1 and stack[-1].name == name:
                stack.pop()
            elif any(element.name == name for element in stack[:-MAX_DEPTH:-1]):
                while stack.pop().name != name:
                    pass
        elif name:
            element = _Element(name.lower(), attributes)
            stack[-1].children.append(element)
            if not attributes.rstrip().endswith("/"):
                stack.append(element)
                deepest = max(deepest, len(stack))
    return root, deepest


def _joined(parts: Sequence[str]) -> str:
    """Return TeX side by side; a space ends a command before a letter."""
    result: list[str] = []
    for part in filter(None, parts):
        if result and part[0].isalpha() and _COMMAND_AT_END.search(result[-1]):
            result.append(" ")
        result.append(part)
    return "".join(result)


def _row(elements: Sequence[_Element]) -> str:
    """Return the TeX of elements side by side."""
    return _joined([_tex(element) for element in elements if element.name not in _UNREAD])


def _group(tex: str) -> str:
    """Return TeX as one argument, in braces unless it is a single sign."""
    return tex if _ATOM.fullmatch(tex) else f"{{{tex}}}"


def _characters(text: str) -> str:
    """Return the characters of a leaf in TeX."""
    return _joined([SYMBOLS.get(char, char) for char in text])


def _leaf(element: _Element) -> str:
    """Return the TeX of a name, number, operator or text."""
    text = " ".join(html.unescape(element.text).split())
    if element.name in ("mtext", "ms"):
        escaped = re.sub(r"([#%&_{}$])", r"\\\1", text.replace("\\", ""))
        return f"\\text{{{escaped}}}" if text else " "
    if element.name == "mn":
        return text
    if text in FUNCTIONS:
        return f"\\{text}"
    tex = _characters(text)
    variant = _VARIANTS.get(element.attribute("mathvariant") or "")
    if variant and text:
        return f"\\{variant}{{{tex}}}"
    is_word = len(text) > 1 and text.isalpha() and text.isascii()
    return f"\\mathrm{{{text}}}" if is_word else tex


def _base(element: _Element) -> str:
    """Return what an index stands at; more than one element is one group."""
    tex = _tex(element)
    return tex if element.name in _LEAVES and tex else f"{{{tex}}}"


def _indices(parts: Sequence[_Element], sub: int | None, sup: int | None) -> str:
    """Return a base with indices; they are the elements with these numbers."""
    result = _base(parts[0]) if parts else "{}"
    for sign, place in (("_", sub), ("^", sup)):
        tex = _tex(parts[place]) if place is not None and len(parts) > place else ""
        result += f"{sign}{_group(tex)}" if tex else ""
    return result


def _over(parts: Sequence[_Element], below: int | None, above: int | None) -> str:
    """Return a base with something below or above: limits, an accent, or a label."""
    base = _tex(parts[0]) if parts else ""
    if base in LIMITS:
        return _indices(parts, below, above)
    for place, command in ((above, "overset"), (below, "underset")):
        if place is None or len(parts) <= place:
            continue
        sign = _tex(parts[place])
        raw = html.unescape(parts[place].text).strip()
        accent = ACCENTS.get(raw) or ACCENTS.get(sign)
        if command == "underset" and accent:
            accent = "underline"
        base = f"\\{accent}{{{base}}}" if accent else f"\\{command}{{{sign}}}{{{base}}}"
    return base


def _fraction(element: _Element) -> str:
    """Return a fraction; without a line, one part stands on the other."""
    upper, lower = (_tex(child) for child in (*element.children, _EMPTY, _EMPTY)[:2])
    if (element.attribute("linethickness") or "").rstrip("ptxem%") == "0":
        return f"{{{upper} \\atop {lower}}}"
    return f"\\frac{{{upper}}}{{{lower}}}"


def _root(element: _Element) -> str:
    """Return a root with its index."""
    base, index = (_tex(child) for child in (*element.children, _EMPTY, _EMPTY)[:2])
    return f"\\sqrt[{index}]{{{base}}}"


def _fenced(element: _Element) -> str:
    """Return elements in fences, which `mfenced` has as attributes."""
    start, stop, between = (element.attribute(name) for name in ("open", "close", "separators"))
    separator = "," if between is None else between.strip()[:1]
    inner = separator.join(_tex(child) for child in element.children)
    fences = ("(" if start is None else start, ")" if stop is None else stop)
    return _joined([_characters(fences[0]), inner, _characters(fences[1])])


def _table(element: _Element) -> str:
    """Return a table as a matrix."""
    rows = [child for child in element.children if child.name in ("mtr", "mlabeledtr")]
    lines = (
        " & ".join(_tex(cell) for cell in row.children[row.name == "mlabeledtr" :]) for row in rows
    )
    return "\\begin{matrix} " + " \\\\ ".join(lines) + " \\end{matrix}"


def _scripts(element: _Element) -> str:
    """Return a base with indices on its right; those on its left follow an empty base."""
    names = [child.name for child in element.children]
    cut = names.index("mprescripts") if "mprescripts" in names else len(names)
    right, left = element.children[:cut], element.children[cut + 1 :]
    before = _indices([_EMPTY, *left], 1, 2) if left else ""
    return before + _indices(right, 1 if len(right) > 1 else None, 2)


_EMPTY = _Element("mrow")
_ELEMENTS: dict[str, Callable[[_Element], str]] = {
    **dict.fromkeys(_LEAVES, _leaf),
    "mfrac": _fraction,
    "msqrt": lambda element: f"\\sqrt{{{_row(element.children)}}}",
    "mroot": _root,
    "msup": lambda element: _indices(element.children, None, 1),
    "msub": lambda element: _indices(element.children, 1, None),
    "msubsup": lambda element: _indices(element.children, 1, 2),
    "munder": lambda element: _over(element.children, 1, None),
    "mover": lambda element: _over(element.children, None, 1),
    "munderover": lambda element: _over(element.children, 1, 2),
    "mmultiscripts": _scripts,
    "mfenced": _fenced,
    "mtable": _table,
    "mspace": lambda _: " ",
    "none": lambda _: "",
    "semantics": lambda element: _row(element.children[:1]),
    "maction": lambda element: _row(element.children[:1]),
}


def _tex(element: _Element) -> str:
    """Return the TeX of an element."""
    read = _ELEMENTS.get(element.name)
    if read:
        return read(element)
    inner = _row(element.children)
    return inner or _characters(" ".join(html.unescape(element.text).split()))
