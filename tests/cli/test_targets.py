"""Tests of commands that get files instead of a config: a config is guessed, and written once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from datasets import load_dataset

import corpus
from corpus.config.load import load_config

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
STORY = (
    "On {0} the ferry to the island left an hour late, because its cook was looking for the "
    "harbour cat. The passengers of {0} waited on the quay, and some of them sang.\n\n"
    "Nobody who was there on {0} has seen the cat since, said the harbour master, who has counted "
    "{1} cats in his time and remembers each of them by its name, its colour and its habits."
)


@pytest.fixture
def pages(tmp_path, monkeypatch) -> Path:
    """Return the working directory, with a folder of HTML pages whose name is not ASCII."""
    folder = tmp_path / "my pagés"
    folder.mkdir()
    for number, day in enumerate(DAYS):
        paragraphs = "".join(f"<p>{part}</p>" for part in STORY.format(day, number).split("\n\n"))
        (folder / f"{day}.html").write_text(
            f"<!doctype html><html><head><title>Late on {day}</title></head><body>"
            f"<nav><a href=/>Home</a></nav><article><h1>Late on {day}</h1>{paragraphs}</article>"
            "</body></html>",
            encoding="utf-8",
        )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_from_a_folder_of_pages_to_a_data_set_in_two_commands(run, pages):
    """`corpus build PATH` guesses a config, says so, and builds what `load_dataset` loads."""
    code, out, err = run("build", "my pagés")

    assert code == 0, err
    assert "HTML pages (content: html)" in err
    assert "wrote my-pages.yaml: change it if a guess is wrong" in err
    assert "build/my-pages: built" in out
    loaded = load_dataset("build/my-pages", cache_dir=str(pages / "cache"))
    texts = [row["text"] for split in loaded.values() for row in split]
    assert texts
    assert all("harbour cat" in text for text in texts)

    config = pages / "my-pages.yaml"
    edited = config.read_text(encoding="utf-8") + "seed: 3\n"
    config.write_text(edited, encoding="utf-8")
    code, _, err = run("build", "my pagés", "--limit", 2)
    assert code == 0, err
    assert "using my-pages.yaml, which was written for these files before" in err
    assert config.read_text(encoding="utf-8") == edited
    assert corpus.load_config(config).seed == 3


def test_the_config_of_a_folder_is_not_that_of_a_glob(run, tmp_path, monkeypatch):
    """A glob reads less than its folder: a config that was written for the folder is an error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html").write_text("<html><p>A sentence about a cat.</p></html>")
    (tmp_path / "pages" / "b.jsonl").write_text('{"text": "A sentence about a dog."}\n')
    assert run("init", "--from", "pages", ".")[0] == 0
    (tmp_path / "corpus.yaml").rename("pages.yaml")
    code, _, err = run("check", "pages/*.html")

    assert code == 2
    assert "pages.yaml: exists, but reads other files than pages/*.html" in err
    assert "using pages.yaml" in "".join(map(str, run("check", "pages")))


def test_check_shows_a_guess_and_writes_nothing(run, pages):
    """`corpus check PATH` shows what would be guessed, and the plan of it."""
    before = sorted(pages.iterdir())
    code, out, _ = run("check", "my pagés/*.html")

    assert code == 0
    assert out.startswith("guessed\n  my pagés/*.html: 6 files, html\n")
    assert "`corpus build` writes this into my-pages.yaml" in out
    assert "all 6 records:" in out
    assert sorted(pages.iterdir()) == before


def test_files_that_an_existing_config_does_not_read_are_named(run, pages):
    """A file that came after the guess is named if no source matches it, and only then."""
    (pages / "my pagés" / "more.jsonl").write_text('{"text": "a"}\n', encoding="utf-8")
    (pages / "my-pages.yaml").write_text(
        "name: my-pages\nsources:\n- path: my pagés/*.html\n- {path: my pagés/**/*.jsonl}\n",
        encoding="utf-8",
    )
    _, complete, _ = run("check", "my pagés")
    (pages / "my pagés" / "notes.pdf").write_bytes(b"%PDF")
    (pages / "my pagés" / "late.zip").write_bytes(b"PK")
    _, out, _ = run("check", "my pagés")

    assert "not read" not in complete
    assert "1 file not read, because no source of my-pages.yaml has it: late.zip" in out
    assert "corpus init --from 'my pagés' DIR" in out


def test_init_from_files_writes_a_config_that_checks(run, pages):
    """`corpus init --from PATH DIR` writes only a config; its paths start from DIR."""
    code, out, _ = run("init", "--from", "my pagés", "project")
    config = load_config("project/corpus.yaml")

    assert code == 0
    assert out.endswith("wrote project/corpus.yaml\nnext: corpus check project/corpus.yaml\n")
    assert config.sources[0].path == "../my pagés"
    assert list(Path("project").iterdir()) == [Path("project/corpus.yaml")]
    assert run("check", "project/corpus.yaml")[0] == 0

    code, _, err = run("init", "--from", "my pagés", "project")
    assert code == 2
    assert "already exists; nothing was written" in err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["build", "my pages"], 3, "did you mean 'my pagés'?"),
        (["check", "empty"], 3, "is empty"),
        (["init", "--from", "empty", "x"], 3, "is empty"),
        (["build", "my-config"], 2, "did you mean 'my-config.yaml'?"),
        (["build", "project"], 2, "name the config: project/corpus.yaml"),
        (["build", "other.yaml"], 2, "no such file"),
        (["check", "a.html", "b.html"], 2, "put a glob in quotes"),
    ],
)
def test_a_wrong_argument_names_the_right_one(run, pages, arguments, code, message):
    """Nothing is written for an argument that is neither a config nor readable files."""
    (pages / "empty").mkdir()
    (pages / "project").mkdir()
    (pages / "project" / "corpus.yaml").write_text("name: x\n")
    (pages / "my-config.yaml").write_text("name: x\n")
    before = sorted(pages.iterdir())
    got, _, err = run(*arguments)

    assert (got, message in err) == (code, True), err
    assert sorted(pages.iterdir()) == before


def test_check_ends_with_the_exit_code_of_the_build(run, pages):
    """A build that would surely stop is foreseen with its exit code, after the whole plan."""
    (pages / "a.jsonl").write_text(json.dumps({"boddy": "x", "title": "y"}) + "\n")
    (pages / "n.yaml").write_text("name: n\nsources: [{path: a.jsonl}]\n")
    code, out, _ = run("check", "n.yaml")
    assert code == 2
    assert "a build would stop\n" in out
    assert "`columns: {text: boddy}`" in " ".join(out.split())

    (pages / "a.jsonl").write_text('{"text": "x"}\n{"text\n')
    assert run("check", "n.yaml")[0] == 3
    (pages / "a.jsonl").write_text('{"text": "x"}\n')
    assert run("check", "n.yaml")[0] == 0


def test_the_functions_guess_too(pages):
    """In Python, a path takes the place of a config; only `init` writes one."""
    config = corpus.guess_config("my pagés", ["seed=7"])

    assert (config.name, config.seed) == ("my-pages", 7)
    assert corpus.check("my pagés").sources[0].files == 6
    assert not list(pages.glob("*.yaml"))
    assert corpus.init("project", "my pagés") == Path("project/corpus.yaml")
    assert corpus.load_config("project/corpus.yaml").name == "my-pages"
    assert corpus.init("starter") == Path("starter/corpus.yaml")


@pytest.mark.parametrize("command", ["build", "check"])
def test_a_config_that_is_not_named_runs_no_code(run, pages, command):
    """A config of the working directory is used for its files; code that it names is not run."""
    (pages / "evil.py").write_text("raise SystemExit('ran')")
    (pages / "my-pages.yaml").write_text(
        "name: my-pages\nsources: [{path: 'my pagés'}]\nstages: [{use: 'evil:Evil'}]\n"
    )
    code, _, err = run(command, "my pagés")

    assert code == 2
    assert "its code runs only if you name this config" in err
    assert "corpus build my-pages.yaml" in err
