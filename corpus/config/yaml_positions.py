"""YAML read into values that know their place: file, line and column of each value and each key.

What is read is the plain part of YAML 1.2: mappings, lists, text, numbers, true, false and null.
Of YAML 1.1's surprises none is left: `no`, `on` and `y` are text, so are dates, `12:30:00` and
`007`. A key given twice is a mistake. Aliases work, but what they unfold to is bounded, and so is
the depth. Tags (`!!python/...`) are refused: nothing here ever makes an object.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from corpus.config.mistakes import Mistake, Mistakes, Place

DEPTH = 30
"""How deep values may stand in each other."""

VALUES = 10_000
"""How many values a file may hold, its aliases unfolded."""

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORDS = {"": None, "~": None} | {
    spelt: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelt in (word, word.title(), word.upper())
}
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

Path = tuple[str | int, ...]
"""The way to a value: names and indices."""


@dataclass(slots=True)
class Node:
    """A value and its place; a list holds nodes, a mapping nodes and the places of its keys."""

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
        """Return the value under this key or index, None where there is none."""
        if isinstance(self.value, dict):
            return self.value.get(key)
        if isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            return self.value[key]
        return None


def read(text: str, origin: str) -> tuple[Node | None, list[Mistake]]:
    """Return the one value a YAML text holds, None where it is empty, and the keys given twice.

    `origin` is what places call the text. Raises `Mistakes` where the text is no YAML.
    """
    reader = _Reader(text, origin)
    return reader.document(), reader.mistakes


class _Reader:
    """Builds nodes from the events of one YAML text."""

    def __init__(self, text: str, origin: str) -> None:
        self.text = text
        self.origin = origin
        self.anchors: dict[str, Node] = {}
        self.mistakes: list[Mistake] = []
        self.events = self._events()

    def document(self) -> Node | None:
        """Return the value of the only document."""
        node = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if node is not None:
                    raise self._fault(
                        self._place(event.start_mark),
                        "a second document; a config is one, without '---'",
                    )
                node = self._node(next(self.events), ())
        return node

    def _events(self) -> Iterator[Any]:
        if found := _UNPRINTABLE.search(self.text):
            before = self.text[: found.start()]
            line, column = before.count("\n") + 1, found.start() - before.rfind("\n")
            character = f"U+{ord(found.group()):04X}"
            raise self._fault(
                Place(self.origin, line, column), f"the character {character} cannot stand here"
            )
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            yield from yaml.parse(self.text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            place = self._place(error.problem_mark or error.context_mark)
            raise self._fault(place, self._said(error)) from None

    def _said(self, error: yaml.MarkedYAMLError) -> str:
        mark = error.problem_mark
        lines = self.text.split("\n")
        line = lines[mark.line] if mark and mark.line < len(lines) else ""
        if "\t" in line[: len(line) - len(line.lstrip())]:
            return "a tab; YAML is indented with spaces"
        problem = f"this is no YAML: {error.problem or error.context}"
        if mark and line[mark.column : mark.column + 1] in ("@", "`", "%"):
            return f"{problem}; put the text in quotes"
        if error.context and error.context_mark:
            return f"{problem} ({error.context} that begins in line {error.context_mark.line + 1})"
        return problem

    def _node(self, event: Any, path: Path) -> Node:
        place = self._place(event.start_mark)
        if len(path) > DEPTH:
            raise self._fault(place, f"more than {DEPTH} levels deep")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor, place, path)
        if event.tag is not None and event.tag != "!":
            raise self._fault(place, f"the tag {event.tag!r}: a config holds no tags; leave it out")
        node = Node(None, place)
        if isinstance(event, yaml.ScalarEvent):
            node.value = (
                _scalar(event.value) if event.implicit[0] and not event.tag else event.value
            )
        elif isinstance(event, yaml.SequenceStartEvent):
            self._list(node, path)
        else:
            self._mapping(node, path)
        if node.size > VALUES:
            raise self._fault(place, f"more than {VALUES:,} values, aliases unfolded")
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _alias(self, anchor: str | None, place: Place, path: Path) -> Node:
        node = self.anchors.get(anchor or "")
        if node is None:
            raise self._fault(
                place, f"the alias '*{anchor}' has no '&{anchor}' that ends before it"
            )
        if len(path) + node.depth > DEPTH:
            raise self._fault(place, f"more than {DEPTH} levels deep, aliases unfolded")
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
                raise self._fault(place, "the name of a setting must be a word")
            inside = (*path, event.value)
            child = self._child(node, next(self.events), inside)
            if event.value in node.value:
                first = node.keys[event.value].line
                says = f"given twice, first in line {first}; keep one"
                self.mistakes.append(Mistake(place, dotted(inside), says))
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

    def _fault(self, place: Place, says: str) -> Mistakes:
        return Mistakes([Mistake(place, "", says)], {self.origin: self.text})


def dotted(path: Path) -> str:
    """Return the way to a value as people write it: `stages[1].deduplicate.threshold`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def _scalar(text: str) -> Any:
    """Return what a plain scalar means: null, a boolean, a number, or else its text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
