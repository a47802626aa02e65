"""Settings changed on the command line: `--set stages.deduplicate.threshold=0.7`.

The path to a setting is written with dots. A stage is addressed by its name, one of the user's own
also by its class; any list entry by its index (`sources.0.path`). The value is YAML. It is put into
the config before the check and keeps its place, so a mistake in it names the option.
"""

from __future__ import annotations

import re
from pathlib import Path

from corpus.config.mistakes import Mistake, Mistakes, Place
from corpus.config.yaml_positions import Node, read
from corpus.credentials import HIDDEN, is_secret_name, masked
from corpus.errors import ConfigError, hint
from corpus.stages import RENAMED_STAGES
from corpus.stages.custom import load_stage


def override(config: Node, option: str, folder: Path) -> Mistake | None:
    """Put `a.b=value` into the config; return the mistake in it, None if there is none.

    `folder` is that of the config, where the user's own stages are.
    """
    path, equals, value = option.partition("=")
    steps = [step for step in re.sub(r"\[(\d+)\]", r".\1", path.strip()).split(".") if step]
    is_secret = any(map(is_secret_name, re.findall(r"\w+", option)))
    place = Place(f"--set {path}={HIDDEN}" if is_secret else f"--set {masked(option)}")
    if not equals or not steps:
        return Mistake(place, "", "must be a setting and its value, such as `seed=3`")
    try:
        new, duplicates = read(value, place.origin)
    except Mistakes as error:
        return Mistake(place, "", error.mistakes[0].fault.partition(" (")[0])
    if duplicates:
        return Mistake(place, "", duplicates[0].fault)
    new = new or Node(None, place)
    _set_place(new, place)
    try:
        _put(config, steps, new, folder)
    except LookupError as error:
        return Mistake(place, "", str(error.args[0]))
    return None


def _set_place(node: Node, place: Place) -> None:
    """Give a value, and all values in it, the place of the option."""
    node.place = place
    node.keys = dict.fromkeys(node.keys, place)
    if isinstance(node.value, list | dict):
        for child in node.value if isinstance(node.value, list) else node.value.values():
            _set_place(child, place)


def _put(node: Node, steps: list[str], new: Node, folder: Path) -> None:
    """Set the value at the end of the path; create the settings that are missing on the way."""
    for i, step in enumerate(steps):
        last = i + 1 == len(steps)
        if isinstance(node.value, list):
            index = _index(node, step, ".".join(steps[:i]), folder)
            if last:
                node.value[index] = new
            else:
                node = _as_settings(node.value[index], new.place, stage=True)
            continue
        if not isinstance(node.value, dict):
            raise LookupError(f"{'.'.join(steps[:i])} has no settings")  # noqa: TRY004  no way on
        if last:
            node.value[step] = new
            node.keys[step] = new.place
        else:
            node.keys.setdefault(step, new.place)
            child = node.value.setdefault(step, Node({}, new.place))
            node = _as_settings(child, new.place, stage=False)


def _as_settings(node: Node, place: Place, *, stage: bool) -> Node:
    """Return the node as a mapping: null becomes an empty one, a bare `clean` a stage."""
    if node.value is None:
        node.value = {}
    elif stage and isinstance(node.value, str):
        node.keys = {"stage": place}
        node.value = {"stage": Node(node.value, node.place)}
    return node


def _index(node: Node, step: str, path: str, folder: Path) -> int:
    """Return the list index that a step means: a number, or the name of a stage."""
    if step.isdecimal():
        if int(step) >= len(node.value):
            raise LookupError(f"{path} has {len(node.value)} entries, counted from 0; no {step}")
        return int(step)
    names = [_name(child, step, folder) for child in node.value]
    if names.count(step) > 1:
        paths = " or ".join(f"{path}.{i}" for i, name in enumerate(names) if name == step)
        raise LookupError(f"there is more than one {step!r}; choose one: {paths}")
    if step not in names:
        if step in RENAMED_STAGES:
            raise LookupError(f"stage {step!r} is now called {RENAMED_STAGES[step]!r}")
        names = [name for name in names if name]
        raise LookupError(f"no {step!r} in {path}; {hint(step, names) or 'count from 0'}")
    return names.index(step)


def _name(node: Node, step: str, folder: Path) -> str:
    """Return the name of a stage in a list; of one's own stage, the class if `step` is that."""
    if isinstance(node.value, str):
        return node.value
    if (name := node.step("stage")) is not None:
        return str(name.value)
    if (use := node.step("use")) is None:
        return ""
    class_name = str(use.value).rpartition(":")[2]
    return class_name if step == class_name else _stage_name(str(use.value), folder) or class_name


def _stage_name(use: str, folder: Path) -> str | None:
    """Return the name of one's own stage; None if it cannot be loaded, which is reported later."""
    try:
        return str(load_stage(use, folder).model_fields["stage"].default)
    except (ConfigError, KeyError):
        return None
