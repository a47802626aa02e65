"""The stage `redact`: its settings, what it replaces in which columns, and what it writes down."""

import tracemalloc

import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus.documents import REDACTED, REDACTED_TYPE, TEXT
from corpus.stages.redact import Redact
from tests.conftest import make_documents

TEXTS = ("Write to ada@post.example.org or call +49 30 901820.", "Nothing here.", None)


def redact(texts=TEXTS, **settings):
    """Return the documents that the stage makes of these texts."""
    return Redact(**settings).apply(
        make_documents(*texts, title=["From eve@a.example.org", "", None])
    )


def test_the_text_and_the_title_are_redacted_and_the_spans_are_listed():
    """Each match is replaced, and its column, type, position and length in the text are listed."""
    documents = redact()
    assert documents.column(TEXT).to_pylist() == [
        "Write to <EMAIL> or call <PHONE>.", "Nothing here.", None
    ]  # fmt: skip
    assert documents.column("title").to_pylist() == ["From <EMAIL>", "", None]
    assert documents.schema.field(REDACTED).type == REDACTED_TYPE
    spans = documents.column(REDACTED).to_pylist()
    assert [tuple(span.values()) for span in spans[0]] == [
        ("text", "email", 9, 20, "placeholder"),
        ("text", "phone", 38, 13, "placeholder"),
        ("title", "email", 5, 17, "placeholder"),
    ]
    assert spans[1:] == [None, None]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"types": ["email"]}, "Write to <EMAIL> or call +49 30 901820."),
        (
            {"types": {"phone": {"placeholder": "[number]"}}},
            "Write to ada@post.example.org or call [number].",
        ),
        ({"replace": "mask"}, "Write to ***@****.*******.*** or call +** ** ******."),
        ({"replace": "keep"}, TEXTS[0]),
        (
            {"types": {"email": {"replace": "keep"}, "phone": {}}},
            "Write to ada@post.example.org or call <PHONE>.",
        ),
        ({"columns": ["title"]}, TEXTS[0]),
    ],
)  # fmt: skip
def test_settings_choose_types_columns_and_replacements(settings, expected):
    """Types, columns and what replaces a match follow the settings."""
    assert redact(**settings).column(TEXT)[0].as_py() == expected


def test_a_surrogate_depends_on_the_value_alone():
    """Equal addresses have equal surrogates, in any case; others usually have others."""
    texts = ["ada@post.example.org and ADA@post.example.org", "ada@post.example.org", "eve@x.org"]
    documents = redact(texts, replace="surrogate").column(TEXT).to_pylist()
    first, second = documents[0].split(" and ")
    assert first == second == documents[1] != documents[2]
    assert first.endswith("@example.com")


def test_national_numbers_need_a_region():
    """A telephone number without a country code is found only in the regions of the settings."""
    texts = ["030 / 901 820", "030 / 901 820", ""]
    assert redact(texts, types={"phone": {"regions": ["US"]}}).column(TEXT)[0].as_py() == texts[0]
    assert redact(texts, types={"phone": {"regions": ["DE"]}}).column(TEXT)[0].as_py() == "<PHONE>"


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"types": {"email": {"placeholder": "call 123"}}}, "is not a placeholder"),
        ({"types": {"email": {"placeholder": "[at]"}}}, "is not a placeholder"),
        ({"types": {"phone": {"regions": ["GR", "UK"]}}}, "no region 'UK' is known"),
        ({"types": {"national_id": {"countries": ["XX"]}}}, "no country 'XX' is known"),
        ({"types": {"national_id": {"countries": []}}}, "at least 1"),
        ({"types": {"email": None}}, "email has no options: write `email: {}`"),
        ({"types": {"phone": {}, "ip": None}}, "ip has no options"),
        ({"types": {}}, "names no type"),
        ({"types": []}, "at least 1"),
        ({"columns": ["text", "id"]}, "id cannot be redacted; list columns of the sources"),
        ({"columns": ["other_columns"]}, "other_columns cannot be redacted"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, fault):
    """A placeholder that could be a match, an unknown country, and no type at all are errors."""
    with pytest.raises(ValidationError, match=fault):
        Redact(**settings)


@pytest.mark.parametrize(
    "piece",
    [
        "@",
        "1",
        "a@",
        "a.a@",
        "1 ",
        ":",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY----- a: ",
        "(at)",
        "1a",
        "+1",
    ],
)
def test_hostile_texts_take_linear_time(piece):
    """A megabyte of one trigger is searched, and has nothing to redact."""
    text = piece * (1_000_000 // len(piece))
    documents = Redact().apply(make_documents(text))
    assert documents.column(TEXT)[0].as_py() == text


def test_a_large_text_takes_little_memory():
    """A text with a character beyond 16 bits takes less than three times its bytes."""
    line = "Nothing to see in this line, nor in any other.\n"
    documents = make_documents(f"😀 ada@post.example.org\n{line * 80_000}eve@post.example.org\n😀")
    stage = Redact()
    stage.kernels()
    tracemalloc.start()
    redacted = stage.apply(documents)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row["begin"] for row in redacted.column(REDACTED)[0].as_py()] == [2, 3_760_023]
    assert peak < 3 * 80_000 * len(line)


@pytest.mark.parametrize(
    ("types", "text", "expected"),
    [
        ({"url_credentials": {"replace": "keep"}, "email": {}},
         "See https://ada.lovelace@post.example.org/x for more.", "<EMAIL>"),
        ({"email": {"replace": "keep"}, "url_credentials": {}},
         "See https://ada.lovelace:pw@post.example.org/x for more.", "<CREDENTIALS>"),
    ],
)  # fmt: skip
def test_a_type_that_is_only_listed_does_not_protect_another(types, text, expected):
    """Where both overlap, the one that is to be replaced is."""
    (result,) = Redact(types=types).apply(make_documents(text)).column("text").to_pylist()
    assert expected in result
    assert "ada.lovelace" not in result
    again = Redact(types=types).apply(make_documents(result))
    assert again.column("text").to_pylist() == [result]


def test_a_second_stage_adds_its_spans():
    """What an earlier stage of the same kind found stays listed."""
    once = redact(types=["email"], columns=["text"])
    twice = Redact(types=["phone"], columns=["text"]).apply(once)
    assert [span["type"] for span in twice.column(REDACTED)[0].as_py()] == ["email", "phone"]
    assert isinstance(twice, pa.RecordBatch)
