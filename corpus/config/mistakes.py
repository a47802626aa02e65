"""Mistakes in a config: each with its place, what is wrong, and what to do; all of them at once.

    news.yaml:7:5: stages[1].deduplicate.treshold: no such setting; did you mean 'threshold'?

On a terminal the line follows, with a caret under the place. A mistake in an override has no
line: it names the option, `--set seed=x`, instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from corpus.errors import ConfigError
from corpus.terminal import safe, width

WINDOW = 100
"""The most characters of a line that are shown around a place."""


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """Where something is written: file or option, line and column from 1 (0 if it has none)."""

    origin: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.origin}:{self.line}:{self.column}" if self.line else self.origin


@dataclass(frozen=True, order=True, slots=True)
class Mistake:
    """One mistake: where, in which setting (empty where it is none), and what to do about it."""

    place: Place
    setting: str
    says: str

    def __str__(self) -> str:
        parts = (str(self.place), self.setting, self.says)
        return safe(": ".join(part for part in parts if part))


class Mistakes(ConfigError):
    """Every mistake found in a config; the message has a line for each."""

    def __init__(self, found: Iterable[Mistake], texts: Mapping[str, str] | None = None) -> None:
        """Take the mistakes, and the texts of the files they are in, by name."""
        self.found = tuple(sorted(set(found)))
        self._lines = {name: text.splitlines() for name, text in (texts or {}).items()}
        super().__init__("\n".join(map(str, self.found)))

    def pointed(self) -> str:
        """Return the message with the line below each mistake, and a caret under the place."""
        return "\n".join(f"{mistake}{self._pointer(mistake.place)}" for mistake in self.found)

    def _pointer(self, place: Place) -> str:
        lines = self._lines.get(place.origin, [])
        if not 0 < place.line <= len(lines):
            return ""
        line, column = lines[place.line - 1], place.column - 1
        start = max(0, column - WINDOW // 2) if len(line) > WINDOW else 0
        before, after = line[start:column], line[column : start + WINDOW]
        before, after = safe(before.replace("\t", " ")), safe(after.replace("\t", " "))
        return f"\n    {before}{after}\n    {' ' * width(before)}^"
