"""Text as a terminal may show it: what comes from outside is shown, never obeyed.

A file name, a title or a setting can hold escape sequences that move the cursor, change colours
or rename the window, and marks that turn the direction of writing. `safe` spells them out.
"""

from __future__ import annotations

import unicodedata
from typing import Any

_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def safe(text: str, *, lines: bool = False) -> str:
    r"""Return the text with every character that does not print spelled out: `\x1b`, `\u202e`.

    With `lines`, line ends stay what they are.
    """
    if text.isprintable():
        return text
    return "".join(
        c if _prints(c) or (lines and c == "\n") else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


def _prints(character: str) -> bool:
    # Joiners are part of Persian and Hindi words, and do nothing but join.
    return unicodedata.category(character) not in _HIDDEN or character in "\u200c\u200d"


def shown(value: Any, *, most: int = 60, whole: bool = False) -> str:
    """Return a value the way a config would hold it, cut to about `most` characters.

    Of a list, and of settings with names, only that it is one; or, `whole`, what is in it.
    """
    if whole and isinstance(value, list | tuple | dict):
        import json

        held = value if isinstance(value, dict) else list(value)
        text = safe(json.dumps(held, ensure_ascii=False))
        return text if len(text) <= most else text[: most - 1] + "…"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple | dict):
        return "a list" if not isinstance(value, dict) else "settings with names"
    text = safe(f"{value:.6g}" if isinstance(value, float) else str(value))
    text = text if len(text) <= most else text[: most - 1] + "…"
    return f"'{text}'" if isinstance(value, str) else text


def width(text: str) -> int:
    """Return how many columns of a terminal the text takes: two for a wide East Asian character."""
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def in_bytes(count: float) -> str:
    """Return a number of bytes for people: `512 bytes`, `1.5 GB`."""
    if count < 1000:
        return f"{count:.0f} byte{'' if count == 1 else 's'}"
    for unit in ("kB", "MB", "GB", "TB"):
        count /= 1000
        if count < 999.5 or unit == "TB":
            break
    return f"{count:.{0 if count >= 99.5 else 1}f} {unit}"


def in_time(seconds: float) -> str:
    """Return a time for people: `under a second`, `42 s`, `3 min`, `2 h 05 min`."""
    if seconds < 1:
        return "under a second"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
