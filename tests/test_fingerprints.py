"""Tests of the hash of a stage's source code."""

from __future__ import annotations

import hashlib

from corpus import fingerprints
from corpus.fingerprints import PACKAGE, code_hash


def test_the_code_of_a_stage_includes_what_it_imports(monkeypatch):
    """A changed module or data file changes the code hash only of stages that import it."""
    before = {name: code_hash(f"corpus.stages.{name}") for name in ("deduplicate", "filter")}
    hashed = fingerprints._hashed
    for changed in ("similarity/shingling.py", "words/characters.npz"):
        other = hashlib.sha256(b"other code").digest()
        monkeypatch.setattr(
            fingerprints,
            "_hashed",
            lambda path, changed=changed, other=other: (
                other if path == PACKAGE / changed else hashed(path)
            ),
        )
        assert code_hash("corpus.stages.deduplicate") != before["deduplicate"], changed
        assert code_hash("corpus.stages.filter") == before["filter"], changed
    monkeypatch.undo()
    assert {name: code_hash(f"corpus.stages.{name}") for name in before} == before
