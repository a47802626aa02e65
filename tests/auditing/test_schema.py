"""audit.json is what its schema says, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

import corpus
from corpus.auditing.measure.report import of_documents
from corpus.auditing.measure.statistics import FORMAT, Statistics

SCHEMA = json.loads((Path(corpus.__file__).parent / "auditing" / "schema.json").read_bytes())


def mistakes(audit: dict[str, object]) -> list[str]:
    """Return where an audit is not what the schema says."""
    found = jsonschema.Draft202012Validator(SCHEMA).iter_errors(json.loads(json.dumps(audit)))
    return [f"{error.json_path}: {error.message[:200]}" for error in found]


def test_the_schema_is_one():
    """The schema is valid itself, and of the version that is written."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["format"]["const"] == FORMAT


def test_the_audit_of_a_build_is_as_the_schema_says(tiny_build):
    """Every key of a build's audit is described; a key more is a mistake."""
    _, _, audit = tiny_build
    assert mistakes(audit) == []
    assert mistakes(audit | {"more": 1}) != []


@pytest.mark.parametrize("texts", [[], [""], ["One text.", "Another one."]])
def test_the_audit_of_anything_is_as_the_schema_says(documents, texts):
    """So is that of a corpus of nothing, or of two documents."""
    from corpus.auditing.measure.counting import measure

    found = measure(documents(*texts), split="train", exactly=True) if texts else Statistics()
    assert mistakes(of_documents(found, compared=False)) == []


def test_the_audit_of_a_folder_is_as_the_schema_says(tiny_build):
    """Compared anew, and with a map of topics, it is as well."""
    folder, manifest, _ = tiny_build
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert mistakes(corpus.audit(folder).statistics) == []
