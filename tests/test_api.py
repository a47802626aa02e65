"""The Python API: typed, and usable in a script, a notebook and an event loop."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import corpus
from corpus.config.model import Config
from corpus.errors import ConfigError, EnvironmentFault, InputError

ROOT = Path(__file__).parents[1]

CONFIG = """
name: tiny
sources:
  - path: in/*.jsonl
stages: [deduplicate, {stage: split, test: 0}]
"""

TYPES = """
import corpus

reveal_type(corpus.load_config("news.yaml"))
reveal_type(corpus.check("news.yaml"))
reveal_type(corpus.build({"name": "x"}, jobs=2))
reveal_type(corpus.build("news.yaml").counts.splits)
reveal_type(corpus.build("news.yaml").audit)
reveal_type(corpus.verify("build/news").differences)
reveal_type(corpus.audit("build/news"))
reveal_type(corpus.explain("build/news", "4f1c"))
reveal_type(corpus.diff("a", "b"))
corpus.build(17)
corpus.build("news.yaml", job=2)
corpus.audit("build/news", text=None)
"""

REVEALED = [
    "corpus.config.model.Config",
    "corpus.cli.check.Plan",
    "corpus.pipeline.result.Build",
    "dict[str, int]",
    "corpus.auditing.audit.Audit",
    "tuple[str, ...]",
    "corpus.auditing.audit.Audit",
    "corpus.auditing.explain.explain.Explanation",
    "corpus.auditing.compare.diff.Difference",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with a config and three records, two of them equal."""
    (tmp_path / "in").mkdir()
    texts = ["The first of the texts.", "The first of the texts.", "Another text, the second."]
    lines = [json.dumps({"id": f"n{i}", "text": text}) for i, text in enumerate(texts)]
    (tmp_path / "in" / "wire.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "tiny.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def settings(project: Path) -> dict[str, object]:
    """Return the same config as a dict."""
    return {
        "name": "tiny",
        "sources": [{"path": project / "in" / "*.jsonl"}],
        "stages": ["deduplicate", {"stage": "split", "test": 0}],
        "output": {"path": str(project / "from-dict")},
    }


# --- what the functions take


def test_public_names_are_fixed():
    """The namespace of `corpus` has exactly the functions that the README documents."""
    assert sorted(corpus.__all__) == [
        "__version__", "audit", "build", "check", "diff", "explain", "guess_config", "init",
        "load_config", "verify",
    ]  # fmt: skip
    assert all(inspect.isfunction(getattr(corpus, n)) for n in corpus.__all__ if n[0] != "_")


def test_path_dict_and_model_build_the_same(project):
    """A config may be a path, a dict or a model; the corpus is the same."""
    built = corpus.build(project / "tiny.yaml", progress=False)
    from_dict = corpus.build(settings(project), progress=False)
    model = corpus.load_config(project / "tiny.yaml", [f"output.path={project / 'from-model'}"])
    from_model = corpus.build(model, progress=False)

    shards = [sorted((b.path / "data").iterdir()) for b in (built, from_dict, from_model)]
    assert [path.read_bytes() for path in shards[0]] == [path.read_bytes() for path in shards[1]]
    assert [path.read_bytes() for path in shards[0]] == [path.read_bytes() for path in shards[2]]


def test_overrides_apply_to_every_kind_of_config(project):
    """`overrides` change a file, a dict and a model alike."""
    for config in (project / "tiny.yaml", settings(project), corpus.load_config(settings(project))):
        loaded = corpus.load_config(config, ["seed=3", "stages.split.test=0.25"])
        assert isinstance(loaded, Config)
        assert (loaded.seed, loaded.stages[1].test) == (3, 0.25)


def test_a_model_keeps_its_folder(project):
    """Relative paths of a model with overrides still start from its config file."""
    model = corpus.load_config(project / "tiny.yaml")
    assert corpus.load_config(model, ["seed=3"]).folder == project
    assert corpus.check(model, ["seed=3"]).inputs


# --- what they return


def test_a_build_describes_itself(project):
    """A build has path, counts, audit, `load`, a short repr and a table for notebooks."""
    built = corpus.build(project / "tiny.yaml", progress=False)

    assert built.path == project / "build" / "tiny"
    assert (built.counts.read, built.counts.kept, built.counts.splits) == (3, 2, {"train": 2})
    assert built.load()["train"].num_rows == 2
    assert built.audit.statistics["documents"] == 2
    assert repr(built) == f"<Build tiny in {built.path}: train 2>"
    assert "<td>exact_duplicate</td>" in built._repr_html_()
    assert "-1" in built._repr_html_()


def test_every_result_has_a_short_repr_and_html(project):
    """No result prints pages of fields; each shows itself in a notebook."""
    built = corpus.build(project / "tiny.yaml", progress=False)
    results = [
        built,
        corpus.check(project / "tiny.yaml"),
        corpus.verify(built.path),
        corpus.audit(built.path, progress=False),
        corpus.explain(built.path, "n2"),
        corpus.diff(built.path, built.path),
    ]
    for result in results:
        assert re.fullmatch(r"<[^\n]{5,200}>", repr(result)), repr(result)
        assert result._repr_html_().startswith("<")


def test_hostile_names_are_text_in_a_notebook(project):
    """A file name is data: its markup is shown, not obeyed."""
    (project / "in" / "<b>x.jsonl").write_text('{"text": "A third text, alone."}', encoding="utf-8")
    assert "<b>x" not in corpus.check(project / "tiny.yaml")._repr_html_()


def test_a_verification_is_true_if_nothing_differs(project):
    """`assert corpus.verify(path)` reads as it acts."""
    built = corpus.build(project / "tiny.yaml", progress=False)
    assert corpus.verify(built.path)
    (built.path / "croissant.json").write_text("{}", encoding="utf-8")
    changed = corpus.verify(built.path)
    assert not changed
    assert changed.differences == ("croissant.json: changed since it was built",)


def test_a_trial_does_not_replace_the_full_corpus(project):
    """`limit` never replaces a full build: it writes NAME-trial, or refuses."""
    full = corpus.build(project / "tiny.yaml", progress=False)
    before = (full.path / "manifest.json").read_bytes()
    trial = corpus.build(project / "tiny.yaml", limit=1, progress=False)

    assert trial.path == project / "build" / "tiny-trial"
    assert trial.counts.read == 1
    assert (full.path / "manifest.json").read_bytes() == before
    with pytest.raises(ConfigError, match="contains a full build"):
        corpus.build(project / "tiny.yaml", ["output.path=build/tiny"], limit=1, progress=False)
    assert (full.path / "manifest.json").read_bytes() == before


# --- errors


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda p: corpus.build(p / "missing.yaml"), ConfigError, "missing.yaml: no such file"),
        (
            lambda p: corpus.build(settings(p) | {"sed": 1}),
            ConfigError,
            "config: sed: no such setting; did you mean 'seed'?",
        ),
        (lambda p: corpus.check(settings(p) | {"seed": "x"}), ConfigError, "config: seed: must be"),
        (lambda p: corpus.load_config({}), ConfigError, "config: name: missing"),
        (corpus.verify, InputError, "not a build of corpus"),
        (lambda p: corpus.audit(p / "nowhere"), InputError, "nowhere"),
        (lambda p: corpus.explain(p, "x"), InputError, "not a build of corpus"),
        (lambda p: corpus.diff(p, p), InputError, "not a build of corpus"),
    ],
)  # fmt: skip
def test_a_mistake_raises_what_the_command_prints(project, call, kind, message):
    """The exception has the text of the terminal, and no frame below the API."""
    with pytest.raises(kind, match=re.escape(message)) as caught:
        call(project)

    frames = [Path(str(entry.path)).name for entry in caught.traceback]
    assert frames[-1] == "api.py"
    assert set(frames) == {"test_api.py", "api.py"}
    assert caught.value.__suppress_context__


def test_a_failing_disk_is_a_fault_of_the_environment(project):
    """An `OSError` has the same text and kind as in the terminal."""
    (project / "build").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(EnvironmentFault, match="build"):
        corpus.build(project / "tiny.yaml", progress=False)


def test_a_stage_in_the_script_itself_is_refused(project, monkeypatch):
    """Workers cannot import a class from a script or notebook; the message says what to do."""
    from corpus.stages.filter import Filter

    class Own(Filter):
        pass

    model = corpus.load_config(project / "tiny.yaml")
    monkeypatch.setattr(Own, "__module__", "__main__")
    model = model.model_copy(update={"stages": (Own(), *model.stages)})
    with pytest.raises(ConfigError, match="use: my_stages:Own"):
        corpus.build(model, progress=False)
    (error,) = corpus.check(model).errors
    assert "use: my_stages:Own" in str(error)


# --- where they run


def python(script: Path, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a Python file in a process of its own."""
    return subprocess.run(
        [sys.executable, script.name],
        cwd=script.parent, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=check, timeout=300,
    )  # fmt: skip


def test_a_plain_script_needs_no_guard(project):
    """`python file.py` builds with real workers, and runs the script once."""
    script = project / "run.py"
    script.write_text(
        "print('once')\n"
        "import corpus\n"
        "built = corpus.build('tiny.yaml', jobs=2)\n"
        "print(built.counts.kept, built.load()['train'].num_rows)\n",
        encoding="utf-8",
    )
    done = python(script)

    assert done.stdout.splitlines() == ["once", "2 2"]
    assert "write: 2 documents" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_script_without_progress_is_silent(project):
    """`progress=False` prints nothing."""
    script = project / "run.py"
    script.write_text("import corpus\ncorpus.build('tiny.yaml', progress=False)\n", "utf-8")
    done = python(script)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_mistake_in_a_script_ends_with_its_message(project):
    """The traceback has the user's line and one of ours; the last line is the message."""
    script = project / "run.py"
    script.write_text("import corpus\ncorpus.build('missing.yaml')\n", encoding="utf-8")
    done = python(script, check=False)
    lines = done.stderr.splitlines()

    assert sum(line.startswith("  File ") for line in lines) == 2
    assert lines[-1].endswith(
        "missing.yaml: no such file; `corpus init` writes a config to start from"
    )


def test_a_build_runs_inside_an_event_loop(project):
    """A running event loop, as in a web server or a notebook, does not disturb a build."""

    async def main() -> int:
        await asyncio.sleep(0)
        return corpus.build(project / "tiny.yaml", progress=False).counts.kept

    assert asyncio.run(main()) == 2


def test_a_notebook_builds_and_shows_it(project, monkeypatch):
    """A real kernel runs the cells: progress is one display, the result a table."""
    import nbformat
    from nbclient import NotebookClient

    cells = [
        "import corpus\nbuilt = corpus.build('tiny.yaml')",
        "built",
        "built.load()['train'].num_rows",
        "corpus.build('missing.yaml')",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    client = NotebookClient(
        notebook, kernel_name="python3", timeout=300, allow_errors=True,
        resources={"metadata": {"path": str(project)}},
    )  # fmt: skip
    client.execute()
    built, shown, rows, failed = (cell.outputs for cell in notebook.cells)

    assert [output.output_type for output in built] == ["display_data"]
    assert "write: 2 documents" in built[0].data["text/plain"]
    assert "<table>" in shown[0].data["text/html"]
    assert "<Build tiny in" in shown[0].data["text/plain"]
    assert rows[-1].data["text/plain"] == "2"
    assert failed[-1].ename == "Mistakes"
    assert failed[-1].evalue.startswith("missing.yaml: no such file")


def test_a_type_checker_sees_the_api(tmp_path):
    """A type checker knows every result (none is `Any`), and reports wrong arguments."""
    snippet = tmp_path / "snippet.py"
    snippet.write_text(TYPES, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent",
         snippet],
        cwd=tmp_path, env=os.environ | {"MYPYPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    notes = re.findall(r'Revealed type is "(?:builtins\.)?([^"]+)"', done.stdout)
    errors = re.findall(r":(\d+): error: .*\[(.*)\]", done.stdout)

    assert [re.sub(r"builtins\.", "", note) for note in notes] == REVEALED, done.stdout
    assert errors == [("13", "arg-type"), ("14", "call-arg"), ("15", "arg-type")], done.stdout
