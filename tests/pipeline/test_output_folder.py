"""What people put into the folder of a build is never deleted, whenever they put it there."""

from __future__ import annotations

import json
import os

import pytest
import yaml

from corpus.builds.verify import verify
from corpus.config.load import load_config
from corpus.errors import ConfigError
from corpus.pipeline import publish
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from corpus.pipeline.output_folder import BuildFolders, refuse_foreign_files


def data_files(built):
    """Return the names of the shards of a build, as its manifest has them; they exist."""
    names = built.manifest["splits"]["train"]["shards"]
    assert names == [f"data/{path.name}" for path in sorted((built.path / "data").iterdir())]
    return names


def rebuild(folder, day, **settings):
    """Build a corpus of one document into `folder/out/news`."""
    record = {"id": "1", "text": f"The council met on day {day} and adjourned."}
    (folder / "in.jsonl").write_text(json.dumps(record) + "\n")
    settings |= {
        "name": "news",
        "sources": [{"path": str(folder / "in.jsonl")}],
        "stages": [{"stage": "clean"}],
        "output": {"path": str(folder / "out" / "news")},
    }
    return build(load_config(settings), engine=Serial())


def change_during_build(monkeypatch, change):
    """Call `change` after the new build is described, before it is published."""
    real = publish.write_run_json

    def late(*arguments, **options):
        real(*arguments, **options)
        change()

    monkeypatch.setattr(publish, "write_run_json", late)


def test_what_is_put_into_a_build_during_a_rebuild_is_kept(tmp_path, monkeypatch):
    """A foreign file, link or pipe stops the publication; the old build is still there."""
    built = rebuild(tmp_path, 1)
    foreign = [built.path / "data" / name for name in ("link", "notes", "pipe")]

    def put() -> None:
        foreign[0].symlink_to("/nowhere")
        foreign[1].write_text("mine")
        os.mkfifo(foreign[2])

    with monkeypatch.context() as patch:
        change_during_build(patch, put)
        with pytest.raises(ConfigError, match=f"^{foreign[0]}: not part of the build.*again"):
            rebuild(tmp_path, 2)

    differences = [f"data/{path.name}: not part of the build" for path in foreign]
    assert list(verify(built.path).differences) == differences


def test_a_card_edited_during_a_rebuild_is_kept(tmp_path, monkeypatch):
    """The edit stops the publication; the next build takes it over."""
    card = rebuild(tmp_path, 1).path / "README.md"
    edit = "Edited by hand.\n"
    with monkeypatch.context() as patch:
        change_during_build(patch, lambda: card.write_text(card.read_text() + edit))
        with pytest.raises(ConfigError, match="edited while the corpus was built"):
            rebuild(tmp_path, 2)

    assert card.read_text().endswith(edit)
    rebuild(tmp_path, 2)
    assert card.read_text().endswith(edit)


def test_shards_of_other_data_have_other_names(tmp_path):
    """A reader that has the names of a build finds its data, or nothing; never other data."""
    built = rebuild(tmp_path, 1)
    first = data_files(built)
    (card,) = yaml.safe_load((built.path / "README.md").read_text().split("---")[1])["configs"]

    assert [file["path"] for file in card["data_files"]] == [first]
    assert data_files(rebuild(tmp_path, 1, card={"pretty_name": "Other"})) == first
    assert not {*data_files(rebuild(tmp_path, 2))} & {*first}
    assert verify(built.path)


def test_an_empty_hidden_folder_stops_no_build(tmp_path):
    """A build that was killed before it wrote its lock leaves an empty folder, which is used."""
    (tmp_path / "out" / ".news").mkdir(parents=True)

    assert verify(rebuild(tmp_path, 1).path)


def test_a_build_inside_another_build_is_refused(tmp_path):
    """It would be foreign to the outer build, whose verification would report it as damage."""
    outer = tmp_path / "news"
    (outer / "ledger").mkdir(parents=True)
    (outer / "ledger" / "removed.parquet").touch()
    for inner in (outer / "inner", outer / "data" / "x"):
        with pytest.raises(ConfigError, match=r"inside the build .*; choose another output\.path"):
            refuse_foreign_files(BuildFolders(inner))
