"""Format text, values, sizes and times for a terminal.

A file name, a title or a setting may contain escape sequences that move the cursor, change colours
or rename the window, and characters that change the direction of writing. `safe` makes them
visible, so that they are not interpreted.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def safe(text: str, *, lines: bool = False) -> str:
    r"""Return the text with every character that does not print escaped: `\x1b`, `\u202e`.

    With `lines`, line feeds are kept.
    """
    if text.isprintable():
        return text
    return "".join(
        c if _prints(c) or (lines and c == "\n") else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


def _prints(character: str) -> bool:
    # Joiners are part of Persian and Hindi words, and are harmless.
    return unicodedata.category(character) not in _HIDDEN_CATEGORIES or character in "\u200c\u200d"


def format_value(value: Any, *, max_characters: int = 60, expand: bool = False) -> str:
    """Return a value as it would be in a config, cut to about `max_characters`.

    A list is "a list" and a mapping "a mapping"; with `expand`, they are written as JSON.
    """
    if expand and isinstance(value, list | tuple | dict):
        import json

        items = value if isinstance(value, dict) else list(value)
        return _cut(safe(json.dumps(items, ensure_ascii=False)), max_characters)
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple | dict):
        return "a list" if not isinstance(value, dict) else "a mapping"
    text = safe(f"{value:.6g}" if isinstance(value, float) else str(value))
    text = _cut(text, max_characters)
    return f"'{text}'" if isinstance(value, str) else text


def _cut(text: str, max_characters: int) -> str:
    """Return the text, with an ellipsis at its end if it was too long."""
    return text if len(text) <= max_characters else text[: max_characters - 1] + "…"


def width(text: str) -> int:
    """Return the width of a text in terminal columns; wide East Asian characters take two."""
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def format_bytes(count: float) -> str:
    """Return a number of bytes with its unit: `512 bytes`, `1.5 GB`."""
    if count < 1000:
        return f"{count:.0f} byte{'' if count == 1 else 's'}"
    for unit in ("kB", "MB", "GB", "TB"):
        count /= 1000
        if count < 999.5 or unit == "TB":
            break
    return f"{count:.{0 if count >= 99.5 else 1}f} {unit}"


def format_number(value: float, beside: Iterable[float | None] = ()) -> str:
    """Return a number with at most four digits after the point: `0.25`, `1,234,567`.

    It has more digits where it would otherwise contradict one that it stands `beside`: 0.50001 is
    not written as 0.5 beside the bound 0.5.
    """
    bounds = [bound for bound in beside if bound is not None]
    for digits in (4 if abs(value) < 1000 else 0, 4, 8, 12):
        text = f"{value:,.{digits}f}"
        rounded = float(text.replace(",", ""))
        if all((rounded < b, rounded > b) == (value < b, value > b) for b in bounds):
            return text.rstrip("0").rstrip(".") if "." in text else text
    return format_bound(value)


def format_bound(value: float) -> str:
    """Return a number with all of its digits, as somebody has chosen it: `0.1`, `100,000`."""
    return f"{value:,}".removesuffix(".0")


def format_duration(seconds: float) -> str:
    """Return a duration with its unit: `under a second`, `42 s`, `3 min`, `2 h 05 min`."""
    if seconds < 1:
        return "under a second"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
