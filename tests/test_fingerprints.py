"""Fingerprints: the code of a stage is everything that its module imports, and nothing else."""

from __future__ import annotations

import hashlib

import pytest

from corpus import fingerprints
from corpus.fingerprints import PACKAGE, code_hash, sources_hash


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


@pytest.mark.parametrize("module", sorted(path.stem for path in (PACKAGE / "stages").glob("*.py")))
def test_no_stage_depends_on_the_functions_of_the_api(monkeypatch, module):
    """`from corpus import storage` imports a module, not the package with the whole API."""
    before = code_hash(f"corpus.stages.{module}")
    file_hash = fingerprints._file_hash
    monkeypatch.setattr(
        fingerprints, "_file_hash", lambda path: file_hash(path) * (1 + (path.stem == "api"))
    )
    assert code_hash(f"corpus.stages.{module}") == before


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("from corpus import storage", ["corpus.storage"]),
        ("from corpus import storage as disk, trees  # noqa", ["corpus.storage", "corpus.trees"]),
        (
            "from corpus import (\n    storage,  # writes\n    trees,\n)",
            ["corpus.storage", "corpus.trees"],
        ),
        ("    from corpus import build", ["corpus", "corpus.build"]),
        ("from corpus import storage, build", ["corpus", "corpus.storage", "corpus.build"]),
        ("from corpus import *", ["corpus"]),
        ("import corpus.storage", ["corpus.storage"]),
        ("import corpus", ["corpus"]),
        ("from corpus.words import folding", ["corpus.words.folding"]),
        ("from corpus.storage import remove", ["corpus.storage", "corpus.storage.remove"]),
    ],
)
def test_a_package_is_imported_if_a_name_is_its_own(tmp_path, line, names):
    """A package is left out only if each imported name is a module in it."""
    (tmp_path / "a.py").write_text(f"{line}\n")
    assert sorted(fingerprints._imported_names(tmp_path / "a.py")) == sorted(names)


def test_every_file_of_the_package_is_part_of_its_hash(monkeypatch):
    """Data and templates, too, in every folder; but nothing that Python makes of them."""
    names = fingerprints._package_files()
    files = {path for path in PACKAGE.rglob("*") if path.is_file()}
    expected = {path for path in files if "__pycache__" not in path.parts}
    assert set(names.values()) == expected
    assert all(PACKAGE / name == path for name, path in names.items())
    before = sources_hash()
    sources_hash.cache_clear()
    monkeypatch.setattr(fingerprints, "_package_files", lambda: names | {"new.css": PACKAGE / "x"})
    monkeypatch.setattr(fingerprints, "_file_hash", lambda path: path.name.encode())
    assert sources_hash() != before
    monkeypatch.undo()
    sources_hash.cache_clear()
    assert sources_hash() == before
