"""Make a small corpus, build it, and compare builds byte for byte."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.config.load import load_config
from corpus.errors import as_corpus_error
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from corpus.pipeline.output_folder import BuildFolders

PROJECT = Path(__file__).parents[2]
LASTING = frozenset(["lock"])
"""What may stay in the hidden folder beside a build."""

CONFIG = """\
name: wagons
seed: 17
sources: [{path: 'in/*.jsonl'}]
stages:
  - {stage: filter, words: {min: 5}}
  - deduplicate_lines
  - {stage: deduplicate}
  - {stage: split, test: 0.1}
on_error: 0.5
output: {path: work/wagons, shard_size: 30kB}
"""
_WORDS = (  # noqa: SIM905  (shorter)
    "wagon lamp rope flour station signal morning engine driver river bridge market winter harvest "
    "letter garden council school teacher harbour ship captain storm island mountain valley road"
).split()

Contents = dict[str, str]
"""The SHA-256 of each file of a build, without `run.json`."""


def articles(first: int, last: int, *, sentences: int = 8) -> list[dict[str, Any]]:
    """Return articles of these numbers. An article depends only on its number."""
    return [_article(number, sentences) for number in range(first, last)]


def _article(number: int, sentences: int) -> dict[str, Any]:
    draw = random.Random(number)  # noqa: S311  (no secret)
    text = "\n".join(
        " ".join(draw.choices(_WORDS, k=14)).capitalize() + "." for _ in range(sentences)
    )
    return {"id": f"a{number}", "title": f"Wagon {number}", "section": "news", "text": text}


def lines(records: Sequence[dict[str, Any]]) -> bytes:
    """Return records as JSON Lines."""
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def write_corpus(folder: Path, *, files: int = 2, per_file: int = 40, sentences: int = 8) -> Path:
    """Write a corpus and its config below `folder`; return the path of the config.

    The last file repeats some articles and ends with a line that is not JSON.
    """
    (folder / "in").mkdir(parents=True)
    for number in range(files):
        records = articles(number * per_file, (number + 1) * per_file, sentences=sentences)
        data = lines(records)
        if number == files - 1:
            data += lines([record | {"id": f"{record['id']}-again"} for record in records[:9]])
            data += b"this line is not JSON\n"
        (folder / "in" / f"{number}.jsonl").write_bytes(data)
    config = folder / "wagons.yaml"
    config.write_text(CONFIG)
    return config


def contents(folder: Path) -> Contents | None:
    """Return the hashes of the files of a build, or None if there is no folder."""
    if not folder.is_dir():
        return None
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


def difference(one: Contents | None, other: Contents | None) -> str:
    """Return the names of files that differ between two builds; empty if the builds are equal."""
    if one is None or other is None:
        return "" if one is other else "one build does not exist"
    names = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def leftovers(target: Path) -> list[str]:
    """Return the scratch files that a build has left beside its folder."""
    hidden, cache = BuildFolders(target).hidden, BuildFolders(target).cache
    found = [path for path in hidden.glob("*") if path.name not in LASTING]
    for folder in (hidden, cache):
        found += [path for path in folder.rglob("*") if path.name.endswith(".half")]
    found += [path for path in target.parent.iterdir() if path not in (target, hidden, cache)]
    return sorted({path.relative_to(target.parent).as_posix() for path in found})


def build_here(config: Path, *settings: str, force: bool = False) -> None:
    """Build in this process, without workers."""
    build(load_config(config, settings), engine=Serial(), force=force)


def outcome_of(action: Callable[[], object]) -> tuple[int, str]:
    """Run an action; return its exit code and message, as the command would give them."""
    try:
        action()
    except Exception as error:  # noqa: BLE001  every error has an exit code
        known = as_corpus_error(error)
        return (known.exit_code if known else 1), f"{type(error).__name__}: {known or error}"
    return 0, ""


def outcome_in_child(action: Callable[[], object], report: Path) -> tuple[int, str]:
    """Run an action in a forked process; return its exit code and message.

    The code is negative if a signal ended the process. `report` is a file for the message.
    """
    report.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code, message = outcome_of(action)
            report.write_text(message)
        finally:
            os._exit(code)
    status = os.waitpid(child, 0)[1]
    return os.waitstatus_to_exitcode(status), report.read_text() if report.exists() else ""


@dataclass(frozen=True)
class Place:
    """A folder with a corpus, an old build of a part of it, and a build of all of it."""

    folder: Path
    config: Path
    old: Contents
    new: Contents

    @property
    def target(self) -> Path:
        """Where builds are made."""
        return self.folder / "work" / "wagons"

    def reset(self) -> None:
        """Put the old build back, without a cache."""
        shutil.rmtree(self.target.parent, ignore_errors=True)
        self.target.parent.mkdir()
        shutil.copytree(self.folder / "old" / "wagons", self.target)

    def state(self) -> str:
        """Return which build is visible: `old`, `new`, `absent` or `OTHER`."""
        seen = contents(self.target)
        if seen is None:
            return "absent"
        return "old" if seen == self.old else "new" if seen == self.new else "OTHER"


def make_place(folder: Path, **size: int) -> Place:
    """Write a corpus, and build a part of it and all of it."""
    config = write_corpus(folder, **size)
    build_here(config, "sources.0.path=in/0.jsonl", f"output.path={folder}/old/wagons")
    build_here(config, f"output.path={folder}/new/wagons")
    old, new = contents(folder / "old" / "wagons"), contents(folder / "new" / "wagons")
    assert old  # noqa: S101  the builds have just been made
    assert new  # noqa: S101
    return Place(folder, config, old, new)


COMMAND = Path(__file__).with_name("corpus_command.py")


def command(*arguments: str) -> list[str]:
    """Return the command line of corpus with these arguments.

    As with the installed command, the current folder is not on the path of modules.
    """
    return [sys.executable, str(COMMAND), *arguments]


def run_command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command of corpus, and return its exit code and output."""
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, check=False, **options
    )
