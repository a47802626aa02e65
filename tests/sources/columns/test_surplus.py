"""A record with more columns than a batch may have is read, in every format."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from pyarrow import ipc, parquet

from corpus.documents import OTHER_COLUMNS
from tests.sources.conftest import read_all

N = 3000
VALUES = {f"k{i:04d}": f"v{i}" for i in range(N)}


def as_xml(path):
    """Write a list of two records in XML."""
    fields = "".join(f"<{name}>{value}</{name}>" for name, value in VALUES.items())
    item = "<item><id>{}</id><text>a text</text>{}</item>"
    path.write_text(f"<items>{item.format('a', fields)}{item.format('b', '')}</items>")


def as_arrow(path):
    """Write an Arrow file."""
    table = pa.Table.from_pylist([{"id": "a", "text": "a text"} | VALUES])
    with ipc.new_file(str(path), table.schema) as out:
        out.write_table(table)


WRITERS = {
    "a.jsonl": lambda path: path.write_text(json.dumps({"id": "a", "text": "t"} | VALUES)),
    "a.json": lambda path: path.write_text(json.dumps([{"id": "a", "text": "t"} | VALUES])),
    "a.csv": lambda path: path.write_text(
        f"id,text,{','.join(VALUES)}\na,t,{','.join(VALUES.values())}\n"
    ),
    "a.parquet": lambda path: parquet.write_table(
        pa.Table.from_pylist([{"id": "a", "text": "t"} | VALUES]), path
    ),
    "a.arrow": as_arrow,
    "a.xml": as_xml,
}


@pytest.mark.parametrize("name", WRITERS)
def test_no_value_is_lost(name, tmp_path):
    """Each value is in a column of the batch or in `other_columns`."""
    WRITERS[name](tmp_path / name)
    result = read_all(tmp_path / name)
    row = result.documents[0]
    others = json.loads(row[OTHER_COLUMNS])
    columns = {name: row[name] for name in VALUES if row.get(name) is not None}

    assert not result.reasons
    assert columns | others == VALUES
    assert not columns.keys() & others.keys()
    assert len(row) < 1100
