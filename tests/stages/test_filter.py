"""Tests of the stage `filter`: bounds, evidence and missing values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus.config.load import load_config
from corpus.documents import EVIDENCE, reasons
from corpus.errors import ConfigError
from corpus.stages.filter import Filter
from corpus.words.count import count_words

Documents = Callable[..., pa.RecordBatch]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("one, two – three!", 3),
        ("don't stop_here 42", 4),
        ("naïve Überraschung", 2),
        ("Привет, мир", 2),
        ("日本語", 3),
        ("abc日本", 3),
        ("ภาษา", 4),
        ("हिन्दी भाषा", 2),
    ],
)
def test_words_are_counted_by_script(text: str, count: int) -> None:
    """A word is a run of letters, marks and digits, or one character in scripts without spaces."""
    assert count_words(pa.array([text])).tolist() == [count]
    assert count_words(pa.array([text, "é"])).tolist() == [count, 1]


def test_bounds_of_length_are_inclusive(documents: Documents) -> None:
    """A text with exactly `min` or `max` words is kept; the evidence is the number of words."""
    stage = Filter.model_validate({"words": {"min": 2, "max": 3}})
    filtered = stage.apply(documents("a", "a b", "a b c", "a b c d", None))
    assert reasons(filtered).to_pylist() == ["words", None, None, "words", "words"]
    assert filtered.column(EVIDENCE).to_pylist() == ["1", None, None, "4", "0"]


def test_characters_are_code_points(documents: Documents) -> None:
    """A letter counts as one character, however many bytes it has."""
    stage = Filter.model_validate({"characters": {"max": 3}})
    filtered = stage.apply(documents("äöü", "äöüß"))
    assert reasons(filtered).to_pylist() == [None, "characters"]
    assert filtered.column(EVIDENCE).to_pylist() == [None, "4"]


DATES = [
    datetime(2019, 12, 31, 23, 59, tzinfo=UTC),
    datetime(2020, 1, 1, tzinfo=UTC),
    datetime(2020, 12, 31, 23, 59, tzinfo=UTC),
    datetime(2021, 1, 1, tzinfo=UTC),
    None,
]


def test_bounds_of_dates_are_inclusive(documents: Documents) -> None:
    """The last day is included to its end; a document without a date is removed."""
    stage = Filter.model_validate({"dates": {"from": "2020-01-01", "to": "2020-12-31"}})
    filtered = stage.apply(documents(*"abcde", date=DATES))
    assert reasons(filtered).to_pylist() == ["date", None, None, "date", "date"]
    assert filtered.column(EVIDENCE).to_pylist() == ["2019-12-31", None, None, "2021-01-01", None]


def test_documents_without_a_date_can_be_kept(documents: Documents) -> None:
    """With `missing: keep`, a document without a date is kept, whatever the bounds."""
    stage = Filter.model_validate({"dates": {"from": "2020-01-01", "missing": "keep"}})
    assert reasons(stage.apply(documents(*"abcde", date=DATES))).to_pylist() == [
        "date", None, None, None, None,
    ]  # fmt: skip


def test_a_column_must_have_one_of_the_values(documents: Documents) -> None:
    """A null value or a missing column has none of them; the evidence names column and value."""
    stage = Filter.model_validate({"columns": {"section": ["city", 7]}})
    filtered = stage.apply(documents(*"abc", section=["city", "sport", None]))
    assert reasons(filtered).to_pylist() == [None, "column", "column"]
    assert filtered.column(EVIDENCE).to_pylist() == [None, "section=sport", "section=(none)"]
    assert reasons(stage.apply(documents("a"))).to_pylist() == ["column"]


def test_a_column_must_not_have_an_unwanted_value(documents: Documents) -> None:
    """A document without a value is not removed by `without`."""
    stage = Filter.model_validate({"without": {"publisher": ["Example Wire"]}})
    filtered = stage.apply(documents(*"abc", publisher=["Example Wire", "Harbour Post", None]))
    assert reasons(filtered).to_pylist() == ["without", None, None]


def test_values_are_compared_as_text(documents: Documents) -> None:
    """Numbers and booleans of a column match the way a config writes them."""
    stage = Filter.model_validate({"columns": {"premium": [False], "page": [1, 2]}})
    filtered = stage.apply(documents(*"abc", premium=[False, True, False], page=[1, 1, 3]))
    assert reasons(filtered).to_pylist() == [None, "column", "column"]


@pytest.mark.parametrize(
    ("bounds", "kept"),
    [
        ({"min": 0.7}, [0.7, 0.9]),
        ({"max": 0.7}, [0.2, 0.7]),
        ({"min": 0.3, "max": 0.7}, [0.7]),
        ({"min": 0.9, "missing": "keep"}, [0.9, None, None]),
    ],
)
@pytest.mark.parametrize("type", [pa.float32(), pa.float64(), pa.string()])
def test_bounds_of_numbers_are_inclusive(
    documents: Documents, bounds: dict[str, object], kept: list[float | None], type: pa.DataType
) -> None:
    """A number is within its bounds, whatever its precision; a text that spells one counts, too."""
    no_number = "n/a" if type == pa.string() else "nan"
    scores = pa.array(["0.2", "0.7", "0.9", None, no_number]).cast(type)
    batch = documents(*"abcde").append_column("clean_confidence", scores)
    filtered = Filter.model_validate({"columns": {"clean_confidence": bounds}}).apply(batch)
    numbers = [0.2, 0.7, 0.9, None, None]
    removed = reasons(filtered).to_pylist()
    assert [n for n, reason in zip(numbers, removed, strict=True) if reason is None] == kept


def test_a_number_out_of_bounds_is_evidence(documents: Documents) -> None:
    """The evidence names column and value; without the column, every document lacks a number."""
    stage = Filter.model_validate({"columns": {"likes": {"min": 3}}})
    filtered = stage.apply(documents(*"abc", likes=[2, 3, None]))
    assert reasons(filtered).to_pylist() == ["column", None, "column"]
    assert filtered.column(EVIDENCE).to_pylist() == ["likes=2", None, "likes=(none)"]
    assert reasons(stage.apply(documents("a"))).to_pylist() == ["column"]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("0.7", "columns.likes: must be a list of values, .politics., or bounds, .min: 0.7."),
        ("many", "columns.likes: must be a list of values"),
        ("{}", "columns.likes: has no bound: give min, max or both"),
        ("{min: 3, max: 1.5}", r"columns.likes: max \(1.5\) is below min \(3\)"),
        ("{min: 12345678.5, max: 12345678}", r"max \(12,345,678\) is below min \(12,345,678.5\)"),
        ("{min: many}", "columns.likes.min: must be a number, not 'many'"),
        ("{min: true}", "columns.likes.min: must be a number, not true"),
        ("{mim: 3}", "columns.likes.mim: no such setting; did you mean 'min'?"),
        ("[]", "columns.likes: must not be empty"),
    ],
)
def test_a_mistake_in_a_condition_has_a_remedy(
    tmp_path: Path, condition: str, message: str
) -> None:
    """A value alone, bounds without a bound or in disorder, and texts for numbers are refused."""
    config = tmp_path / "news.yaml"
    config.write_text(
        "name: a\nsources: [{path: a.jsonl}]\noutput: {path: out}\n"
        f"stages: [{{stage: filter, columns: {{likes: {condition}}}}}]\n"
    )
    with pytest.raises(ConfigError, match=message):
        load_config(config)


@pytest.mark.parametrize(("name", "remedy"), [("date", "use dates: "), ("title", "use a list")])
def test_columns_without_numbers_have_no_bounds(name: str, remedy: str) -> None:
    """Bounds for the date or the title are refused: they would remove every document."""
    with pytest.raises(ValidationError, match=f"{name} has no numbers; {remedy}"):
        Filter.model_validate({"columns": {name: {"min": 2020}}})


def test_without_bounds_nothing_is_removed(documents: Documents) -> None:
    """A filter without settings removes nothing, not even empty texts."""
    assert reasons(Filter().apply(documents("", None, "a"))).to_pylist() == [None] * 3


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"words": {"min": 9, "max": 3}}, "max .3. is below min .9."),
        ({"dates": {"from": date(2021, 1, 1), "to": date(2020, 1, 1)}}, "is before from"),
        ({"columns": {"section": []}}, "at least 1 item"),
        ({"words": {"most": 3}}, "Extra inputs"),
    ],
)
def test_bounds_that_keep_nothing_are_errors(setting: dict[str, object], message: str) -> None:
    """Bounds that could keep no document, and unknown settings, are refused with the config."""
    with pytest.raises(ValidationError, match=message):
        Filter.model_validate(setting)
