"""Escape untrusted text for HTML, Markdown, YAML and JSON; format numbers for the first two.

A title can contain tags, links, table borders, or characters that reverse the writing direction.
The audit page and the dataset card pass every such text through one of these functions;
`corpus.terminal.safe` does the same for terminals.
"""

from __future__ import annotations

import html as escapes
import json
import re
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_JOINERS = "\u200c\u200d\u00ad"  # used inside Persian and Hindi words; the soft hyphen
_PUNCTUATION = re.compile(r"[\\`*_\[\]|~$]")
_LINK = re.compile(r":(?=//)|(?<=www)\.|@", re.IGNORECASE)


class Markdown(str):
    """Text that is already Markdown and must not be escaped again."""

    __slots__ = ()


def visible(text: str, *, lines: bool = False) -> str:
    """Return the text with every invisible character written as its code point: `⟨U+202E⟩`.

    Every kind of white space becomes a space; with `lines`, newlines and tabs are kept.
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
    """Return the text escaped for an HTML element or a quoted attribute."""
    return escapes.escape(visible(str(text), lines=lines), quote=True)


def markdown(text: object) -> Markdown:
    """Return the text escaped for the middle of a Markdown line or a table cell.

    Characters that are markup only at the start of a line (`#`, `-`, `1.`) are not escaped.
    """
    if isinstance(text, Markdown):
        return text
    line = " ".join(visible(str(text)).split())
    escaped = _PUNCTUATION.sub(r"\\\g<0>", escapes.escape(line, quote=False))
    return Markdown(_LINK.sub(lambda match: f"&#{ord(match[0])};", escaped))


def code(text: object) -> Markdown:
    """Return the text as a code span that is safe in a table cell."""
    line = " ".join(visible(str(text)).split()).replace("|", "\\|")
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    space = " " if line[:1] in "` " or line[-1:] in "` " else ""
    return Markdown(f"{ticks}{space}{line}{space}{ticks}" if line else "")


def markdown_with_code(text: str) -> Markdown:
    """Return the text escaped as by `markdown`, with parts between backticks as code spans."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # an unpaired backtick
        return markdown(text)
    return Markdown("".join(code(p) if i % 2 else _with_edges(p) for i, p in enumerate(parts)))


def _with_edges(text: str) -> str:
    """Return a part of a text escaped for Markdown, with the spaces around it."""
    before, after = (" " if edge.isspace() else "" for edge in (text[:1], text[-1:]))
    return f"{before}{markdown(text)}{after}" if text.strip() else before


def html_with_code(text: str) -> str:
    """Return the text escaped as by `html`, with parts between backticks as `<code>`."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return html(text)
    escaped = (html(part) for part in parts)
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(escaped))


def fenced(text: str, language: str) -> Markdown:
    """Return a code block whose fence is longer than any run of backticks in the text."""
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return Markdown(f"{ticks}{language}\n{visible(text, lines=True).rstrip()}\n{ticks}")


def yaml_scalar(text: str) -> str:
    """Return the text as a YAML value on one line, also within `[...]` or `{...}`."""
    import yaml

    printable = text.isprintable()
    written = yaml.safe_dump(
        [text],
        allow_unicode=printable,
        default_style=None if printable else '"',
        width=10**6,
        default_flow_style=True,
    )
    return written.strip().removeprefix("[").removesuffix("]")


def json_text(value: object) -> str:
    """Return a value as indented JSON that may be printed: no character controls a terminal.

    JSON itself escapes only the controls below U+0020. U+009B begins a terminal sequence, too, and
    U+202E reverses the direction of writing.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False)
    hidden = {
        character
        for character in set(text)
        if unicodedata.category(character) in _HIDDEN | {"Zl", "Zp"}
        and character not in f"\n{_JOINERS}"
    }
    return text.translate({ord(each): _json_escape(each) for each in hidden}) + "\n"


def _json_escape(character: str) -> str:
    r"""Return a character as JSON escapes, such as `\u009b`; two above U+FFFF."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


def count_of(n: int, noun: str) -> str:
    """Return a count with its noun: `1 file`, `2 files`, `1,000 files`."""
    return f"{n:,} {noun if n == 1 else noun + 's'}"


def percent(part: int, whole: int) -> Markdown:
    """Return a share in per cent, for HTML and Markdown.

    A share above 0 is never rounded to 0 %, and a share below 1 is never rounded to 100 %.
    """
    if not whole or part in (0, whole):
        return Markdown("100 %" if part else "0 %")
    share = 100 * part / whole
    if share < 0.1:
        return Markdown("&lt; 0.1 %")
    return Markdown("&gt; 99.9 %" if share > 99.9 else f"{share:.1f} %")
