"""Turn the errors of pydantic into mistakes: in plain words, with place and remedy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from corpus.config.mistakes import Mistake
from corpus.config.yaml_positions import Node, dotted
from corpus.errors import ConfigError, hint
from corpus.settings import field_descriptions
from corpus.stages import NO_STAGE, stage_class
from corpus.terminal import format_value, safe

_WANTED = {
    "bool": "true or false",
    "date": "a date such as 2023-05-22",
    "datetime": "a time such as 2023-05-22T10:30:00Z",
    "dict": "a mapping",
    "float": "a number",
    "finite_number": "a number",
    "int": "a whole number",
    "list": "a list",
    "model": "a mapping",
    "none": "null",
    "string": "text",
    "tuple": "a list",
}
"""What a value must be, by the first word of the error type."""

_BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def as_mistakes(
    error: ValidationError, config: Node, model: type[BaseModel], folder: Path
) -> list[Mistake]:
    """Return one mistake for each setting that pydantic rejects."""
    faults_by_setting: dict[tuple[Any, str], list[str]] = {}
    located = [(fault, _location(fault, config)) for fault in error.errors(include_url=False)]
    unknown = {loc[:-1] for fault, loc in located if fault["type"] == "extra_forbidden"}
    faulty = {loc for _, loc in located}
    for fault, loc in located:
        if _follows_from_unknown(fault, loc, unknown) or _is_other_member(fault, loc, faulty):
            continue
        if fault["type"] == "too_short" and _has_value(config, loc):
            continue  # too short only because its entries are faulty, and those are reported
        owner = _owner(model, loc, config, folder)
        place = _place(fault, loc, config)
        setting = _setting(loc, config, folder)
        faults_by_setting.setdefault((place, setting), []).append(_describe(fault, owner))
    return [
        Mistake(place, setting, _joined(list(dict.fromkeys(faults))))
        for (place, setting), faults in faults_by_setting.items()
    ]


def _follows_from_unknown(
    fault: Any, loc: tuple[str | int, ...], unknown: set[tuple[str | int, ...]]
) -> bool:
    """Return whether an error only follows from an unknown setting in a union."""
    if fault["type"] == "extra_forbidden" or len(fault["loc"]) == len(loc):
        return False
    return loc in unknown or (fault["type"] == "missing" and loc[:-1] in unknown)


def _is_other_member(
    fault: Any, loc: tuple[str | int, ...], faulty: set[tuple[str | int, ...]]
) -> bool:
    """Return whether an error is of a union's member that nobody meant.

    A mapping is not the text or number that it could have been instead, and has its own fault.
    """
    is_of_member = len(fault["loc"]) > len(loc)
    has_fault_inside = any(len(other) > len(loc) and other[: len(loc)] == loc for other in faulty)
    return is_of_member and isinstance(fault["input"], dict | list) and has_fault_inside


def _has_value(node: Node | None, loc: tuple[str | int, ...]) -> bool:
    for step in loc:
        node = node.step(step) if node is not None else None
    return node is not None and bool(node.value)


def _joined(faults: list[str]) -> str:
    """Return the faults of a union as one: `must be text or a number`."""
    type_faults = [fault for fault in faults if fault.startswith("must be ") and ", not " in fault]
    if len(type_faults) < len(faults) or len(faults) == 1:
        return faults[0]
    *others, last = type_faults
    wanted = [word.removeprefix("must be ").partition(", not ")[0] for word in others]
    wanted = [word for word in dict.fromkeys(wanted) if word != last[8:].partition(", not ")[0]]
    return f"must be {', or '.join([*wanted, last.removeprefix('must be ')])}"


def _location(fault: Any, config: Node) -> tuple[str | int, ...]:
    """Return the path to the setting, without the union members that pydantic adds."""
    path: list[str | int] = []
    node: Node | None = config
    steps = fault["loc"]
    for i, step in enumerate(steps):
        below = node.step(step) if node is not None else None
        if below is None and not (i + 1 == len(steps) and fault["type"] == "missing"):
            continue
        path.append(step)
        node = below
    return tuple(path)


def _place(fault: Any, loc: tuple[str | int, ...], config: Node) -> Any:
    """Return where the setting is written, or where a missing one should be."""
    node, place = config, config.place
    for i, step in enumerate(loc):
        below = node.step(step)
        if below is None:
            break
        last = i + 1 == len(loc)
        place = node.keys[str(step)] if last and fault["type"] == "extra_forbidden" else below.place
        node = below
    for name in ("use", "stage") if fault["type"] == NO_STAGE else ():
        if (named := node.step(name)) is not None:
            return named.place
    return place


def _setting(loc: tuple[str | int, ...], config: Node, folder: Path) -> str:
    """Return the path to a setting as people write it, with the name of its stage."""
    if loc[:1] != ("stages",) or len(loc) < 2:
        return dotted(loc)
    cls = _stage(loc, config, folder)
    named = (cls.model_fields["stage"].default,) if cls else ()
    return dotted((*loc[:2], *named, *loc[2:]))


def _stage(loc: tuple[str | int, ...], config: Node, folder: Path) -> type[BaseModel] | None:
    node = config.value["stages"].step(loc[1])
    try:
        return stage_class(node.plain(), folder) if node else None
    except ConfigError:
        return None


def _owner(
    model: type[BaseModel], loc: tuple[str | int, ...], config: Node, folder: Path
) -> type[BaseModel] | None:
    """Return the model that the faulty setting belongs to."""
    owner: type[BaseModel] | None = model
    if loc[:1] == ("stages",) and len(loc) > 1:
        owner, loc = _stage(loc, config, folder), loc[2:]
    is_key = False
    for step in loc[:-1]:
        if owner is None or isinstance(step, int) or is_key:
            is_key = False
            continue
        field = _field(owner, step)
        is_key = field is not None and get_origin(field.annotation) is dict
        owner = next(_models(field.annotation), None) if field else None
    return owner


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _describe(fault: Any, owner: type[BaseModel] | None) -> str:
    """Return the fault and the remedy."""
    kind, value, context = fault["type"], fault["input"], fault.get("ctx", {})
    first = kind.partition("_")[0] if kind != "finite_number" else kind
    if kind == "extra_forbidden":
        return f"no such setting; {hint(fault['loc'][-1], _names(owner), most=40)}".rstrip("; ")
    if kind == "missing":
        return _missing(fault["loc"][-1], owner)
    if kind == "value_error":
        return str(context["error"])
    if kind.startswith(NO_STAGE):
        return str(fault["msg"])
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"must be {words} {context[bound]}, not {format_value(value)}"
    if kind == "literal_error":
        expected = safe(context["expected"])
        if expected in ("True", "False"):  # as YAML writes them
            expected = expected.lower()
        wanted = f"must be {expected}, not {format_value(value)}"
        near = hint(value, context["expected"].replace(" or ", ", ").replace("'", "").split(", "))
        return f"{wanted}; {near}" if near.startswith("did") else wanted
    if kind in ("too_short", "string_too_short"):
        return "must not be empty"
    if kind == "string_pattern_mismatch":
        return f"must look like {context['pattern']}, not {format_value(value)}"
    if first in ("tuple", "list") and isinstance(value, str | int | float):
        return f"must be a list, [{format_value(value).strip(chr(39))}], not {format_value(value)}"
    if first in _WANTED:
        quote = first == "string" and isinstance(value, int | float)
        advice = "; put it in quotes" if quote else ""
        return f"must be {_WANTED[first]}, not {format_value(value)}{advice}"
    return safe(fault["msg"][:1].lower() + fault["msg"][1:])


def _names(owner: type[BaseModel] | None) -> list[str]:
    fields = owner.model_fields if owner else {}
    return [field.alias or name for name, field in fields.items() if name != "stage"]


def _field(owner: type[BaseModel] | None, name: str) -> FieldInfo | None:
    """Return the field that has this name in a config."""
    fields = owner.model_fields if owner else {}
    return next((f for n, f in fields.items() if name in (n, f.alias)), None)


def _missing(name: str, owner: type[BaseModel] | None) -> str:
    """Return that a setting is missing, with the first sentence of its description."""
    about = field_descriptions(owner).get(name, "") if owner else ""
    sentence = " ".join(about.split()).partition(". ")[0].removesuffix(".")
    return f"missing: {sentence[:1].lower()}{sentence[1:]}" if sentence else "missing"
