"""Read YAML into values that know their place: file, line and column of each value and key.

The reader accepts the plain part of YAML 1.2: mappings, lists, text, numbers, true, false, null. It
has none of the surprises of YAML 1.1: `no`, `on` and `y` are text, and so are dates, `12:30:00` and
`007`. A duplicate key is a mistake. Aliases work; their expansion and the depth are bounded. Tags
(`!!python/...`) are refused, so reading never creates an object.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from corpus.config.mistakes import Mistake, Mistakes, Place

MAX_DEPTH = 30
"""Maximum depth of nested values."""

MAX_VALUES = 10_000
"""Maximum number of values in a file, aliases expanded."""

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORDS = {"": None, "~": None} | {
    spelt: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelt in (word, word.title(), word.upper())
}
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

Path = tuple[str | int, ...]
"""The path to a value: names and indices."""


@dataclass(slots=True)
class Node:
    """A value and its place; lists and mappings contain nodes, `keys` the places of the keys."""

    value: Any
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)
    size: int = 1
    depth: int = 1

    def plain(self) -> Any:
        """Return the value as lists, dicts, text, numbers, booleans and None."""
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        return self.value

    def step(self, key: str | int) -> Node | None:
        """Return the value under this key or index, None if there is none."""
        if isinstance(self.value, dict):
            return self.value.get(key)
        if isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            return self.value[key]
        return None


def read(text: str, origin: str) -> tuple[Node | None, list[Mistake]]:
    """Return the value of a YAML text (None if it is empty), and a mistake for each duplicate key.

    `origin` is the name of the text in places. Raises `Mistakes` if the text is not YAML.
    """
    reader = _Reader(text, origin)
    return reader.document(), reader.mistakes


def from_value(value: Any, origin: str) -> Node:
    """Return plain values (dicts, lists, scalars) as nodes without lines, all in this place."""
    place = Place(origin)
    if isinstance(value, dict):
        children = {key: from_value(child, origin) for key, child in value.items()}
        return Node(children, place, dict.fromkeys(children, place))
    if isinstance(value, list):
        return Node([from_value(child, origin) for child in value], place)
    return Node(value, place)


class _Reader:
    """Builds nodes from the events of one YAML text."""

    def __init__(self, text: str, origin: str) -> None:
        self.text = text
        self.origin = origin
        self.anchors: dict[str, Node] = {}
        self.mistakes: list[Mistake] = []
        self.events = self._events()

    def document(self) -> Node | None:
        """Return the value of the document; raise `Mistakes` if there is a second one."""
        node = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if node is not None:
                    raise self._fault(
                        self._place(event.start_mark),
                        "a second document; a config is a single one, without '---'",
                    )
                node = self._node(next(self.events), ())
        return node

    def _events(self) -> Iterator[Any]:
        if unprintable := _UNPRINTABLE.search(self.text):
            start = unprintable.start()
            before = self.text[:start]
            line, column = before.count("\n") + 1, start - before.rfind("\n")
            character = f"U+{ord(unprintable.group()):04X}"
            raise self._fault(
                Place(self.origin, line, column), f"the character {character} is not allowed"
            )
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            yield from yaml.parse(self.text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            place = self._place(error.problem_mark or error.context_mark)
            raise self._fault(place, self._problem(error)) from None

    def _problem(self, error: yaml.MarkedYAMLError) -> str:
        mark = error.problem_mark
        lines = self.text.split("\n")
        line = lines[mark.line] if mark and mark.line < len(lines) else ""
        if "\t" in line[: len(line) - len(line.lstrip())]:
            return "a tab; indent YAML with spaces"
        problem = f"not YAML: {error.problem or error.context}"
        if mark and line[mark.column : mark.column + 1] in ("@", "`", "%"):
            return f"{problem}; put the text in quotes"
        if error.context and error.context_mark:
            return f"{problem} ({error.context} that starts in line {error.context_mark.line + 1})"
        return problem

    def _node(self, event: Any, path: Path) -> Node:
        place = self._place(event.start_mark)
        if len(path) > MAX_DEPTH:
            raise self._fault(place, f"more than {MAX_DEPTH} levels deep")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor, place, path)
        if event.tag is not None and event.tag != "!":
            raise self._fault(place, f"the tag {event.tag!r}: a config has no tags; remove it")
        node = Node(None, place)
        if isinstance(event, yaml.ScalarEvent):
            node.value = (
                _scalar(event.value) if event.implicit[0] and not event.tag else event.value
            )
        elif isinstance(event, yaml.SequenceStartEvent):
            self._list(node, path)
        else:
            self._mapping(node, path)
        if node.size > MAX_VALUES:
            raise self._fault(place, f"more than {MAX_VALUES:,} values, aliases expanded")
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _alias(self, anchor: str | None, place: Place, path: Path) -> Node:
        node = self.anchors.get(anchor or "")
        if node is None:
            raise self._fault(place, f"the alias '*{anchor}' has no '&{anchor}' before it")
        if len(path) + node.depth > MAX_DEPTH:
            raise self._fault(place, f"more than {MAX_DEPTH} levels deep, aliases expanded")
        return Node(node.value, place, node.keys, node.size, node.depth)

    def _list(self, node: Node, path: Path) -> None:
        node.value = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            node.value.append(self._child(node, event, (*path, len(node.value))))

    def _mapping(self, node: Node, path: Path) -> None:
        node.value = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            place = self._place(event.start_mark)
            if not isinstance(event, yaml.ScalarEvent):
                raise self._fault(place, "the name of a setting must be text")
            child_path = (*path, event.value)
            child = self._child(node, next(self.events), child_path)
            if event.value in node.value:
                first = node.keys[event.value].line
                fault = f"duplicate key, first in line {first}; keep one"
                self.mistakes.append(Mistake(place, dotted(child_path), fault))
                continue
            node.value[event.value] = child
            node.keys[event.value] = place

    def _child(self, node: Node, event: Any, path: Path) -> Node:
        child = self._node(event, path)
        node.size += child.size
        node.depth = max(node.depth, child.depth + 1)
        return child

    def _place(self, mark: Any) -> Place:
        return Place(self.origin, mark.line + 1, mark.column + 1) if mark else Place(self.origin)

    def _fault(self, place: Place, fault: str) -> Mistakes:
        return Mistakes([Mistake(place, "", fault)], {self.origin: self.text})


def dotted(path: Path) -> str:
    """Return the path to a value as people write it: `stages[1].deduplicate.threshold`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def _scalar(text: str) -> Any:
    """Return the value of a plain scalar: null, a boolean, a number, or its text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
