"""Detect the shape of a JSON file from its beginning.

    lines       {"id": "a1", "text": "..."}       one object a line: read without this module's help
                {"id": "a2", "text": "..."}
    list        [{"id": "a1", ...}, {"id": "a2", ...}]
    values      objects, pretty-printed, side by side or with a record separator (RFC 7464)
    wrapper     {"count": 2, "data": [{"id": "a1", ...}, {"id": "a2", ...}]}
    table       one object of columns or rows, as pandas writes it (tables.py)

A file is JSON lines if its first line is a record by itself, or is damaged. An object is a wrapper
if it has no text, and exactly one list in it has objects with a text. Where several lists have
them, or none, the file is one reject that says which setting decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from corpus.documents import TEXT
from corpus.sources.columns.names import source_column
from corpus.sources.json.brackets import DamagedError, advance
from corpus.sources.json.start import CLOSERS, parse_or_none, parse_start
from corpus.sources.json.tables import is_table
from corpus.sources.json.text import describe_type
from corpus.sources.settings import Source

LOOK_AHEAD_BYTES = 1 << 20
"""Bytes at the beginning of a file that its shape is detected from."""

MAX_PATH_LENGTH = 4
"""Maximum depth at which a list of records is found without the setting `records`."""

_SEPARATOR = b"\x1e"
_N_COMPARED_LINES = 3
_MAX_NAMES = 8


class Shape(NamedTuple):
    """How the records of a file are laid out."""

    is_lines: bool = False
    path: str = ""
    """The dotted path from a value of the file to its records; empty if the values are records."""

    may_be_table: bool = False
    """Whether an object may have many records."""

    problem: str | None = None
    """Why the file cannot be read, with the setting that decides."""


LINES = Shape(is_lines=True)
VALUES = Shape()


def detect_shape(head: bytes, source: Source, *, at_end: bool) -> Shape:
    """Return the shape of a file that begins with `head`, which is all of it if `at_end`."""
    text = head.lstrip(b" \t\r\n")
    if text.startswith(_SEPARATOR):
        return _shape_of(parse_start(text.lstrip(b"\x1e \t\r\n"))[0], source)
    if text[:1] not in CLOSERS:
        return LINES if source.records is None else Shape(path=source.records, may_be_table=True)
    first, *others = _first_lines(text, at_end=at_end)
    value = parse_or_none(first)
    objects = [line for line in map(parse_or_none, others) if isinstance(line, dict)]
    if isinstance(value, dict):
        return _shape_of_lines([value, *objects], others, source)
    if isinstance(value, list) and (objects or _is_line_of_scalars(value, others)):
        return LINES
    if text.startswith(b"["):
        is_damaged_line = len(objects) == _N_COMPARED_LINES - 1
        value = parse_start(text)[0] if value is None else value
        return LINES if is_damaged_line else _shape_of_list(value, source)
    if first.strip() in CLOSERS and others and not _begins_other_value([first.strip(), *others]):
        return LINES
    return _shape_of_unfinished_line(text, objects, source)


def _is_line_of_scalars(values: Sequence[Any], others: Sequence[bytes]) -> bool:
    """Return whether a first line is a list without objects, and another value follows."""
    has_objects = any(isinstance(value, dict | list) for value in values)
    return bool(others) and not has_objects and not others[0].startswith(b",")


def _first_lines(text: bytes, *, at_end: bool) -> list[bytes]:
    """Return the first lines that are not blank; only the first may be incomplete."""
    first, *others = text.split(b"\n", 2 * _N_COMPARED_LINES)
    if others and (not at_end or len(others) == 2 * _N_COMPARED_LINES):
        others.pop()
    return [first, *filter(None, map(bytes.strip, others))][:_N_COMPARED_LINES]


def _shape_of_lines(
    values: Sequence[dict[str, Any]], others: Sequence[bytes], source: Source
) -> Shape:
    """Return the shape of a file whose first lines are these objects."""
    shapes = [_shape_of(value, source) for value in values]
    if source.records is not None or (len(values) == 1 and shapes[0] != VALUES):
        return shapes[0]
    text_column = source_column(source, TEXT)
    for shape in shapes:
        if shape.path and all(
            has_column(value, shape.path) and not has_column(value, text_column) for value in values
        ):
            return shape
    return VALUES if _begins_other_value(others) and len(values) == 1 else LINES


def _begins_other_value(lines: Sequence[bytes]) -> bool:
    """Return whether these lines begin a pretty-printed value, or one behind a separator.

    A lone bracket between lines that are records is a damaged line.
    """
    if not lines or lines[0].startswith(_SEPARATOR):
        return bool(lines)
    inside = {b"{": (b'"', b"}"), b"[": (b"{", b"]", b"[", b'"')}.get(lines[0], ())
    return bool(inside) and (len(lines) == 1 or lines[1].startswith(inside))


def _shape_of_unfinished_line(
    text: bytes, objects: Sequence[dict[str, Any]], source: Source
) -> Shape:
    """Return the shape of a file that begins with an object that is not all of the first line.

    `objects` are the next lines that are objects by themselves.
    """
    value, end = parse_start(text)
    line, line_end, _ = text.partition(b"\n")
    if end is not None and end <= len(line):
        follows = line[end:].lstrip()[:1]
        if follows in (b",", b"{", b"[", _SEPARATOR):
            return _shape_of(value, source)
        return LINES if follows else _shape_of_damaged_line(value, objects, source)
    if not line_end:
        return _shape_of_damaged_line(value, objects, source)
    try:
        advance(line + line_end, 0, bytearray())
    except DamagedError:
        return _shape_of_damaged_line(value, objects, source)
    if objects and (len(objects) > 1 or line.rstrip()[-1:] not in (b"[", b":")):
        return LINES
    return _shape_of(value, source)


def _shape_of_damaged_line(value: Any, objects: Sequence[dict[str, Any]], source: Source) -> Shape:
    """Return the shape of a file whose first line begins with this value, and is damaged."""
    if isinstance(value, dict):
        return _shape_of_lines([value, *objects], (), source)
    return LINES


def _shape_of_list(values: Any, source: Source) -> Shape:
    """Return the shape of a file that begins with this list, which may be incomplete."""
    if source.records is not None:
        return Shape(path=source.records)
    objects = [value for value in values or () if isinstance(value, dict)]
    if values and not objects:
        return Shape(
            problem=f"the file is a list with {describe_type(values[0])}, not of objects; each "
            'record must be an object, such as {"text": "..."}'
        )
    text_column = source_column(source, TEXT)
    if not objects or any(has_column(value, text_column) for value in objects):
        return VALUES
    shape = _shape_of(objects[0], source)
    return shape if shape.path else VALUES


def _shape_of(value: Any, source: Source) -> Shape:
    """Return the shape of a file whose first value is this one, which may be incomplete."""
    if isinstance(value, list):
        return _shape_of_list(value, source)
    if source.records is not None:
        return Shape(path=source.records, may_be_table=True)
    text_column = source_column(source, TEXT)
    if not isinstance(value, dict):
        return VALUES
    if is_table(value, text_column):
        return Shape(may_be_table=True)
    if has_column(value, text_column):
        return VALUES
    lists = dict(lists_of_objects(value))
    with_text = [
        path for path, rows in lists.items() if any(has_column(row, text_column) for row in rows)
    ]
    if len(with_text) == 1:
        return Shape(path=with_text[0])
    if with_text:
        found = " and ".join(repr(path[:80]) for path in with_text[:4])
        return Shape(
            problem=f"there are records in {found}; say which to read, such as "
            f"`records: {with_text[0][:80]}`"
        )
    nested = [name for name, row in value.items() if isinstance(row, dict)]
    nested = [name for name in nested if has_column(value[name], text_column)]
    return Shape(problem=_no_text(value, lists, text_column)) if lists or nested else VALUES


def _no_text(
    value: Mapping[str, Any], lists: Mapping[str, Sequence[Mapping[str, Any]]], text_column: str
) -> str:
    """Return that neither an object nor the objects in its lists have a text, and what they have.

    {"ok": 1, "data": [{"body": "x"}]}  ->  ... the file is one object with 'ok', 'data'; 'data' has
    objects with 'body'; ...
    """
    found = [f"{path[:80]!r} has objects with {_names(rows[0])}" for path, rows in lists.items()]
    names = "; ".join([_names(value), *found[:3]])
    for path, rows in lists.items():
        for field, inner in rows[0].items():
            if isinstance(inner, dict) and text_column in inner and len(path + field) < 80:
                return (
                    f"no column {text_column!r}: the file is one object with {names}; if these are "
                    f"the records, set `records: {path}` and `columns: {{text: "
                    f"{field}.{text_column}}}`"
                )
    example = next((path for path in lists if len(path) < 80), "data")
    return (
        f"no column {text_column!r}: the file is one object with {names}; say where the texts "
        "are, such as `columns: {text: body}` or, if the records are inside the object, "
        f"`records: {example}`"
    )


def _names(row: Mapping[str, Any]) -> str:
    """Return the names of an object's columns, those of nested objects behind a dot."""
    names: list[str] = []
    for name, value in row.items():
        is_object = isinstance(value, dict) and value
        names += [f"{name}.{inner}" for inner in value] if is_object else [name]
        if len(names) >= _MAX_NAMES:
            break
    return ", ".join(repr(name[:80]) for name in names[:_MAX_NAMES]) or "no columns"


def has_column(row: Mapping[str, Any], name: str) -> bool:
    """Return whether an object has a column; a dotted name reads nested objects."""
    if name in row:
        return True
    first, dot, rest = name.partition(".")
    nested = row.get(first)
    return bool(dot) and isinstance(nested, dict) and has_column(nested, rest)


def lists_of_objects(
    value: Mapping[str, Any], prefix: str = "", depth: int = 1
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the dotted path and the objects of each list of objects in an object."""
    for name, nested in value.items():
        if isinstance(nested, list) and (rows := [row for row in nested if isinstance(row, dict)]):
            yield prefix + name, rows
        elif isinstance(nested, dict) and depth < MAX_PATH_LENGTH:
            yield from lists_of_objects(nested, f"{prefix}{name}.", depth + 1)
