"""Turn one JSON object with the records of a whole table into records.

pandas writes a table in several ways (`DataFrame.to_json(orient=...)`, `to_dict`):

    columns   {"id": {"0": "a1", "1": "a2"}, "text": {"0": "...", "1": "..."}}
    list      {"id": ["a1", "a2"], "text": ["...", "..."]}
    split     {"columns": ["id", "text"], "index": [0, 1], "data": [["a1", "..."], ["a2", "..."]]}
    index     {"0": {"id": "a1", "text": "..."}, "1": {"id": "a2", "text": "..."}}

A name of a row that is not its position (0, 1, ...) becomes the column `key`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

ROW_NAME = "key"
"""The column with the names of the rows."""


def is_table(value: Mapping[str, Any], text_column: str) -> bool:
    """Return whether an object, which may be incomplete, has the records of a table."""
    if not value:
        return False
    if text_column in value:
        kind = type(value[text_column])
        return kind in (dict, list) and all(type(column) is kind for column in value.values())
    return _is_split(value) or _is_index(value, text_column)


def _is_split(value: Mapping[str, Any]) -> bool:
    names, data = value.get("columns"), value.get("data")
    if not (isinstance(names, list) and isinstance(data, list)):
        return False
    return all(isinstance(name, str) for name in names) and all(
        isinstance(row, list) for row in data
    )


def _is_index(value: Mapping[str, Any], text_column: str) -> bool:
    return all(isinstance(row, dict) and text_column in row for row in value.values())


def table_rows(value: Mapping[str, Any], text_column: str) -> list[Any] | None:
    """Return the records of a table in one object, or None if it is not a table.

    A row of `split` with more or fewer values than there are columns is returned as a list.
    """
    if not is_table(value, text_column):
        return None
    columns = list(value.values())
    if text_column not in value:
        if _is_split(value):
            rows = [
                dict(zip(value["columns"], row, strict=True))
                if len(row) == len(value["columns"])
                else row
                for row in value["data"]
            ]
            return _with_names(rows, value.get("index") or ())
        return _with_names(columns, list(value))
    if isinstance(columns[0], dict):
        names = list(dict.fromkeys(name for column in columns for name in column))
        rows = [{key: column.get(name) for key, column in value.items()} for name in names]
        return _with_names(rows, names)
    if len(set(map(len, columns))) > 1:
        return None
    return list(_rows_of_lists(value))


def _rows_of_lists(value: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    for row in zip(*value.values(), strict=True):
        yield dict(zip(value, row, strict=True))


def _with_names(rows: list[Any], names: Sequence[Any]) -> list[Any]:
    """Return the rows, each with its name unless that is its position or the row has a `key`."""
    if len(names) != len(rows):
        return rows
    return [
        {ROW_NAME: name} | row if isinstance(row, dict) and str(name) != str(i) else row
        for i, (name, row) in enumerate(zip(names, rows, strict=True))
    ]
