"""Redaction of columns of any type: what is found does not depend on how a batch stores it."""

from itertools import pairwise

import pyarrow as pa
import pytest

from corpus.documents import OTHER_COLUMNS
from corpus.privacy.columns import redact_column
from corpus.privacy.detect import Wanted
from corpus.privacy.redact import redact_texts
from corpus.sources.columns.extra import conform, infer_column, join_types
from corpus.sources.columns.surplus import to_other_columns

MAIL, CARD = "ada@post.example.org", 4111111111111111


def redact(array, field=None):
    """Return a column after redaction, and the paths of what was found, by row."""
    field = field or pa.field("extra", array.type)
    batch = pa.RecordBatch.from_arrays([array], schema=pa.schema([field]))
    documents, found = redact_column(batch, "extra", redact_all)
    return documents, {row: [place.path for place in places] for row, places in found.items()}


def redact_all(texts):
    """Redact texts as the stage does without settings."""
    return redact_texts(texts, Wanted(), {})


@pytest.mark.parametrize(
    "values",
    [
        [1, CARD, "a", MAIL, None],
        [1, 2, CARD, 2.5],
        [[MAIL], [CARD, 1], [], None],
        [{"a": MAIL}, {"b": CARD}, {"a": "x", "b": 1}],
        ["plain", [MAIL], {"a": {"b": [MAIL]}}, CARD],
        [{MAIL: 1}, {"x": 2}, {"<EMAIL>": 3, MAIL: 4, "eve@x.org": 5}],
        [True, 20231015, "2023-10-15"],
    ],
)
def test_the_result_does_not_depend_on_the_batches(values):
    """Any division into batches gives the same column, of the same type, and nothing is left."""
    n = len(values)
    results = []
    for cuts in ([0, n], [0, 1, n], [0, 2, n], range(n + 1)):
        batches = []
        for first, last in pairwise(cuts):
            field, array = infer_column("extra", values[first:last])
            batches.append(redact(array, field)[0])
        schema = join_types(batch.schema for batch in batches)
        results.append(pa.Table.from_batches([conform(batch, schema) for batch in batches]))
    assert all(result.equals(results[0], check_metadata=True) for result in results)
    text = str(results[0].to_pylist())
    assert MAIL not in text
    assert str(CARD) not in text
    assert "eve@x.org" not in text


@pytest.mark.parametrize(
    ("type", "value", "expected", "path"),
    [
        (pa.list_(pa.string()), ["x", MAIL], ["x", "<EMAIL>"], "extra[1]"),
        (pa.large_list(pa.string()), [MAIL], ["<EMAIL>"], "extra[0]"),
        (pa.struct([("a", pa.string()), ("n", pa.int64())]), {"a": MAIL, "n": 1},
         {"a": "<EMAIL>", "n": 1}, "extra.a"),
        (pa.dictionary(pa.int32(), pa.string()), MAIL, "<EMAIL>", "extra"),
        (pa.map_(pa.string(), pa.string()), [("a", MAIL)], [{"key": "a", "value": "<EMAIL>"}],
         "extra[0].value"),
        (pa.binary(), MAIL.encode(), "<EMAIL>", "extra"),
        (pa.int64(), CARD, "<CARD>", "extra"),
        (pa.string_view(), MAIL, "<EMAIL>", "extra"),
    ],
)  # fmt: skip
def test_every_type_is_searched(type, value, expected, path):
    """Strings in lists, structs, maps and dictionaries are redacted, and numbers."""
    documents, found = redact(pa.array([value, None], type))
    assert documents.column(0).to_pylist() == [expected, None]
    assert found == {0: [path]}


def test_the_metadata_and_the_type_of_a_column_stay():
    """JSON text stays JSON text of the same type, and any other metadata is kept."""
    field, array = infer_column("extra", [{"a": [MAIL]}, {"a": ["x"]}])
    documents, _ = redact(array, field)
    assert documents.schema.field(0).equals(field, check_metadata=True)
    assert documents.column(0).to_pylist() == ['{"a":["<EMAIL>"]}', '{"a":["x"]}']
    field = pa.field("extra", pa.string(), metadata={"note": "mine"})
    documents, _ = redact(pa.array([MAIL]), field)
    assert documents.schema.field(0).equals(field, check_metadata=True)


def test_the_names_of_fields_are_redacted_and_stay_different():
    """A name that is an address is replaced; equal names get a number, and no value is lost."""
    value = {MAIL: 1, "eve@x.org": {MAIL: "eve@x.org"}, "<EMAIL>": 3, "z": 4}
    documents, found = redact(*reversed(infer_column("extra", [value])))
    assert documents.column(0).to_pylist() == [
        '{"<EMAIL> 2":1,"<EMAIL> 3":{"<EMAIL>":"<EMAIL>"},"<EMAIL>":3,"z":4}'
    ]
    assert found[0] == ["extra.<EMAIL> 2", "extra.<EMAIL> 3", "extra.<EMAIL> 3.<EMAIL>",
                        "extra.<EMAIL> 3.<EMAIL>"]  # fmt: skip


def test_a_surplus_column_is_searched():
    """A column that a batch keeps in `other_columns` is redacted there; others are not."""
    rows = [{"extra": [MAIL, CARD], "b": MAIL}, {"b": 1}]
    batch = pa.record_batch({OTHER_COLUMNS: to_other_columns(rows)})
    documents, found = redact_column(batch, "extra", redact_all)
    expected = [{"extra": ["<EMAIL>", "<CARD>"], "b": MAIL}, {"b": 1}]
    assert documents.column(0).equals(to_other_columns(expected))
    assert [place.path for place in found[0]] == ["extra[0]", "extra[1]"]


def test_deep_values_are_searched():
    """A value that is nested 900 deep is searched to its end."""
    value = MAIL
    for _ in range(900):
        value = [value]
    documents, found = redact(*reversed(infer_column("extra", [value])))
    assert "<EMAIL>" in documents.column(0)[0].as_py()
    assert found[0][0].startswith("extra[0][0]")
