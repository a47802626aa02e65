"""Fingerprints: the code of a stage is everything that its module imports, and nothing else."""

from __future__ import annotations

import hashlib

import pytest

from corpus import fingerprints
from corpus.fingerprints import PACKAGE, code_hash


@pytest.mark.parametrize(
    ("file", "changed", "unchanged"),
    [
        ("similarity/shingling.py", "deduplicate", "filter"),
        ("words/characters.npz", "deduplicate", "custom"),
        ("languages/own_model.npz", "language", "filter"),
        ("languages/own_model.npz", "language", "deduplicate"),
    ],
)
def test_the_code_of_a_stage_is_what_it_imports(monkeypatch, file, changed, unchanged):
    """A change in a module or in a data file next to it changes only the stages that use it."""
    before = {stage: code_hash(f"corpus.stages.{stage}") for stage in (changed, unchanged)}
    file_hash = fingerprints._file_hash
    other = hashlib.sha256(b"other code").digest()
    monkeypatch.setattr(
        fingerprints,
        "_file_hash",
        lambda path: other if path == PACKAGE / file else file_hash(path),
    )
    assert code_hash(f"corpus.stages.{changed}") != before[changed]
    assert code_hash(f"corpus.stages.{unchanged}") == before[unchanged]
    monkeypatch.undo()
    assert {stage: code_hash(f"corpus.stages.{stage}") for stage in before} == before
