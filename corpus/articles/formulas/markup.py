r"""Find the formulas of an HTML page, and put their TeX in their place: `$x^2$`, or `$$x^2$$`.

    <math> with an annotation or `alttext` in TeX     KaTeX, Wikipedia, arXiv; else MathML is read
    <script type="math/tex">                          MathJax 2
    <mjx-container> with assistive MathML             MathJax 3
    <img class="latex" alt="x^2">                     images of formulas, Wikipedia's fallback

What shows the same formula a second time is removed: the layout of KaTeX and MathJax, previews, and
the image behind a formula. A formula on a line of its own is `$$...$$`, another one `$...$`.
Formulas that the text of a page already has in TeX, such as `\(x\)`, stay as they are, and so do
dollar signs of the text.

The work is linear in the bytes of the page. A formula of more than `MAX_FORMULA_BYTES` is not read.
"""

from __future__ import annotations

import html
import re

from corpus.articles.formulas.mathml import mathml_to_tex

MAX_FORMULA_BYTES = 100_000
MAX_GAP_BYTES = 400
"""Bytes of markup between a formula and the image of the same formula."""
_LAYOUTS = rb"katex-html|MathJax(?:_Preview|_SVG|_CHTML|_Display|_SVG_Display)?|mjx-chtml"
_START = re.compile(
    rb"<!--|<(?:(?P<raw>script|style|textarea|title|template|svg)|(?P<math>math)|(?P<image>img)"
    rb"|(?P<container>mjx-container)"
    rb"|(?P<layout>span|div)(?=[^<>]{0,120}?\sclass\s*=\s*[\"']?(?P<kind>" + _LAYOUTS + rb")"
    rb"[\s\"'>]))(?=[\s/>])(?P<attributes>(?:[^<>\"']|\"[^\"]{0,20000}\"|'[^']{0,20000}')*)>",
    re.IGNORECASE,
)
_ATTRIBUTE = rb"(?<![\w-])%s\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))"
_ATTRIBUTES = {
    name: re.compile(_ATTRIBUTE % name.encode(), re.IGNORECASE)
    for name in ("class", "alt", "alttext", "display", "mode", "type")
}
_ANNOTATION = re.compile(r"<(?:\w+:)?annotation\b([^<>]*+)>", re.IGNORECASE)
_ANNOTATION_END = re.compile(r"</(?:\w+:)?annotation\s*+>", re.IGNORECASE)
_IN_TEX = re.compile(r"encoding\s*=\s*[\"']?(?:application/x-(?:la)?tex|(?:la)?tex)", re.IGNORECASE)
_IMAGE_CLASSES = {"latex", "tex", "math"}
_TAGS_ONLY = re.compile(rb"\s*(?:<[^<>]*>\s*)*")
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_WRAP = re.compile(r"(?<!\\)((?:\\\\)*)%[ \t\r]*\n")
"""A line end that TeX does not see; LaTeXML wraps long attributes this way."""
_STYLE = re.compile(r"\{\\(?:displaystyle|textstyle)\b\s*+(.*)\}", re.DOTALL)
_DELIMITED = re.compile(
    r"\\\(((?:[^\\]|\\[^()])*)\\\)|\\\[((?:[^\\]|\\[^\[\]])*)\\\]"
    r"|\$\$((?:[^$\\]|\\.|\$(?!\$))*)\$\$|\$((?:[^$\\]|\\.)*)\$",
    re.DOTALL,
)
"""One formula between delimiters; text with several of them is not one."""


def with_formulas(page: bytes) -> bytes:
    """Return a page with each formula replaced by its TeX as text."""
    return _Page(page).read()


def clean_tex(tex: str) -> str:
    r"""Return TeX on one line, without delimiters and the style around all of it.

    A `%` stays, except at the end of a line: the value of an attribute is one line, whatever the
    source was, and `50% x` has no comment.

    >>> clean_tex("{\\displaystyle x^{2}}")
    'x^{2}'
    """
    tex = " ".join(_WRAP.sub(r"\1\n", tex).split()).replace("\0", "")
    for _ in range(3):
        delimited = _DELIMITED.fullmatch(tex)
        style = _STYLE.fullmatch(tex)
        if delimited:
            tex = next(filter(None, delimited.groups()), "").strip()
        elif style and _is_balanced(style[1]):
            tex = style[1].strip()
        else:
            break
    return tex


def clean_source(source: str) -> str:
    r"""Return TeX source as `clean_tex` does, without its comments.

    >>> clean_source("a % the first\n+ b")
    'a + b'
    """
    return clean_tex(_COMMENT.sub(r"\1", source))


def _has_delimiters(tex: str) -> bool:
    """Return whether TeX is text with formulas in it, each between delimiters of its own."""
    depth = 0
    for sign in re.findall(r"\\.|[{}$]", tex, re.DOTALL):
        depth += (sign == "{") - (sign == "}")
        if depth == 0 and sign in ("$", r"\(", r"\["):
            return True
    return False


def _is_balanced(tex: str) -> bool:
    """Return whether each brace in TeX has its partner."""
    depth = 0
    for brace in re.findall(r"\\.|[{}]", tex, re.DOTALL):
        depth += (brace == "{") - (brace == "}")
        if depth < 0:
            return False
    return depth == 0


def _value(attributes: bytes, name: str) -> str:
    """Return the value of an attribute, in text; empty if there is none."""
    match = _ATTRIBUTES[name].search(attributes)
    return html.unescape(_text(next(filter(None, match.groups()), b""))) if match else ""


def _text(raw: bytes) -> str:
    """Return bytes as text."""
    return raw.decode("utf-8", "replace")


def math_tex(attributes: bytes, content: bytes) -> str:
    """Return the TeX of a `math` element."""
    text = _text(content)
    source = clean_source(html.unescape(_annotation(text)))
    if source:
        return source
    alternative = clean_tex(_value(attributes, "alttext"))
    if re.search(r"[\\^_{]", alternative):
        return alternative
    return mathml_to_tex(text) or alternative


def _annotation(mathml: str) -> str:
    """Return the content of the first annotation in TeX; empty if there is none."""
    for start in _ANNOTATION.finditer(mathml):
        if _IN_TEX.search(start[1]):
            end = _ANNOTATION_END.search(mathml, start.end())
            return mathml[start.end() : end.start()] if end else ""
    return ""


class _Page:
    """Reads a page once from the start to the end, and writes it with its formulas."""

    def __init__(self, page: bytes) -> None:
        self._page = page
        self._has_scripts = b"math/tex" in page
        self._unclosed: set[bytes] = set()
        self._written: list[bytes] = []
        self._copied = 0
        self._formula = ""
        self._formula_end = -1
        self._formula_at = 0

    def read(self) -> bytes:
        """Return the page with its formulas."""
        at = 0
        while match := _START.search(self._page, at):
            at = max(self._element(match), match.end())
        self._written.append(self._page[self._copied :])
        return b"".join(self._written)

    def _element(self, match: re.Match[bytes]) -> int:
        """Read one element; return where to go on."""
        if match["raw"]:
            return self._raw(match)
        if match["math"]:
            end = self._end(match, b"math")
            if 0 <= end - match.end() <= MAX_FORMULA_BYTES:
                return self._write_math(match, match.start(), end)
            return end
        if match["image"]:
            return self._image(match)
        if match["container"]:
            return self._layout(match, b"mjx-container")
        if match["kind"]:
            return self._layout(match, match["layout"].lower())
        return self._skip(match.end(), b"-->")

    def _skip(self, at: int, end: bytes) -> int:
        """Return where a comment ends; it is not read again if it does not."""
        found = -1 if end in self._unclosed else self._page.find(end, at)
        if found < 0:
            self._unclosed.add(end)
            return at
        return found + len(end)

    def _end(self, match: re.Match[bytes], name: bytes) -> int:
        """Return where the end tag of an element without elements of its kind ends, or -1."""
        if name in self._unclosed:
            return -1
        closing = re.compile(rb"</" + name + rb"\s*>", re.IGNORECASE)
        found = closing.search(self._page, match.end())
        if not found:
            self._unclosed.add(name)
            return -1
        return found.end()

    def _balanced_end(self, match: re.Match[bytes], name: bytes) -> int:
        """Return where the end tag of an element ends, or -1."""
        depth, limit = 1, match.end() + MAX_FORMULA_BYTES
        tags = re.compile(rb"<(/?)" + name + rb"(?=[\s/>])[^<>]*>", re.IGNORECASE)
        for tag in tags.finditer(self._page, match.end(), limit):
            depth += -1 if tag[1] else 1
            if not depth:
                return tag.end()
        self._unclosed.add(name)
        return -1

    def _write(self, start: int, end: int, tex: str, *, is_display: bool) -> int:
        """Write the page up to a formula, then its TeX; return where the formula ends."""
        escaped = html.escape(tex, quote=False).encode("utf-8", "replace")
        self._written.append(self._page[self._copied : start])
        if tex:
            dollars = b"" if _has_delimiters(tex) else b"$$" if is_display else b"$"
            line_end = b"<br>" if is_display else b""
            self._written.append(line_end + dollars + escaped + dollars + line_end)
        self._copied = end
        if tex:
            self._formula, self._formula_end = tex, end
            self._formula_at = len(self._written) - 1
        return end

    def _write_math(self, match: re.Match[bytes], start: int, end: int) -> int:
        """Write a `math` element that lies between two places of the page."""
        attributes = match["attributes"]
        tex = math_tex(attributes, self._page[match.end() : end])
        is_display = "block" in _value(attributes, "display") or "display" in _value(
            attributes, "mode"
        )
        return self._write(start, end, tex, is_display=is_display)

    def _raw(self, match: re.Match[bytes]) -> int:
        """Read a script with TeX; skip other elements whose content is no markup."""
        end = self._end(match, match["raw"].lower())
        kind = _value(match["attributes"], "type").lower()
        if end < 0 or not kind.startswith("math/tex"):
            return end
        content = self._page[match.end() : end].rpartition(b"</")[0]
        if len(content) > MAX_FORMULA_BYTES:
            return end
        tex = clean_source(_text(content))
        return self._write(match.start(), end, tex, is_display="display" in kind)

    def _image(self, match: re.Match[bytes]) -> int:
        """Read the image of a formula, unless it stands behind the formula."""
        names = _value(match["attributes"], "class").split()
        of_wiki = [name for name in names if name.startswith("mwe-math-fallback-image")]
        is_formula = of_wiki or not _IMAGE_CLASSES.isdisjoint(names)
        if not is_formula:
            return match.end()
        tex = clean_tex(_value(match["attributes"], "alt"))
        is_display = any(name.endswith("-display") for name in of_wiki)
        if (of_wiki or tex == self._formula) and self._is_behind_formula(match.start()):
            self._written[self._formula_at] = b""  # Wikipedia hides the first, not the image
            tex = self._formula
        return self._write(match.start(), match.end(), tex, is_display=is_display)

    def _is_behind_formula(self, at: int) -> bool:
        """Return whether there are only tags between the last formula and a place."""
        start = self._formula_end
        near = 0 <= start <= at <= start + MAX_GAP_BYTES
        return near and _TAGS_ONLY.fullmatch(self._page, start, at) is not None

    def _layout(self, match: re.Match[bytes], name: bytes) -> int:
        """Read what KaTeX or MathJax show: remove it if the formula is read elsewhere."""
        is_katex = match["kind"] == b"katex-html"
        if name in self._unclosed or (is_katex and not self._is_behind_formula(match.start())):
            return match.end()
        end = self._balanced_end(match, name)
        if end < 0:
            return match.end()
        inner = next(
            (
                found
                for found in _START.finditer(self._page, match.end(), end)
                if found["math"]
            ),
            None,
        )  # fmt: skip
        if is_katex or (match["kind"] and self._has_scripts):
            return self._write(match.start(), end, "", is_display=False)
        if inner is None:
            return end
        content = self._page[inner.end() : end].partition(b"</math")[0]
        tex = math_tex(inner["attributes"], content)
        outer = match["attributes"]
        is_display = (
            _value(outer, "display") == "true"
            or _value(inner["attributes"], "display") == "block"
            or (match["kind"] or b"").endswith(b"Display")
        )
        return self._write(match.start(), end, tex, is_display=is_display)
