"""The code of a stage is all that its module leads to, and nothing else."""

from __future__ import annotations

import hashlib

from corpus import fingerprints
from corpus.fingerprints import PACKAGE, code_hash


def test_a_stage_is_made_of_what_it_imports(monkeypatch):
    """Another shingling or table of characters is other code of deduplicate, and none of filter."""
    before = {name: code_hash(f"corpus.stages.{name}") for name in ("deduplicate", "filter")}
    held = fingerprints._hashed
    for changed in ("similarity/shingling.py", "words/characters.npz"):
        other = hashlib.sha256(b"other code").digest()
        monkeypatch.setattr(
            fingerprints,
            "_hashed",
            lambda path, changed=changed, other=other: (
                other if path == PACKAGE / changed else held(path)
            ),
        )
        assert code_hash("corpus.stages.deduplicate") != before["deduplicate"], changed
        assert code_hash("corpus.stages.filter") == before["filter"], changed
    monkeypatch.undo()
    assert {name: code_hash(f"corpus.stages.{name}") for name in before} == before
