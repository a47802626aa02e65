"""Tests of the commands: output, messages and exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

import corpus
from corpus.cli.commands import commands
from corpus.errors import EnvironmentFault

CONFIG = """
name: tiny
sources:
  - path: in/*.jsonl
stages:
  - deduplicate
  - split
"""


@pytest.fixture
def project(tmp_path) -> Path:
    """Return a folder with a config and three records, two of which are duplicates."""
    (tmp_path / "in").mkdir()
    texts = ["The first of them.", "The first of them.", "The second, which is another."]
    lines = [json.dumps({"id": f"n{i}", "text": text}) for i, text in enumerate(texts)]
    (tmp_path / "in" / "wire.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "tiny.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def all_commands() -> list[click.Command]:
    """Return every command."""
    return list(commands.commands.values())


# --- help


def test_the_commands_are_complete():
    """There are exactly these commands."""
    assert sorted(command.name for command in all_commands()) == [
        "audit", "build", "cache", "check", "diff", "explain", "init", "schema", "train-quality",
        "tune", "verify",
    ]  # fmt: skip


@pytest.mark.parametrize("command", all_commands(), ids=lambda command: command.name)
def test_every_help_text_has_an_example(run, command):
    """Each command and option is described, and each command has an example."""
    code, out, err = run(command.name, "--help")

    assert (code, err) == (0, "")
    assert f"  corpus {command.name}" in out.partition("Examples:")[2]
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_the_general_help_shows_the_first_steps(run):
    """`corpus --help` describes each command in one complete line, and shows what to type first."""
    code, out, err = run("--help")

    assert (code, err) == (0, "")
    assert "..." not in out.partition("Commands:")[2]
    assert max(map(len, out.splitlines())) <= 100
    assert "  corpus init my-corpus" in out.partition("Examples:")[2]


@pytest.mark.parametrize(
    ("typed", "place", "completion"),
    [("corpus au", 1, "audit"), ("corpus audit x --fail-on ", 4, "fail")],
)
def test_a_shell_completes_commands_and_their_options(typed, place, completion):
    """Completion works as described in `--help`."""
    completion_request = {
        "COMP_WORDS": typed,
        "COMP_CWORD": str(place),
        "_CORPUS_COMPLETE": "bash_complete",
    }
    script = "from corpus.cli.commands import main; main()"
    process = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, check=True, text=True, env=os.environ | completion_request,
    )  # fmt: skip

    assert f"plain,{completion}" in process.stdout.splitlines()


def test_help_imports_nothing_heavy():
    """`corpus --help` imports no library but click."""
    script = """
import sys
from corpus.cli.commands import main
try:
    main(["--help"])
finally:
    heavy = ["pydantic", "yaml", "pyarrow", "numpy", "rich", "jinja2", "numba", "datasets"]
    print([name for name in heavy if name in sys.modules])
"""
    process = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )

    assert "build" in process.stdout
    assert process.stdout.splitlines()[-1] == "[]"


def test_version_prints_the_version_of_the_package(run):
    """`--version` prints the version of the package."""
    assert run("--version") == (0, f"corpus {corpus.__version__}\n", "")


# --- exit codes


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nonsense"],
        ["nonsense"],
        ["check"],
        ["build", "x", "--jobs", "0"],
        ["audit", "--fail-on", "x"],
    ],
)
def test_wrong_usage_exits_with_2(run, arguments):
    """Arguments that click does not accept are a usage error."""
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert "Usage: corpus" in err


def test_mistakes_in_the_config_exit_with_2(run, project):
    """All mistakes are on standard error, without a traceback; standard output is empty."""
    (project / "tiny.yaml").write_text("nam: x\n" + CONFIG, encoding="utf-8")

    code, out, err = run("check", project / "tiny.yaml", "--set", "seed=x")

    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "--set seed=x: seed: must be a whole number, not 'x'",
        f"{project}/tiny.yaml:1:1: nam: no such setting; did you mean 'name'?",
    ]


def test_a_terminal_shows_the_line_of_a_mistake(run, project, monkeypatch):
    """A terminal shows the line and a caret; a pipe gets one line for each mistake."""
    (project / "tiny.yaml").write_text("nam: x\n" + CONFIG, encoding="utf-8")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    _, _, err = run("check", project / "tiny.yaml")

    assert err.splitlines()[1:] == ["    nam: x", "    ^"]


def test_missing_input_exits_with_3(run, project):
    """A source without files is an input error, not a mistake in the config."""
    code, out, err = run("check", project / "tiny.yaml", "--set", "sources.0.path=nothing/*.txt")

    assert (code, out) == (3, "")
    assert "nothing/*.txt" in err


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        (EnvironmentFault("the lock is held"), 4, "the lock is held\n"),
        (OSError(28, "No space left on device", "x\x1b[2J"), 4, "x\\x1b[2J: No space left"),
        (MemoryError(), 4, "not enough memory"),
        (ValueError("wat"), 1, "corpus: a bug: ValueError: wat; run it again with -v to see where"),
        (KeyboardInterrupt(), 130, "interrupted; run the same command again to continue"),
    ],
)
def test_each_error_has_its_exit_code(run, monkeypatch, fault, code, message):
    """Each error prints one message and no traceback."""

    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr("corpus.config.load.load_config", fail)

    exit_code, out, err = run("check", "x.yaml")

    assert (exit_code, out) == (code, "")
    assert message in err
    assert "Traceback" not in err


def test_verbose_shows_the_traceback(run, monkeypatch):
    """With `-v`, a bug prints its traceback."""
    monkeypatch.setattr("corpus.config.load.load_config", lambda *_: 1 / 0)

    code, _, err = run("check", "x.yaml", "-v")

    assert code == 1
    assert "Traceback" in err
    assert err.endswith("corpus: a bug: ZeroDivisionError: division by zero\n")


def test_sigterm_exits_with_143(run, monkeypatch):
    """SIGTERM ends a command in order, and `finally` blocks run."""
    released = []

    def wait(*_: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        finally:
            released.append(True)

    monkeypatch.setattr("corpus.config.load.load_config", wait)

    code, _, err = run("check", "x.yaml")

    assert (code, released) == (143, [True])
    assert "terminated; run the same command again" in err


def test_a_closed_pipe_ends_silently():
    """`corpus schema | head -1` ends without a traceback."""
    script = "from corpus.cli.commands import main; main(['schema'])"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        messages = process.stderr.read()
        code = process.wait()

    assert (code, messages) == (141, b"")


# --- commands


def test_init_writes_a_project_that_checks(run, tmp_path):
    """The project of `init` has no warnings, and a second `init` overwrites nothing."""
    code, out, _ = run("init", tmp_path / "mine")
    config = tmp_path / "mine" / "corpus.yaml"

    assert code == 0
    assert out == f"wrote {config} and 6 pages\nnext: corpus build {config}\n"
    code, out, err = run("check", config)
    assert (code, err) == (0, "")
    assert "pages/*.txt: 6 files" in out
    assert "warnings" not in out

    config.write_text("mine", encoding="utf-8")
    code, _, err = run("init", tmp_path / "mine")
    assert (code, err) == (
        2,
        f"{config}: already exists; nothing was written. Choose another folder\n",
    )
    assert config.read_text(encoding="utf-8") == "mine"


def test_init_into_a_file_is_refused(run, tmp_path):
    """A file cannot be replaced by a folder."""
    (tmp_path / "file").touch()

    assert run("init", tmp_path / "file")[0] == 2


def test_file_names_are_escaped(run, project):
    """Control characters in file names are printed as escapes."""
    (project / "in" / "\x1b[2J.jsonl").write_text('{"text": "x"}')

    code, out, _ = run("check", project / "tiny.yaml")

    assert code == 0
    assert "\x1b" not in out
    assert r"\x1b[2J.jsonl" in run("check", project / "in" / "\x1b[2J.jsonl")[1]


def test_the_schema_is_json(run):
    """`corpus schema` prints a JSON Schema."""
    code, out, err = run("schema")

    assert (code, err) == (0, "")
    assert json.loads(out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "sources" in json.loads(out)["properties"]


def test_all_commands_work_on_one_build(run, project, monkeypatch):
    """Results are on standard output, and progress and messages on standard error."""
    config, built = project / "tiny.yaml", project / "build" / "tiny"

    code, out, err = run("build", config)
    assert code == 0
    assert out.splitlines()[0] == f"{built}: built"
    assert "    deduplicate  exact_duplicate  -1" in out
    assert f"datasets.load_dataset('{built}')" in out
    assert "card.license" in out
    assert "write: 2 documents" in err

    code, out, _ = run("build", config, "--json", "-q")
    summary = json.loads(out)
    assert (code, summary["unchanged"], summary["counts"]["kept"]) == (0, True, 2)
    assert run("build", config, "-q") == (0, "", "")
    monkeypatch.chdir(project)  # paths below the working directory are relative
    assert run("build", config)[1].startswith("build/tiny: unchanged, nothing to do")

    assert run("verify", built)[0] == 0
    assert "kept: split train" in run("explain", built, "n2")[1]
    assert run("explain", built, "nobody")[0] == 2
    assert run("diff", built, built)[:2] == (0, "no difference\n")
    code, out, err = run("audit", built, "--page", project / "audit")
    assert code == 0
    assert err.splitlines()[-1] == f"wrote {project}/audit/index.html"
    assert "2 documents" in out
    assert json.loads(run("audit", built, "--json")[1])["documents"] == 2

    code, out, err = run("audit", built, "--page", built / "audit")
    assert (code, out) == (2, "")
    assert f"in the build {built}" in err.splitlines()[0]  # printed before anything is measured
    assert run("verify", built)[0] == 0

    other = project / "build" / "other"
    code = run("build", config, "-q", "--set", "stages.deduplicate.threshold=0.9",
               "--set", f"output.path={other}")[0]  # fmt: skip
    assert code == 0
    code, out, _ = run("diff", built, other)
    assert code == 5
    assert "stages.deduplicate.threshold: 0.8 -> 0.9" in out
    assert json.loads(run("diff", built, other, "--json")[1])["settings"]

    next(built.glob("data/*.parquet")).write_bytes(b"")
    code, out, err = run("verify", built)
    assert (code, err) == (5, "")
    assert "changed since it was built" in out


def test_a_folder_that_is_not_a_build_is_not_replaced(run, project):
    """A build replaces only a folder that is a build of corpus."""
    folder = project / "build" / "tiny"
    folder.mkdir(parents=True)
    (folder / "thesis.txt").write_text("mine", encoding="utf-8")

    code, _, err = run("build", project / "tiny.yaml", "-q")

    assert code == 2
    assert "not a build of corpus, and it is not empty; nothing was changed" in err
    assert (folder / "thesis.txt").read_text(encoding="utf-8") == "mine"


# --- audit in scripts


def audit_exit_code(run, folder, *options) -> int:
    """Return the exit code of a quiet `corpus audit`, which prints nothing."""
    code, out, _ = run("audit", folder, "-q", *options)
    assert out == ""
    return code


def test_fail_on_sets_the_exit_code_of_an_audit(run, tmp_path):
    """With `--fail-on`, an audit with this status or a worse one exits with 5; else with 0."""
    text = "The tide came in over the wall of the harbour, and the pilot went home on foot. " * 3
    (tmp_path / "train.jsonl").write_text(json.dumps({"text": text}) + "\n")

    assert audit_exit_code(run, tmp_path) == 0
    assert audit_exit_code(run, tmp_path, "--fail-on", "fail") == 0
    assert audit_exit_code(run, tmp_path, "--fail-on", "warn") == 5

    (tmp_path / "test.jsonl").write_text(json.dumps({"text": text}) + "\n")
    assert audit_exit_code(run, tmp_path, "--fail-on", "fail") == 5


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands_options_and_values(shell):
    """The completion scripts for bash, zsh and fish work as described in the README."""
    script = "from corpus.cli.commands import main; main()"
    call = [sys.executable, "-c", script]
    source = os.environ | {"_CORPUS_COMPLETE": f"{shell}_source"}
    script_output = subprocess.run(
        call, env=source, capture_output=True, check=True, text=True
    ).stdout
    assert "_CORPUS_COMPLETE" in script_output

    words = {"COMP_WORDS": "corpus audit --fail-on ", "COMP_CWORD": "3"}
    if shell == "fish":
        words = {"COMP_WORDS": "corpus audit --fail-on ", "COMP_CWORD": ""}
    completion_request = os.environ | words | {"_CORPUS_COMPLETE": f"{shell}_complete"}
    output = subprocess.run(
        call, env=completion_request, capture_output=True, check=True, text=True
    ).stdout
    assert "warn" in output
