"""A build whose files were cut short, emptied or overwritten is told as that, by every command."""

from __future__ import annotations

import copy
import json
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
from corpus.builds.reader import MANIFEST, manifest_at, manifest_of, read_manifest, wrong
from corpus.cli.commands import main
from corpus.errors import CorpusError, InputError
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


def _another(path: Path) -> None:
    """Put something of the same format in the file's place that is not what was built."""
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"x": [1, 2]}), path)
    else:
        path.write_text('["something", "else"]')


HARMS = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "emptied": lambda path: path.write_bytes(b""),
    "rubbish": lambda path: path.write_bytes(b"\xff\xfe rubbish \x00" * 50),
    "gone": lambda path: path.unlink(),
    "another": _another,
}
"""What happens to files."""


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Return a folder with a config and its build, in which every kind of file is."""
    folder = tmp_path_factory.mktemp("opened")
    (folder / "in").mkdir()
    said = "This very line of the gazette stands in every one of its articles, word for word."
    texts = [
        f"Story {i} is told in words that no other has: {' '.join(f'w{i}x{j}' for j in range(30))}."
        for i in range(14)
    ]
    texts[1] = texts[0].replace("Story 0", "Story 00")
    rows = [json.dumps({"id": f"g{i}", "text": f"{t}\n{said}"}) for i, t in enumerate(texts)]
    (folder / "in" / "a.jsonl").write_text("\n".join(rows) + "\n")
    (folder / "gazette.yaml").write_text(CONFIG)
    corpus.build(corpus.load_config(folder / "gazette.yaml"), engine=Serial())
    return folder


@pytest.fixture
def run(capsys):
    """Run a command; return its exit code, and what it printed and said."""

    def ran(*arguments: object) -> tuple[int, str]:
        before = signal.getsignal(signal.SIGTERM)
        try:
            with pytest.raises(SystemExit, match=r"^\d+$") as end:
                main([str(argument) for argument in arguments])
        finally:
            signal.signal(signal.SIGTERM, before)
        out, err = capsys.readouterr()
        return int(str(end.value)), out + err

    return ran


def files_of(folder: Path) -> list[Path]:
    """Return every file of a build."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_every_kind_of_file_is_there(built):
    """The build that is harmed below has each file that a build may have."""
    names = {path.relative_to(built / "build").parts[1:] for path in files_of(built / "build")}
    assert {"lines.parquet", "removed.parquet", "rejected.parquet"} == {
        name[1] for name in names if name[0] == "ledger"
    }


@pytest.mark.parametrize("harm", HARMS)
def test_no_harm_to_a_file_is_a_bug_to_any_command(built, tmp_path, run, harm):
    """What reads a harmed file names it and says what to do, and exits with 3; the rest is done."""
    whole = built / "build" / "gazette"
    for name in [path.relative_to(whole) for path in files_of(whole)]:
        hurt = tmp_path / "hurt"
        shutil.copytree(whole, hurt)
        HARMS[harm](hurt / name)
        for command in (
            ("audit", hurt, "-q"),
            ("explain", hurt, "g0"),
            ("explain", hurt, "g1"),
            ("diff", hurt, whole),
            ("diff", whole, hurt),
            ("verify", hurt),
        ):
            code, told = run(*command)
            assert code in (0, 3, 5), (name, command, told)
            assert "Traceback" not in told
            if code == 3:
                assert str(hurt / name) in told, (name, command, told)
                assert "verify" in told or "build again" in told, (name, command, told)
        code, told = run("verify", hurt)
        assert code == (0 if name.name == "run.json" else code or -1), (name, told)
        shutil.rmtree(hurt)


REMOVED_DETAIL = object()
EDITS = (REMOVED_DETAIL, None, "other", -1, [], {}, [[None]])
"""What a single value of a manifest may have become."""

READ_AGAIN = """
name seed as_of limit versions code code.read columns columns.0 config config.output config.card
config.sources config.sources.0 config.sources.0.path
config.stages config.stages.0 config.stages.0.stage
inputs inputs.0 inputs.0.source inputs.0.config counts counts.splits.train funnel funnel.0
funnel.0.stage splits.train splits.train.shards files files.README*md files.README*md.generated
stages.0 stages.0.facts stages.1 stages.1.stage stages.1.threshold
stages.1.facts stages.1.facts.highest_left stages.1.facts.recall_at_threshold
stages.1.facts.clusters stages.1.facts.clusters.largest.0
stages.1.facts.near_misses stages.1.facts.compared
stages.2.leakage_threshold stages.2.facts stages.2.facts.highest_left
"""
"""Where of a manifest a reader looks; `*` stands for a point in a name."""


def edited(manifest: dict[str, Any], address: str, value: object) -> dict[str, Any]:
    """Return a manifest of which one value is another, or gone."""
    found = copy.deepcopy(manifest)
    into: Any = found
    *above, last = (
        int(key) if key.isdigit() else key.replace("*", ".") for key in address.split(".")
    )
    for key in above:
        into = into[key]
    if value is REMOVED_DETAIL:
        del into[last]
    else:
        into[last] = value
    return found


@pytest.mark.parametrize(
    "value", EDITS, ids=lambda value: "" if value is REMOVED_DETAIL else repr(value)
)
def test_no_edit_of_a_manifest_is_a_bug_to_any_command(built, tmp_path, value):
    """Where one value is another, what is read again is used, or told with the build it is of."""
    whole, hurt = built / "build" / "gazette", tmp_path / "hurt"
    shutil.copytree(whole, hurt)
    manifest = json.loads((whole / MANIFEST).read_bytes())
    for address in READ_AGAIN.split():
        (hurt / MANIFEST).write_text(json.dumps(edited(manifest, address, value)))
        for command in (
            lambda: str(diff(whole, hurt)),
            lambda: corpus.verify(hurt),
            lambda: [explain(hurt, id) for id in ("g0", "g1")],
            lambda: corpus.audit(hurt, topics=False).page(),
        ):
            told = said_of(command)
            assert not told or str(hurt) in told, (address, told)


def said_of(command: Callable[[], object]) -> str:
    """Return what is said where a command ends in an error of ours; any other is a bug."""
    try:
        command()
    except CorpusError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("harm", HARMS)
def test_a_build_in_the_place_of_a_harmed_one_says_so_or_is_done(built, tmp_path, run, harm):
    """With a damaged manifest the folder is not taken for a build's; any other harm is mended."""
    shutil.copytree(built, tmp_path / "p", ignore=shutil.ignore_patterns(".*"))
    whole = tmp_path / "p" / "build" / "gazette"
    for name in ("manifest.json", "README.md", "audit/audit.json", "ledger/removed.parquet"):
        held = (whole / name).read_bytes()
        HARMS[harm](whole / name)
        if name == "manifest.json":
            code, told = run("build", tmp_path / "p" / "gazette.yaml", "-q")
            assert (code, str(whole / name) in told, "build again" in told) == (3, True, True)
            (whole / name).write_bytes(held)
        else:
            config = corpus.load_config(tmp_path / "p" / "gazette.yaml")
            corpus.build(config, engine=Serial())
            assert corpus.verify(whole).differences == ()


def test_a_manifest_is_told_apart_from_that_of_another_program(tmp_path):
    """Others write a manifest.json, too: their folder is no build, and so it is read as files."""
    (tmp_path / "manifest.json").write_text('{"name": "an app", "version": 3}')
    assert manifest_at(tmp_path) is None
    assert read_manifest(tmp_path) is None
    with pytest.raises(InputError, match=r"manifest\.json: no manifest of corpus: 'identity'"):
        manifest_of(tmp_path)


@pytest.mark.parametrize("name", ["../outside.parquet", "/etc/hostname", "data/../../x", ""])
def test_a_manifest_leads_to_no_file_outside_of_its_build(built, name):
    """What a manifest names is below its folder, or it is none."""
    manifest = manifest_of(built / "build" / "gazette")
    assert wrong(manifest) is None
    manifest["files"][name] = {"bytes": 1, "sha256": "0"}
    assert "outside of the build" in (wrong(manifest) or "")
