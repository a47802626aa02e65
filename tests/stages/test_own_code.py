"""The code of a stage of the user's own: a change in any file that it may run is noticed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from corpus.errors import ConfigError, StageError
from corpus.pipeline.identity import stage_source, watched_files
from corpus.stages.base import Stage
from corpus.stages.custom import load_stage

STAGE = '''
from pathlib import Path
from typing import Literal
from corpus.stages import DocumentStage
%s

class Drop(DocumentStage):
    """Drop."""
    stage: Literal["drop"] = "drop"

    def files(self):
        return (%s)

    def apply(self, documents):
        from inner import words
        return documents
'''


OWN = ("a_package", "inner", "elsewhere", "behind")


@pytest.fixture
def library(tmp_path, monkeypatch) -> Path:
    """Return a folder on the path of Python with packages of helpers, beside that of the config."""
    library = tmp_path / "lib"
    for name in (
        "a_package/__init__.py",
        "a_package/words.py",
        "a_package/unused.py",
        "a_package/stages/__init__.py",
        "a_package/stages/near.py",
        "elsewhere.py",
        "behind.py",
        "inner/__init__.py",
        "inner/words.py",
    ):
        path = library / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("import behind\n" if name == "elsewhere.py" else "")
    imports = "from .. import words\nfrom . import near\nimport elsewhere, json, pyarrow"
    (library / "a_package" / "stages" / "drop.py").write_text(STAGE % (imports, ""))
    monkeypatch.syspath_prepend(library)
    yield library
    for name in [name for name in sys.modules if name.startswith(OWN)]:
        del sys.modules[name]


def stage_of(use: str, folder: Path) -> Stage:
    """Return the stage that `use` names."""
    return load_stage(use, folder)()


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("a_package/stages/drop.py", True),
        ("a_package/stages/near.py", True),
        ("a_package/stages/__init__.py", True),
        ("a_package/words.py", True),
        ("a_package/__init__.py", True),
        ("elsewhere.py", True),
        ("behind.py", True),
        ("inner/__init__.py", True),
        ("inner/words.py", True),
        ("a_package/unused.py", False),
    ],
)
def test_a_change_in_any_module_that_a_stage_imports_is_a_change_of_the_stage(
    name, counts, library, tmp_path
):
    """Parent packages, modules on the path of Python and imports in functions count, too."""
    stage = stage_of("a_package.stages.drop:Drop", tmp_path)
    before, watched = stage_source(stage), watched_files([stage])
    path = library / name
    path.write_text(path.read_text() + "X = 1\n")

    assert (stage_source(stage) != before) == counts
    assert [file.path for file in watched if file.has_changed] == ([str(path)] if counts else [])


def test_a_stage_beside_the_config_has_the_code_of_its_helpers(library, tmp_path):
    """Files in the folder of the config count, and what these import from elsewhere."""
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages" / "helper.py").write_text("import elsewhere")
    (tmp_path / "stages" / "mine.py").write_text(STAGE % ("import helper", ""))
    stage = stage_of("mine:Drop", tmp_path / "stages")
    identities = {stage_source(stage)}
    (tmp_path / "stages" / "helper.py").write_text("import elsewhere\nX = 1")
    identities.add(stage_source(stage))
    (library / "behind.py").write_text("X = 1")
    identities.add(stage_source(stage))

    assert len(identities) == 3


def test_the_files_of_a_stage_are_part_of_it(tmp_path):
    """A list of words or a model that `files` names counts by its content."""
    (tmp_path / "words.txt").write_text("apple")
    (tmp_path / "mine.py").write_text(STAGE % ("", "Path(__file__).parent / 'words.txt',"))
    stage = stage_of("mine:Drop", tmp_path)
    before, watched = stage_source(stage), watched_files([stage])
    assert str(tmp_path / "words.txt") in {file.path for file in watched}
    (tmp_path / "words.txt").write_text("pears")
    assert stage_source(stage) != before

    (tmp_path / "mine.py").write_text(STAGE % ("", "1 / 0,"))
    with pytest.raises(StageError, match=r"mine\.py:\d+: stage 'drop' raised ZeroDivisionError"):
        stage_source(stage_of("mine:Drop", tmp_path))


def test_a_stage_that_was_edited_after_it_was_loaded_is_refused(tmp_path):
    """The code that runs would not be the code that is hashed."""
    (tmp_path / "mine.py").write_text(STAGE % ("", ""))
    stage = stage_of("mine:Drop", tmp_path)
    (tmp_path / "mine.py").write_text(STAGE % ("X = 1", ""))
    with pytest.raises(ConfigError, match=r"mine\.py: changed since the build began; build again"):
        stage_source(stage)


def test_code_that_cannot_be_parsed_or_found_is_left_to_the_import(tmp_path):
    """Searching for code neither runs it nor fails on it."""
    (tmp_path / "broken.py").write_text("def")
    (tmp_path / "mine.py").write_text(
        STAGE % ("if False:\n    import broken, missing, xml.missing\n    from .... import x", "")
    )
    assert stage_source(stage_of("mine:Drop", tmp_path))
