"""Mistakes in a config: each with its place, the fault and the remedy; all of them at once.

    news.yaml:7:5: stages[1].deduplicate.treshold: no such setting; did you mean 'threshold'?

On a terminal, the line follows with a caret under the place. A mistake in an override has no line:
its place is the option, `--set seed=x`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from corpus.credentials import is_secret_name, masked
from corpus.errors import ConfigError
from corpus.terminal import safe, width

MAX_CONTEXT_CHARACTERS = 100
"""Maximum number of characters of a line that are shown around a place."""


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """Where a value is written: file or option, line and column from 1 (0 if it has none)."""

    origin: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.origin}:{self.line}:{self.column}" if self.line else self.origin


@dataclass(frozen=True, order=True, slots=True)
class Mistake:
    """One mistake: its place, the setting (may be empty), and the fault with its remedy."""

    place: Place
    setting: str
    fault: str

    def __str__(self) -> str:
        parts = (str(self.place), self.setting, self.fault)
        return safe(masked(": ".join(part for part in parts if part)))


class Mistakes(ConfigError):
    """Every mistake in a config; the message has one line for each."""

    def __init__(self, mistakes: Iterable[Mistake], texts: Mapping[str, str] | None = None) -> None:
        """Take the mistakes, and the texts of the files that contain them, by file name."""
        self.mistakes = tuple(sorted(set(mistakes)))
        self._lines = {name: text.splitlines() for name, text in (texts or {}).items()}
        super().__init__("\n".join(map(str, self.mistakes)))

    def with_carets(self) -> str:
        """Return the message with the source line below each mistake, and a caret at the place."""
        return "\n".join(f"{mistake}{self._caret(mistake.place)}" for mistake in self.mistakes)

    def _caret(self, place: Place) -> str:
        lines = self._lines.get(place.origin, [])
        if not 0 < place.line <= len(lines):
            return ""
        line, column = lines[place.line - 1], place.column - 1
        if masked(line) != line or any(map(is_secret_name, re.findall(r"\w+", line))):
            return ""
        long = len(line) > MAX_CONTEXT_CHARACTERS
        start = max(0, column - MAX_CONTEXT_CHARACTERS // 2) if long else 0
        before, after = line[start:column], line[column : start + MAX_CONTEXT_CHARACTERS]
        before, after = safe(before.replace("\t", " ")), safe(after.replace("\t", " "))
        return f"\n    {before}{after}\n    {' ' * width(before)}^"
