"""Text from outside as HTML or Markdown may hold it: shown as it is, never obeyed.

A title can hold tags, links, table borders, or marks that turn the direction of writing. Whatever
writes a page or a card passes every such text through one of these; `corpus.terminal.safe` does the
same for terminals.
"""

from __future__ import annotations

import html as escapes
import re
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_JOINERS = "\u200c\u200d\u00ad"  # parts of Persian and Hindi words, and where a word may be cut
_PUNCTUATION = re.compile(r"[\\`*_\[\]|~$]")
_LINK = re.compile(r":(?=//)|(?<=www)\.|@", re.IGNORECASE)


class Markdown(str):
    """Text that is Markdown already, and is not to be escaped again."""

    __slots__ = ()


def visible(text: str, *, lines: bool = False) -> str:
    """Return the text with every character that cannot be seen spelled out: `⟨U+202E⟩`.

    White space of all kinds becomes a space; with `lines`, line ends and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c in _JOINERS or (lines and c in "\n\t") else _spelled(c)
        for c in text
    )


def _spelled(character: str) -> str:
    if character.isspace():
        return " "
    hidden = unicodedata.category(character) in _HIDDEN
    return f"⟨U+{ord(character):04X}⟩" if hidden else character


def html(text: object, *, lines: bool = False) -> str:
    """Return the text for HTML: in an element, or in a quoted attribute."""
    return escapes.escape(visible(str(text), lines=lines), quote=True)


def markdown(text: object) -> Markdown:
    """Return the text for inside a line of Markdown, or a cell of a table: no markup, no link.

    What means something at the beginning of a line alone (`#`, `-`, `1.`) is left as it is.
    """
    if isinstance(text, Markdown):
        return text
    seen = " ".join(visible(str(text)).split())
    escaped = _PUNCTUATION.sub(r"\\\g<0>", escapes.escape(seen, quote=False))
    return Markdown(_LINK.sub(lambda found: f"&#{ord(found[0])};", escaped))


def code(text: object) -> Markdown:
    """Return the text as a code span that may stand in a cell of a table."""
    seen = " ".join(visible(str(text)).split()).replace("|", "\\|")
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", seen)), default=0))
    space = " " if seen[:1] in "` " or seen[-1:] in "` " else ""
    return Markdown(f"{ticks}{space}{seen}{space}{ticks}" if seen else "")


def fenced(text: str, language: str) -> Markdown:
    """Return a block of code; its fence is longer than any run of backticks in it."""
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return Markdown(f"{ticks}{language}\n{visible(text, lines=True).rstrip()}\n{ticks}")
