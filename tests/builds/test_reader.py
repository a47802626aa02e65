"""Damaged builds: every command names the damaged file and a remedy."""

from __future__ import annotations

import copy
import errno
import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import corpus
from corpus.auditing.compare.diff import diff
from corpus.auditing.explain.explain import explain
from corpus.builds.parse_manifest import parse_manifest
from corpus.builds.reader import (
    MANIFEST,
    build_around,
    find_manifest,
    is_build,
    load_manifest,
    manifest_at,
    manifest_of,
    read_manifest,
    table,
)
from corpus.cli.commands import main
from corpus.errors import CorpusError, EnvironmentFault, InputError
from corpus.pipeline.engine import Serial

CONFIG = """
name: gazette
sources:
  - path: in/*.jsonl
stages:
  - stage: deduplicate_lines
    documents: 2
  - stage: deduplicate
  - stage: split
    test: 0.3
card: {}
"""


def _replace(path: Path) -> None:
    """Replace a file by another one of the same format."""
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"x": [1, 2]}), path)
    else:
        path.write_text('["something", "else"]')


DAMAGES = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "garbage": lambda path: path.write_bytes(b"\xff\xfe garbage \x00" * 50),
    "deleted": lambda path: path.unlink(),
    "replaced": _replace,
}
"""What may happen to a file."""


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Return a folder with a config and its build, which has every kind of file."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "in").mkdir()
    notice = "This very line of the gazette stands in every one of its articles, word for word."
    texts = [
        f"Story {i} has words that no other has: {' '.join(f'w{i}x{j}' for j in range(30))}."
        for i in range(14)
    ]
    texts[1] = texts[0].replace("Story 0", "Story 00")
    rows = [json.dumps({"id": f"g{i}", "text": f"{t}\n{notice}"}) for i, t in enumerate(texts)]
    (folder / "in" / "a.jsonl").write_text("\n".join(rows) + "\n")
    (folder / "gazette.yaml").write_text(CONFIG)
    corpus.build(corpus.load_config(folder / "gazette.yaml"), engine=Serial())
    return folder


@pytest.fixture
def run(capsys):
    """Return a function that runs a command and returns its exit code and its output."""

    def run_command(*arguments: object) -> tuple[int, str]:
        before = signal.getsignal(signal.SIGTERM)
        try:
            with pytest.raises(SystemExit, match=r"^\d+$") as end:
                main([str(argument) for argument in arguments])
        finally:
            signal.signal(signal.SIGTERM, before)
        out, err = capsys.readouterr()
        return int(str(end.value)), out + err

    return run_command


def files_of(folder: Path) -> list[Path]:
    """Return every file of a build."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_the_build_has_every_kind_of_file(built):
    """The build that is damaged below has each file that a build may have."""
    names = {path.relative_to(built / "build").parts[1:] for path in files_of(built / "build")}
    assert {"lines.parquet", "removed.parquet", "rejected.parquet"} == {
        name[1] for name in names if name[0] == "ledger"
    }


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_command_reports_a_damaged_file(built, tmp_path, run, damage):
    """A command that needs the file names it with a remedy and exits with 3."""
    intact = built / "build" / "gazette"
    for name in [path.relative_to(intact) for path in files_of(intact)]:
        copied = tmp_path / "copy"
        shutil.copytree(intact, copied)
        DAMAGES[damage](copied / name)
        for command in (
            ("audit", copied, "-q"),
            ("explain", copied, "g0"),
            ("explain", copied, "g1"),
            ("diff", copied, intact),
            ("diff", intact, copied),
            ("verify", copied),
        ):
            code, output = run(*command)
            assert code in (0, 3, 5), (name, command, output)
            assert "Traceback" not in output
            if code == 3:
                assert str(copied / name) in output, (name, command, output)
                assert "verify" in output or "build again" in output, (name, command, output)
        code, output = run("verify", copied)
        assert code == (0 if name.name == "run.json" else code or -1), (name, output)
        shutil.rmtree(copied)


DELETED = object()
EDITS = (DELETED, None, "other", -1, [], {}, [[None]])
"""What a single value of a manifest is replaced by."""

READ_AGAIN = """
name seed as_of limit versions code code.read columns columns.0 config config.output config.card
config.sources config.sources.0 config.sources.0.path
config.stages config.stages.0 config.stages.0.stage
inputs inputs.0 inputs.0.source inputs.0.config counts counts.splits.train funnel funnel.0
funnel.0.stage splits.train splits.train.shards files files.README*md files.README*md.generated
stages.0 stages.0.metrics stages.1 stages.1.stage stages.1.threshold
stages.1.metrics stages.1.metrics.highest_left stages.1.metrics.recall_at_threshold
stages.1.metrics.clusters stages.1.metrics.clusters.largest.0
stages.1.metrics.near_misses stages.1.metrics.compared
stages.2.leakage_threshold stages.2.metrics stages.2.metrics.highest_left
"""
"""The places of a manifest that some command reads; `*` stands for a dot in a name."""


def edited(manifest: dict[str, Any], address: str, value: object) -> dict[str, Any]:
    """Return a manifest with one value replaced or deleted."""
    result = copy.deepcopy(manifest)
    into: Any = result
    *above, last = (
        int(key) if key.isdigit() else key.replace("*", ".") for key in address.split(".")
    )
    for key in above:
        into = into[key]
    if value is DELETED:
        del into[last]
    else:
        into[last] = value
    return result


@pytest.mark.parametrize("value", EDITS, ids=lambda value: "" if value is DELETED else repr(value))
def test_every_command_reads_or_refuses_an_edited_manifest(built, tmp_path, value):
    """An error names the build; no value of a manifest causes a traceback."""
    intact, copied = built / "build" / "gazette", tmp_path / "copy"
    shutil.copytree(intact, copied)
    manifest = json.loads((intact / MANIFEST).read_bytes())
    for address in READ_AGAIN.split():
        (copied / MANIFEST).write_text(json.dumps(edited(manifest, address, value)))
        for command in (
            lambda: str(diff(intact, copied)),
            lambda: corpus.verify(copied),
            lambda: [explain(copied, id) for id in ("g0", "g1")],
            lambda: corpus.audit(copied, topics=False).page(),
        ):
            message = error_of(command)
            assert not message or str(copied) in message, (address, message)


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EACCES])
def test_a_fault_of_the_disk_is_no_damage(built, monkeypatch, number):
    """The file may be intact: nobody should restore a copy, or build again over it."""
    folder = built / "build" / "gazette"

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    remedy = "allow your user" if number == errno.EACCES else "check the drive and try"
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", fail)
        with pytest.raises(EnvironmentFault, match=f"manifest.json: cannot be read.*{remedy}"):
            load_manifest(folder)
        with pytest.raises(EnvironmentFault):
            find_manifest(folder)
    with monkeypatch.context() as patch:
        patch.setattr(pq, "read_table", fail)
        patch.setattr(pq, "ParquetFile", fail)
        for filters in (None, [("id", "==", "a")]):
            with pytest.raises(EnvironmentFault, match=r"removed\.parquet: cannot be read"):
                table(folder, "ledger/removed.parquet", ["id"], filters)


def test_a_column_that_is_missing_is_damage(built):
    """A ledger without a column of this version is not read as if it had none."""
    folder = built / "build" / "gazette"
    for filters in (None, [("id", "==", "a")]):
        with pytest.raises(InputError, match=r"removed\.parquet"):
            table(folder, "ledger/removed.parquet", ["id", "no such column"], filters)


def test_an_unreadable_manifest_of_somebody_else_is_no_build(tmp_path, monkeypatch):
    """It is ignored in the folders above a corpus, whatever it is, as is a closed folder."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a" / MANIFEST).write_text("{}")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)
        assert build_around(inner) is None
        assert manifest_at(tmp_path / "a") is None
    with monkeypatch.context() as patch:
        patch.setattr(Path, "is_file", refuse)
        assert not is_build(inner)


def addresses(value: object, above: str = "") -> list[str]:
    """Return the address of every value inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    found = []
    for key, inner in items:
        address = f"{above}{str(key).replace('.', '*')}"
        found += [
            address,
            *(addresses(inner, f"{address}.") if isinstance(inner, dict | list) else []),
        ]
    return found


def test_verify_notices_a_change_of_any_value_of_the_manifest(built):
    """Settings, versions and descriptions are protected as counts and hashes are."""
    manifest = json.loads((built / "build" / "gazette" / MANIFEST).read_bytes())
    expected = parse_manifest(manifest).checksum
    assert expected == parse_manifest(manifest).computed_checksum()
    for address in addresses(manifest):
        for value in ("changed", DELETED):
            try:
                changed = parse_manifest(edited(manifest, address, value))
            except InputError:
                continue
            if address != "checksum":
                assert changed.computed_checksum() != expected, address


def test_verify_reports_a_changed_manifest(built, tmp_path):
    """A manifest of an earlier version has no checksum, which is no difference."""
    copied = tmp_path / "copy"
    shutil.copytree(built / "build" / "gazette", copied)
    manifest = json.loads((copied / MANIFEST).read_bytes())
    (copied / MANIFEST).write_text(json.dumps(manifest | {"as_of": "2020-01-01"}))
    assert corpus.verify(copied).differences == ("manifest.json: changed since it was built",)
    del manifest["checksum"]
    (copied / MANIFEST).write_text(json.dumps(manifest))
    assert corpus.verify(copied).differences == ()


def error_of(command: Callable[[], object]) -> str:
    """Return the message of a `CorpusError` that a command raises; any other error is a bug."""
    try:
        command()
    except CorpusError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("damage", DAMAGES)
def test_building_over_a_damaged_build_repairs_it_or_is_refused(built, tmp_path, run, damage):
    """With a damaged manifest the folder is not overwritten; any other damage is repaired."""
    shutil.copytree(built, tmp_path / "p", ignore=shutil.ignore_patterns(".*"))
    target = tmp_path / "p" / "build" / "gazette"
    for name in ("manifest.json", "README.md", "audit/audit.json", "ledger/removed.parquet"):
        data = (target / name).read_bytes()
        DAMAGES[damage](target / name)
        if name == "manifest.json":
            code, output = run("build", tmp_path / "p" / "gazette.yaml", "-q")
            assert (code, str(target / name) in output, "build again" in output) == (3, True, True)
            (target / name).write_bytes(data)
        else:
            config = corpus.load_config(tmp_path / "p" / "gazette.yaml")
            corpus.build(config, engine=Serial())
            assert corpus.verify(target).differences == ()


def test_a_manifest_of_another_program_is_not_a_build(tmp_path):
    """Other programs write a manifest.json, too; their folder is read as files."""
    (tmp_path / "manifest.json").write_text('{"name": "an app", "version": 3}')
    assert manifest_at(tmp_path) is None
    assert read_manifest(tmp_path) is None
    with pytest.raises(InputError, match=r"manifest\.json: not a corpus manifest: 'identity'"):
        manifest_of(tmp_path)


@pytest.mark.parametrize("name", ["../outside.parquet", "/etc/hostname", "data/../../x", ""])
def test_a_manifest_names_no_file_outside_of_its_build(built, name):
    """A name that is not below the folder of the build is refused."""
    manifest = manifest_of(built / "build" / "gazette")
    parse_manifest(manifest)
    manifest["files"][name] = {"bytes": 1, "sha256": "0"}
    with pytest.raises(InputError, match="outside of the build"):
        parse_manifest(manifest)
