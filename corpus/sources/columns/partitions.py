"""Partition columns: values that a data set has in the names of its folders, as Hive writes them.

    data/lang=en/year=2019/part-0.parquet       the columns lang ("en") and year (2019)

Values are percent-decoded. A column is of integers if all its values in the source are. A column of
the file itself has priority, and `id` and `text` are never read from a folder's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from corpus.documents import DATE, ID, TEXT
from corpus.sources.settings import Partition

_FOLDER = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,63})=(.*)", re.DOTALL)
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NULL = "__HIVE_DEFAULT_PARTITION__"


def partitions_of(names: Iterable[str], columns: Mapping[str, str]) -> dict[str, Partition]:
    """Return the partition columns of each file that has any, by its name.

    `columns` are the source's names for ours: a date is never an integer.
    """
    texts = {name: values for name in names if "=" in name and (values := _texts(name))}
    keys = {key for values in texts.values() for key in values} - {columns.get(DATE, DATE)}
    integers = {
        key
        for key in keys
        if all(
            v[key] is None or _INTEGER.fullmatch(v[key] or "") for v in texts.values() if key in v
        )
    }
    return {
        name: tuple(
            (key, int(value) if value is not None and key in integers else value)
            for key, value in values.items()
        )
        for name, values in texts.items()
    }


def _texts(name: str) -> dict[str, str | None]:
    """Return the values in the names of a file's folders."""
    values: dict[str, str | None] = {}
    for part in name.split("/")[:-1]:
        match = _FOLDER.fullmatch(part)
        if match and match[1] not in (ID, TEXT):
            values[match[1]] = None if match[2] == _NULL else unquote(match[2])
    return values
