"""Redact every string in values of any type, however deep in lists and objects.

    {"contact": ["ada@post.example.org", 4111111111111111]}  ->  {"contact": ["<EMAIL>", "<CARD>"]}

A number, a date or another scalar is searched as the text that it has in a column of strings: a
corpus stores the same value as either, depending on its other values. The names of the fields of an
object are searched, too. What is found depends on each value alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from corpus.privacy.detect import Match
from corpus.privacy.redact import Redacted
from corpus.sources.json.text import to_json_value

MAX_NAME = 100
"""Characters of the name of a field that are part of a path."""

RedactTexts = Callable[[pa.Array], dict[int, Redacted]]
"""What redacts a column of texts (large_string), such as `redact_texts` with its settings."""


class Found(NamedTuple):
    """What was found in one string of a value."""

    path: str
    """Where it is: the name of the column, or a path such as `contact.mails[0]`."""

    matches: list[Match]
    """Spans of the string before."""


FoundInRows = dict[int, list[Found]]
"""What was found in each row that has something."""


class RedactedValues(NamedTuple):
    """What was found in some values, and how their types changed."""

    found: FoundInRows
    has_new_types: bool
    """Whether a number, or another scalar, became a string."""

    has_new_names: bool
    """Whether a field of an object has a new name."""


def redact_values(name: str, values: list[Any], redact: RedactTexts) -> RedactedValues:
    """Redact the values of a column in place, and return what was found.

    `values` has strings, numbers, other scalars, lists and dicts.
    """
    places = list(_places(values))
    redacted = redact(pa.array([place.text for place in places], pa.large_string()))
    changed = [(places[i], each) for i, each in redacted.items()]
    new_names: NewNames = {}
    has_new_types = False
    for place, each in changed:
        if place.is_name:
            _add_new_name(new_names, place, each.text)
        elif each.text != place.text:
            has_new_types |= not isinstance(place.container[place.key], str)
            place.container[place.key] = each.text
    found: FoundInRows = {}
    for place, each in changed:
        found.setdefault(place.row, []).append(Found(place.path(name, new_names), each.matches))
    n_renamed = sum(_rename(names) for names in new_names.values())
    return RedactedValues(found, has_new_types, n_renamed > 0)


class _Names(NamedTuple):
    """An object, and the new names of its fields."""

    container: dict[str, Any]
    by_name: dict[str, str]
    """The new names by the old ones."""

    repeats: Counter[str]
    """How many fields have each new name, before a number makes it unique."""


NewNames = dict[int, _Names]
"""The objects whose fields have new names, by their identity in memory."""


class _Place(NamedTuple):
    """A string or another scalar in a value, or the name of a field."""

    row: int
    container: Any
    """The list or dict that has it."""

    key: Any
    parent: _Place | None
    """Where the container is; None for a whole value."""

    is_name: bool = False

    @property
    def text(self) -> str:
        """The text that is searched."""
        value = self.key if self.is_name else self.container[self.key]
        text: str = value if isinstance(value, str) else to_json_value(value)
        return text

    def path(self, name: str, new_names: NewNames) -> str:
        """Return where this is in a column of this name."""
        steps = []
        place = self
        while place.parent is not None:
            if isinstance(place.container, dict):
                names = new_names.get(id(place.container))
                key = names.by_name.get(place.key, place.key) if names else place.key
                steps.append(f".{key[:MAX_NAME]}")
            else:
                steps.append(f"[{place.key}]")
            place = place.parent
        return "".join([name, *reversed(steps)])


def _places(values: list[Any]) -> Iterator[_Place]:
    """Yield the strings, other scalars and names of fields in some values, in their order."""
    waiting = [_Place(row, values, row, None) for row in reversed(range(len(values)))]
    while waiting:
        place = waiting.pop()
        value = place.container[place.key]
        if isinstance(value, dict):
            inner = [_Place(place.row, value, key, place) for key in value]
            yield from (each._replace(is_name=True) for each in inner)
            waiting += reversed(inner)
        elif isinstance(value, list):
            waiting += [_Place(place.row, value, i, place) for i in reversed(range(len(value)))]
        elif value is not None and not isinstance(value, bool):
            yield place


def _add_new_name(new_names: NewNames, place: _Place, text: str) -> None:
    """Give the field of an object a new name that no other field of it has, such as `<EMAIL> 2`."""
    names = new_names.setdefault(id(place.container), _Names(place.container, {}, Counter()))
    new = text
    while new != place.key:
        names.repeats[text] += 1
        new = text if names.repeats[text] == 1 else f"{text} {names.repeats[text]}"
        if new not in place.container:
            break
    names.by_name[place.key] = new


def _rename(names: _Names) -> bool:
    """Give the fields of an object their new names; return whether one differs."""
    fields = list(names.container.items())
    names.container.clear()
    names.container.update((names.by_name.get(key, key), value) for key, value in fields)
    return any(old != new for old, new in names.by_name.items())
