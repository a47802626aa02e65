"""Escape text from the input for HTML and Markdown, so that it is shown and not interpreted.

A title may contain tags, links, table borders, or characters that change the direction of writing.
All code that writes a page or a card has to escape such text with one of these functions. For
terminals, use `corpus.terminal.safe`.
"""

from __future__ import annotations

import html as escapes
import re
import unicodedata

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_JOINERS = "\u200c\u200d\u00ad"  # joiners of Persian and Hindi words, and the soft hyphen
_PUNCTUATION = re.compile(r"[\\`*_\[\]|~$]")
_LINK = re.compile(r":(?=//)|(?<=www)\.|@", re.IGNORECASE)


class Markdown(str):
    """Text that is Markdown already, and is not escaped again."""

    __slots__ = ()


def visible(text: str, *, lines: bool = False) -> str:
    """Return the text with every invisible character written as its code point: `⟨U+202E⟩`.

    White space of any kind becomes a space; with `lines`, line feeds and tabs are kept.
    """
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c in _JOINERS or (lines and c in "\n\t") else _code_point(c)
        for c in text
    )


def _code_point(character: str) -> str:
    if character.isspace():
        return " "
    is_hidden = unicodedata.category(character) in _HIDDEN_CATEGORIES
    return f"⟨U+{ord(character):04X}⟩" if is_hidden else character


def html(text: object, *, lines: bool = False) -> str:
    """Return the text escaped for HTML, for an element or a quoted attribute."""
    return escapes.escape(visible(str(text), lines=lines), quote=True)


def markdown(text: object) -> Markdown:
    """Return the text escaped for a line of Markdown or the cell of a table.

    Markup and links are escaped. Markup that only works at the start of a line (`#`, `-`, `1.`) is
    not.
    """
    if isinstance(text, Markdown):
        return text
    line = " ".join(visible(str(text)).split())
    escaped = _PUNCTUATION.sub(r"\\\g<0>", escapes.escape(line, quote=False))
    return Markdown(_LINK.sub(lambda match: f"&#{ord(match[0])};", escaped))


def code(text: object) -> Markdown:
    """Return the text as a code span, which may be in the cell of a table."""
    line = " ".join(visible(str(text)).split()).replace("|", "\\|")
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    space = " " if line[:1] in "` " or line[-1:] in "` " else ""
    return Markdown(f"{ticks}{space}{line}{space}{ticks}" if line else "")


def fenced(text: str, language: str) -> Markdown:
    """Return the text as a fenced code block; the fence is longer than any backticks in it."""
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return Markdown(f"{ticks}{language}\n{visible(text, lines=True).rstrip()}\n{ticks}")
