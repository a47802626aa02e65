"""Settings changed from the command line: `--set stages.deduplicate.threshold=0.7`.

The way to a setting is written with dots; a stage is found by its name, anything in a list by its
index too (`sources.0.path`). The value is YAML. What is said is put into the config before it is
checked, and keeps its place: a mistake in it names the option.
"""

from __future__ import annotations

import re

from corpus.config.mistakes import Mistake, Mistakes, Place
from corpus.config.yaml_positions import Node, read
from corpus.errors import hint


def override(config: Node, said: str) -> Mistake | None:
    """Put `a.b=value` into the config; return what is wrong with it, None where nothing is."""
    place = Place(f"--set {said}")
    way, equals, value = said.partition("=")
    steps = [step for step in re.sub(r"\[(\d+)\]", r".\1", way.strip()).split(".") if step]
    if not equals or not steps:
        return Mistake(place, "", "must be a setting and its value, `seed=3`")
    try:
        new, twice = read(value, place.origin)
    except Mistakes as error:
        return Mistake(place, "", error.found[0].says.partition(" (")[0])
    if twice:
        return Mistake(place, "", twice[0].says)
    new = new or Node(None, place)
    _replace(new, place)
    try:
        _put(config, steps, new)
    except LookupError as error:
        return Mistake(place, "", str(error.args[0]))
    return None


def _replace(node: Node, place: Place) -> None:
    """Give a value and all in it the place of the option."""
    node.place = place
    node.keys = dict.fromkeys(node.keys, place)
    if isinstance(node.value, list | dict):
        for child in node.value if isinstance(node.value, list) else node.value.values():
            _replace(child, place)


def _put(node: Node, steps: list[str], new: Node) -> None:
    """Set the value at the end of the way, making what settings are missing on it."""
    for i, step in enumerate(steps):
        last = i + 1 == len(steps)
        if isinstance(node.value, list):
            index = _index(node, step, ".".join(steps[:i]))
            if last:
                node.value[index] = new
            else:
                node = _opened(node.value[index], new.place, stage=True)
            continue
        if not isinstance(node.value, dict):
            raise LookupError(f"{'.'.join(steps[:i])} holds no settings")  # noqa: TRY004  no way on
        if last:
            node.value[step] = new
            node.keys[step] = new.place
        else:
            node.keys.setdefault(step, new.place)
            node = _opened(node.value.setdefault(step, Node({}, new.place)), new.place, stage=False)


def _opened(node: Node, place: Place, *, stage: bool) -> Node:
    """Return the node ready to take settings: nothing becomes none yet, a bare `clean` a stage."""
    if node.value is None:
        node.value = {}
    elif stage and isinstance(node.value, str):
        node.keys = {"stage": place}
        node.value = {"stage": Node(node.value, node.place)}
    return node


def _index(node: Node, step: str, way: str) -> int:
    """Return which of a list a step means: its index, or the stage of that name."""
    if step.isdecimal():
        if int(step) >= len(node.value):
            raise LookupError(f"{way} has {len(node.value)}, counted from 0; there is no {step}")
        return int(step)
    names = [_name(child) for child in node.value]
    if names.count(step) > 1:
        ways = " or ".join(f"{way}.{i}" for i, name in enumerate(names) if name == step)
        raise LookupError(f"there is more than one {step!r}; say which: {ways}")
    if step not in names:
        there = hint(step, [name for name in names if name])
        raise LookupError(f"no {step!r} in {way}; {there or 'count from 0'}")
    return names.index(step)


def _name(node: Node) -> str:
    """Return what a stage is called in a list: its name, or the class it uses."""
    if isinstance(node.value, str):
        return node.value
    for key in ("stage", "use"):
        if (said := node.step(key)) is not None:
            return str(said.value).rpartition(":")[2]
    return ""
