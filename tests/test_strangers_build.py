"""Reading somebody else's build opens nothing outside of it: no file, no address, no code.

Python's audit hooks see what Python opens. Tables are opened by pyarrow in C++, so links and pipes
in their place are tested by what a command says about them.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import corpus
from corpus.errors import CorpusError, InputError
from corpus.pipeline.engine import Serial

CANARY = "CANARY of the reader's own file"
ID = "doc-3"


class Watch:
    """Records what this process opens: paths, addresses, programs, native libraries, modules."""

    EVENTS = (
        "open", "socket.", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn",
        "ctypes.dlopen", "import",
    )  # fmt: skip

    def __init__(self) -> None:
        self.on = False
        self.events: list[tuple[str, str]] = []
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Record an event of Python's audit hooks."""
        if self.on and event.startswith(self.EVENTS) and event != "socket.__new__":
            self.events.append((event, str(arguments[0] if arguments else "")))

    def opened(self, folder: Path) -> set[Path]:
        """Return the files below a folder that were opened."""
        paths = {Path(path).resolve() for event, path in self.events if event == "open"}
        return {path for path in paths if path.is_relative_to(folder)}

    def others(self) -> set[str]:
        """Return every other event: an address, a program, a native library."""
        return {event for event, _ in self.events if event not in ("open", "import")}

    def imported(self) -> set[str]:
        """Return the modules that were looked for."""
        return {name for event, name in self.events if event == "import"}


WATCH = Watch()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Watch what is opened during a test."""
    WATCH.events.clear()
    WATCH.on = True
    yield WATCH
    WATCH.on = False


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    """Return a build of a few documents."""
    folder = tmp_path_factory.mktemp("home")
    rows = [{"id": f"doc-{i}", "text": f"The ferry to island {i} left at noon."} for i in range(9)]
    (folder / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    config = {
        "name": "news",
        "sources": [{"path": str(folder / "in.jsonl")}],
        "stages": [{"stage": "split", "test": 0.3, "leakage_threshold": None}],
        "output": {"path": str(folder / "news")},
    }
    return corpus.build(config, engine=Serial(), progress=False).path


@pytest.fixture
def stranger(original, tmp_path, monkeypatch) -> Path:
    """Return a downloaded build; beside it are a file of the reader's own, and another build."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "modules")
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "fasttext.py").write_text("raise SystemExit('a model was loaded')")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "in.jsonl").write_text(json.dumps({"id": ID, "text": CANARY}))
    shutil.copytree(original, tmp_path / "dl" / "news")
    shutil.copytree(original, tmp_path / "other")
    manifest = json.loads((original / "manifest.json").read_text())
    for name, entry in manifest["files"].items():  # so that a comparison reads the tables
        entry["sha256"] = "0" * 64 if name.endswith(".parquet") else entry["sha256"]
    (tmp_path / "other" / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path / "dl" / "news"


def files_of_builds(build: Path) -> set[Path]:
    """Return the two builds that the user names, and their files."""
    other = build.parents[1] / "other"
    return {build, other, *build.rglob("*"), *other.rglob("*")}


def change_config(build: Path, **changes: object) -> None:
    """Change the config in the manifest of a build."""
    manifest = json.loads((build / "manifest.json").read_text())
    manifest["config"] |= changes
    (build / "manifest.json").write_text(json.dumps(manifest))


def with_data_files(address: str) -> Callable[[Path], None]:
    """Return what makes a build name its own folder, whose README names an address."""

    def change(build: Path) -> None:
        (build / "README.md").write_text(
            f"---\nconfigs:\n- config_name: default\n  data_files: {address}\n---\n"
        )
        change_config(build, sources=[{"path": "dl/news", "format": "huggingface"}])

    return change


def evil_stage(build: Path) -> None:
    """Let a build name a stage whose code lies in the build."""
    (build / "evil.py").write_text("raise SystemExit('code of the build ran')")
    (build / "evil.yaml").write_text("name: e\nsources: [in]\nstages: [{use: 'evil:Evil'}]\n")
    change_config(build, stages=[{"use": "evil:Evil"}])


def evil_model(build: Path) -> None:
    """Let a build name a native model that lies in the build."""
    (build / "evil.bin").write_bytes(b"crafted")
    shutil.copy(build.parents[1] / "own" / "in.jsonl", build / "in.jsonl")
    stage = {"stage": "language", "backend": "fasttext", "model": "evil.bin"}
    change_config(build, sources=[{"path": "in.jsonl"}], stages=[stage])


ATTACKS: dict[str, Callable[[Path], None]] = {
    "http": with_data_files("http://127.0.0.1:9/x.jsonl"),
    "ftp": with_data_files("ftp://127.0.0.1:9/x.jsonl"),
    "hf": with_data_files("hf://datasets/attacker/set/x.jsonl"),
    "dataset": lambda build: change_config(
        build, sources=[{"path": "attacker/set", "format": "huggingface"}]
    ),
    "s3": lambda build: change_config(build, sources=[{"path": "s3://attacker/in.jsonl"}]),
    "absolute": lambda build: change_config(
        build, sources=[{"path": str(build.parents[1] / "own" / "in.jsonl")}]
    ),
    "above": lambda build: change_config(build, sources=[{"path": "../../own/in.jsonl"}]),
    "home": lambda build: change_config(build, sources=[{"path": "~/in.jsonl"}]),
    "working directory": lambda build: change_config(build, sources=[{"path": "own/in.jsonl"}]),
    "stage": evil_stage,
    "model": evil_model,
    "reference": lambda build: change_config(
        build, stages=[{"stage": "containment", "against": "../../own"}]
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_build_does_not_choose_what_explain_opens(stranger, tmp_path, watch, attack):
    """Without the user's config, only files of the build are opened."""
    ATTACKS[attack](stranger)
    places = {"config": str(stranger / "evil.yaml"), "output": str(stranger)}
    (stranger / "run.json").write_text(json.dumps(places))
    watch.events.clear()

    text = str(corpus.explain(stranger, ID))

    assert "add --config CONFIG" in text
    assert CANARY not in text
    assert watch.opened(tmp_path) <= {stranger, *stranger.rglob("*")}
    assert watch.others() == set()
    assert not watch.imported() & {"evil", "fasttext", "datasets", "huggingface_hub"}
    assert stranger / "evil.yaml" not in watch.opened(tmp_path)


COMMANDS: dict[str, Callable[[Path], object]] = {
    "verify": corpus.verify,
    "audit": lambda build: corpus.audit(build, topics=False, progress=False),
    "explain": lambda build: corpus.explain(build, ID),
    "diff": lambda build: corpus.diff(build, build.parents[1] / "other"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_reading_a_build_opens_only_its_files(stranger, tmp_path, watch, command):
    """No command opens another file of the reader, an address or a program."""
    COMMANDS[command](stranger)

    assert watch.opened(tmp_path) <= files_of_builds(stranger)
    assert not {event for event in watch.others() if event != "ctypes.dlopen"}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["manifest.json", "data", "ledger/removed.parquet"])
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_links_out_of_a_build_are_not_followed(stranger, tmp_path, watch, command, name, kind):
    """A link that leads out of the build, and a pipe, are named and not opened."""
    shard = next(iter(sorted((stranger / "data").rglob("*.parquet"))))
    path = shard if name == "data" else stranger / name
    path.rename(tmp_path / "outside")
    if kind == "link":
        path.symlink_to(tmp_path / "outside")
    else:
        os.mkfifo(path)
    watch.events.clear()

    try:
        shown = str(COMMANDS[command](stranger))
    except InputError as error:
        shown = str(error)

    if (command, name) != ("diff", "ledger/removed.parquet"):  # documents that are equal need none
        assert str(path.relative_to(stranger)) in shown
        assert "leads out of the build" in shown or "not a file" in shown
    assert watch.opened(tmp_path) <= files_of_builds(stranger)


def test_a_link_within_a_build_is_followed(stranger):
    """A link that stays in the build is a file of the build."""
    (stranger / "README.md").rename(stranger / "card.md")
    (stranger / "README.md").symlink_to("card.md")
    assert corpus.verify(stranger).differences == ("card.md: not part of the build",)


def test_ones_own_build_is_explained_from_its_source(original):
    """Who made a build need not name its config: this machine remembers where it is."""
    assert "read: record 4 (text)" in str(corpus.explain(original, ID))


def test_a_build_names_no_place_of_the_machine(original):
    """`run.json` has no host, no process and no folder: a build may be published."""
    text = (original / "run.json").read_text()
    run = json.loads(text)

    assert run.keys() == {"started", "seconds", "workers", "engine", "config"}
    assert socket.gethostname() not in text or len(socket.gethostname()) < 3
    assert str(original.parent) not in text


def test_a_dataset_of_the_hub_is_not_taken_for_a_folder(tmp_path, monkeypatch, watch):
    """A folder of the working directory is not loaded, nor the addresses that its README names."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "owner" / "set").mkdir(parents=True)
    (tmp_path / "owner" / "set" / "README.md").write_text(
        "---\nconfigs:\n- config_name: default\n  data_files: http://127.0.0.1:9/x.jsonl\n---\n"
    )
    (tmp_path / "configs").mkdir()
    for path in ("owner/set", "hf://datasets/owner/set", "json", "../x", "."):
        source = {"path": path, "format": "huggingface"}
        config = {"name": "c", "sources": [source], "output": {"path": str(tmp_path / "out")}}
        (tmp_path / "configs" / "c.yaml").write_text(json.dumps(config))
        with pytest.raises(CorpusError):
            corpus.build(tmp_path / "configs" / "c.yaml", engine=Serial(), progress=False)
    assert not {event for event in watch.others() if event.startswith("socket.")}
