"""Archives as sources of a build: the archive is the input, its members are the sources."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

import corpus
from corpus.builds.verify import verify
from corpus.config.load import load_config
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from corpus.pipeline.result import Build

WORDS = ["harbour", "ferry", "tide", "keeper", "lantern", "pier", "gull", "net", "mast", "anchor"]


def text(number: int) -> str:
    """Return a text of its own for each number."""
    return " ".join(WORDS[(number * 3 + i * (number % 7 + 1)) % 10] for i in range(60)) + "."


def write_archive(path: Path, members: dict[str, str]) -> None:
    """Write a zip or tar archive."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            archive.addfile(info, io.BytesIO(content.encode()))


def build_folder(folder: Path, **settings: object) -> Build:
    """Build a corpus from the folder `in`."""
    source = {"path": "in", "content": "text", **settings}
    config = {"name": "tides", "sources": [source], "stages": [], "on_error": 0.5}
    config["output"] = {"path": "out"}
    (folder / "c.yaml").write_text(json.dumps(config))
    return build(load_config(folder / "c.yaml"), engine=Serial())


@pytest.fixture(params=["a.zip", "a.tar.gz"])
def built(request, tmp_path) -> Build:
    """Return a build of an archive and a file."""
    (tmp_path / "in").mkdir()
    lines = "".join(json.dumps({"id": str(i), "text": text(i)}) + "\n" for i in (1, 2))
    members = {"d/1.txt": text(3), "d/2.txt": text(4), "t.jsonl": lines + "{\n", "x.pdf": "?"}
    write_archive(tmp_path / "in" / request.param, members)
    (tmp_path / "in" / "b.txt").write_text(text(5))
    return build_folder(tmp_path, extra_columns=[])


def test_an_archive_is_one_input(built, tmp_path):
    """The manifest has the archive's hash and the sums of its members; they are the sources."""
    first, second = built.manifest["inputs"]
    name = first["source"]
    rows = built.load()["train"].to_list()

    assert (first["records"], first["rejected"], second["source"]) == (4, 1, "b.txt")
    assert sorted(row["source"] for row in rows) == [
        *(f"{name}/d/1.txt", f"{name}/d/2.txt", f"{name}/t.jsonl", f"{name}/t.jsonl", "b.txt"),
    ]
    assert built.manifest["skipped_files"] == [
        {"config": 0, "kind": ".pdf", "files": 1, "names": [f"{name}/x.pdf"]}
    ]
    assert first["bytes"] == (tmp_path / "in" / name).stat().st_size


def test_a_build_from_an_archive_is_explained_and_verified(built, tmp_path):
    """`explain` finds the record in the archive; `verify --inputs` hashes the archive."""
    row = next(row for row in built.load()["train"].to_list() if row["source"].endswith("d/2.txt"))

    explained = str(corpus.explain(built.path, row["id"], config=tmp_path / "c.yaml"))
    assert f"read: record 1 (text), {len(text(4))} characters" in explained
    assert "changed" not in explained
    assert list(verify(built.path, load_config(tmp_path / "c.yaml")).differences) == []


def test_members_give_the_same_documents_as_files(built, tmp_path):
    """The same files give the same texts and ids as in the archive, except for the source."""
    folder = tmp_path / "files"
    for name, content in (("d/1.txt", text(3)), ("d/2.txt", text(4))):
        path = folder / "in" / built.manifest["inputs"][0]["source"] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    unpacked = {row["id"]: row for row in build_folder(folder).load()["train"].to_list()}
    packed = {row["id"]: row for row in built.load()["train"].to_list()}

    assert len(unpacked) == 2
    assert all(packed[id]["text"] == row["text"] for id, row in unpacked.items())
