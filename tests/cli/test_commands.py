"""The commands: what they print where, and how they end."""

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
from corpus.cli.commands import commands, main
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
def run(capsys):
    """Run a command; return its exit code, and what it printed and said."""

    def ran(*arguments: object) -> tuple[int, str, str]:
        before = signal.getsignal(signal.SIGTERM)
        try:
            with pytest.raises(SystemExit, match=r"^\d+$") as end:
                main([str(argument) for argument in arguments])
        finally:
            signal.signal(signal.SIGTERM, before)
        out, err = capsys.readouterr()
        return int(str(end.value)), out, err

    return ran


@pytest.fixture
def project(tmp_path) -> Path:
    """Return a folder with a config and three records, two of which are the same."""
    (tmp_path / "in").mkdir()
    texts = ["The first of them.", "The first of them.", "The second, which is another."]
    lines = [json.dumps({"id": f"n{i}", "text": text}) for i, text in enumerate(texts)]
    (tmp_path / "in" / "wire.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "tiny.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def every() -> list[click.Command]:
    """Return every command."""
    return list(commands.commands.values())


# --- help


def test_the_commands_are_those_of_the_design():
    """Nothing is missing, and nothing crept in."""
    assert sorted(command.name for command in every()) == [
        "audit", "build", "check", "diff", "explain", "init", "schema", "verify",
    ]  # fmt: skip


@pytest.mark.parametrize("command", every(), ids=lambda command: command.name)
def test_every_help_text_teaches_by_example(run, command):
    """Each command says what it does, and shows a line one could type."""
    code, out, err = run(command.name, "--help")

    assert (code, err) == (0, "")
    assert f"  corpus {command.name}" in out.partition("Examples:")[2]
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_the_help_of_all_teaches_the_first_steps(run):
    """Without a command: what each does, in a line that is whole, and what to type first."""
    code, out, err = run("--help")

    assert (code, err) == (0, "")
    assert "..." not in out.partition("Commands:")[2]
    assert max(map(len, out.splitlines())) <= 100
    assert "  corpus init my-corpus" in out.partition("Examples:")[2]


@pytest.mark.parametrize(
    ("words", "place", "found"),
    [("corpus au", 1, "audit"), ("corpus audit x --fail-on ", 4, "fail")],
)
def test_a_shell_completes_commands_and_their_options(words, place, found):
    """What `--help` says of completion works: a shell is told the words that fit."""
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(place), "_CORPUS_COMPLETE": "bash_complete"}
    script = "from corpus.cli.commands import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, check=True, text=True, env=os.environ | asked,
    )  # fmt: skip

    assert f"plain,{found}" in done.stdout.splitlines()


def test_help_imports_nothing_heavy():
    """`corpus --help` answers at once: it waits for no library but click."""
    script = """
import sys
from corpus.cli.commands import main
try:
    main(["--help"])
finally:
    heavy = ["pydantic", "yaml", "pyarrow", "numpy", "rich", "jinja2", "numba", "datasets"]
    print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )

    assert "build" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_the_packages(run):
    """`--version` says which corpus this is."""
    assert run("--version") == (0, f"corpus {corpus.__version__}\n", "")


# --- how they end


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
def test_wrong_usage_is_2(run, arguments):
    """What click does not understand is a mistake of usage."""
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert "Usage: corpus" in err


def test_mistakes_in_the_config_are_2(run, project):
    """They go to the standard error, without a traceback; the result is empty."""
    (project / "tiny.yaml").write_text("nam: x\n" + CONFIG, encoding="utf-8")

    code, out, err = run("check", project / "tiny.yaml", "--set", "seed=x")

    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "--set seed=x: seed: must be a whole number, not 'x'",
        f"{project}/tiny.yaml:1:1: nam: no such setting; did you mean 'name'?",
    ]


def test_on_a_terminal_the_line_is_shown(run, project, monkeypatch):
    """People see the line and a caret; pipes see one line for each mistake."""
    (project / "tiny.yaml").write_text("nam: x\n" + CONFIG, encoding="utf-8")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    _, _, err = run("check", project / "tiny.yaml")

    assert err.splitlines()[1:] == ["    nam: x", "    ^"]


def test_nothing_to_read_is_3(run, project):
    """An input that is not there is no mistake of the config's form."""
    code, out, err = run("check", project / "tiny.yaml", "--set", "sources.0.path=nothing/*.txt")

    assert (code, out) == (3, "")
    assert "nothing/*.txt" in err


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        (EnvironmentFault("the lock is held"), 4, "the lock is held\n"),
        (OSError(28, "No space left on device", "x\x1b[2J"), 4, "x\\x1b[2J: No space left"),
        (MemoryError(), 4, "not enough memory"),
        (ValueError("wat"), 1, "corpus: a bug: ValueError: wat; run it again with -v to see where"),
        (KeyboardInterrupt(), 130, "interrupted; run the same command again to continue"),
    ],
)
def test_faults_end_with_their_code(run, monkeypatch, fault, code, said):
    """Whatever happens, one message says what, and nobody is shown a traceback unasked."""

    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr("corpus.config.load.load_config", fail)

    ended, out, err = run("check", "x.yaml")

    assert (ended, out) == (code, "")
    assert said in err
    assert "Traceback" not in err


def test_a_traceback_can_be_asked_for(run, monkeypatch):
    """With -v a bug shows where it is."""
    monkeypatch.setattr("corpus.config.load.load_config", lambda *_: 1 / 0)

    code, _, err = run("check", "x.yaml", "-v")

    assert code == 1
    assert "Traceback" in err
    assert err.endswith("corpus: a bug: ZeroDivisionError: division by zero\n")


def test_being_told_to_stop_is_143(run, monkeypatch):
    """SIGTERM ends a command in order: what is held is let go."""
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


def test_a_reader_who_has_seen_enough_gets_no_traceback():
    """`corpus schema | head -1` ends quietly."""
    script = "from corpus.cli.commands import main; main(['schema'])"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        said = process.stderr.read()
        code = process.wait()

    assert (code, said) == (141, b"")


# --- what they do


def test_init_lays_out_a_project_that_checks(run, tmp_path):
    """What `init` writes is right as it is; a second time nothing is overwritten."""
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
    """A folder cannot be where a file is."""
    (tmp_path / "file").touch()

    assert run("init", tmp_path / "file")[0] == 2


def test_names_cannot_command_the_terminal(run, project):
    """A file's name is spelled out."""
    (project / "in" / "\x1b[2J.jsonl").touch()

    code, out, _ = run("check", project / "tiny.yaml")

    assert code == 0
    assert "\x1b" not in out
    assert r"\x1b[2J.jsonl" in out


def test_the_schema_is_json(run):
    """What is printed is a JSON Schema."""
    code, out, err = run("schema")

    assert (code, err) == (0, "")
    assert json.loads(out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "sources" in json.loads(out)["properties"]


def test_a_build_from_beginning_to_end(run, project, monkeypatch):
    """Build, again, verify, explain, diff, audit: results on the one stream, talk on the other."""
    config, built = project / "tiny.yaml", project / "build" / "tiny"

    code, out, err = run("build", config)
    assert code == 0
    assert out.splitlines()[0] == f"{built}: built"
    assert "    deduplicate  exact_duplicate  -1" in out
    assert f"datasets.load_dataset('{built}')" in out
    assert "card.license" in out
    assert "write: 2 documents" in err

    code, out, _ = run("build", config, "--json", "-q")
    told = json.loads(out)
    assert (code, told["unchanged"], told["counts"]["kept"]) == (0, True, 2)
    assert run("build", config, "-q") == (0, "", "")
    monkeypatch.chdir(project)  # below it a path is told as one would type it there
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
    assert f"in the build {built}" in err.splitlines()[0]  # said before anything is measured
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


def test_a_foreign_folder_is_left_alone(run, project):
    """A build never replaces what is no build."""
    folder = project / "build" / "tiny"
    folder.mkdir(parents=True)
    (folder / "thesis.txt").write_text("mine", encoding="utf-8")

    code, _, err = run("build", project / "tiny.yaml", "-q")

    assert code == 2
    assert "not a build of corpus, and it is not empty; nothing was changed" in err
    assert (folder / "thesis.txt").read_text(encoding="utf-8") == "mine"


# --- audit in scripts


def audited(run, folder, *options) -> int:
    """Return how `corpus audit` ends, having printed nothing of its own."""
    code, out, _ = run("audit", folder, "-q", *options)
    assert out == ""
    return code


def test_a_status_ends_the_audit_where_it_is_asked_to(run, tmp_path):
    """`--fail-on` ends with 5 from the status named on; without it, what is done ends with 0."""
    text = "The tide came in over the wall of the harbour, and the pilot went home on foot. " * 3
    (tmp_path / "train.jsonl").write_text(json.dumps({"text": text}) + "\n")

    assert audited(run, tmp_path) == 0
    assert audited(run, tmp_path, "--fail-on", "fail") == 0
    assert audited(run, tmp_path, "--fail-on", "warn") == 5

    (tmp_path / "test.jsonl").write_text(json.dumps({"text": text}) + "\n")
    assert audited(run, tmp_path, "--fail-on", "fail") == 5


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands_options_and_values(shell):
    """What the README tells people to put into their shell completes what they type."""
    script = "from corpus.cli.commands import main; main()"
    call = [sys.executable, "-c", script]
    source = os.environ | {"_CORPUS_COMPLETE": f"{shell}_source"}
    told = subprocess.run(call, env=source, capture_output=True, check=True, text=True).stdout
    assert "_CORPUS_COMPLETE" in told

    words = {"COMP_WORDS": "corpus audit --fail-on ", "COMP_CWORD": "3"}
    if shell == "fish":
        words = {"COMP_WORDS": "corpus audit --fail-on ", "COMP_CWORD": ""}
    asked = os.environ | words | {"_CORPUS_COMPLETE": f"{shell}_complete"}
    done = subprocess.run(call, env=asked, capture_output=True, check=True, text=True).stdout
    assert "warn" in done
