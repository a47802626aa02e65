"""audit.json, its JSON Schema and its types agree."""

from __future__ import annotations

import json
import types
from pathlib import Path
from typing import Any, Literal, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

import jsonschema
import pytest

import corpus
from corpus.auditing.measure.report import report_on_documents
from corpus.auditing.measure.statistics import FORMAT, Statistics
from corpus.auditing.report import Report

SCHEMA = json.loads((Path(corpus.__file__).parent / "auditing" / "schema.json").read_bytes())
JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def schema_errors(report: dict[str, object]) -> list[str]:
    """Return where a report does not match the schema."""
    errors = jsonschema.Draft202012Validator(SCHEMA).iter_errors(json.loads(json.dumps(report)))
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]


def shape_of_type(hint: Any) -> Any:
    """Return a type as nested dicts, lists and names, comparable with `shape_of_schema`."""
    origin, arguments = get_origin(hint), get_args(hint)
    if is_typeddict(hint):
        return {
            name + ("?" if get_origin(value) is NotRequired else ""): shape_of_type(value)
            for name, value in get_type_hints(hint, include_extras=True).items()
        }
    if origin is list:
        return [shape_of_type(arguments[0])]
    if origin is dict:
        return "object" if arguments[1] is Any else {"*": shape_of_type(arguments[1])}
    if origin is Literal:
        return f"one of {', '.join(arguments)}"
    if origin is NotRequired:
        return shape_of_type(arguments[0])
    if origin is types.UnionType:
        return either(shape_of_type(argument) for argument in arguments)
    return JSON_TYPES[hint]


def shape_of_schema(node: dict[str, Any]) -> Any:
    """Return a JSON Schema as nested dicts, lists and names, comparable with `shape_of_type`."""
    if "$ref" in node:
        return shape_of_schema(SCHEMA["$defs"][node["$ref"].rpartition("/")[2]])
    if "anyOf" in node:
        return either(shape_of_schema(option) for option in node["anyOf"])
    if "enum" in node:
        return f"one of {', '.join(node['enum'])}"
    if "const" in node:
        return JSON_TYPES[type(node["const"])]
    if isinstance(node["type"], list):
        return either(node["type"])
    if node["type"] == "array":
        return [shape_of_schema(node["items"])]
    if properties := node.get("properties"):
        assert node["additionalProperties"] is False
        return {
            name + ("" if name in node["required"] else "?"): shape_of_schema(value)
            for name, value in properties.items()
        }
    if isinstance(node.get("additionalProperties"), dict):
        return {"*": shape_of_schema(node["additionalProperties"])}
    return node["type"]


def either(shapes: Any) -> tuple[Any, ...]:
    """Return alternatives in a fixed order."""
    return tuple(sorted(shapes, key=str))


def test_the_schema_is_valid_and_has_the_current_version():
    """The schema is a valid JSON Schema, and its version is the one that is written."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["format"]["const"] == FORMAT


def test_the_types_and_the_schema_describe_the_same_keys():
    """The TypedDicts and the schema have the same keys, with the same types."""
    assert shape_of_type(Report) == shape_of_schema(SCHEMA)


def test_the_audit_of_a_build_matches_the_schema(tiny_build):
    """Every key of a build's audit is in the schema, and an unknown key is an error."""
    _, _, audit = tiny_build
    assert schema_errors(audit) == []
    assert schema_errors(audit | {"more": 1}) != []


@pytest.mark.parametrize("texts", [[], [""], ["One text.", "Another one."]])
def test_the_audit_of_a_small_corpus_matches_the_schema(documents, texts):
    """The audit of no documents, or of two, matches the schema."""
    from corpus.auditing.measure.counting import measure

    statistics = (
        measure(documents(*texts), split="train", compare_texts=True) if texts else Statistics()
    )
    assert schema_errors(report_on_documents(statistics, compare=False)) == []


def test_a_thorough_audit_of_a_build_matches_the_schema(tiny_build):
    """An audit that compares texts and draws the map of topics matches the schema."""
    folder, manifest, _ = tiny_build
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert schema_errors(corpus.audit(folder).statistics) == []
