"""What the documents tell people to type works, and what they quote is true."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from corpus.card.settings import Card
from corpus.cli.commands import commands
from corpus.config.load import load_config
from corpus.config.model import Config, Output
from corpus.sources import Source
from corpus.stages import STAGES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


OWN_STAGES = (ROOT / "docs" / "own-stages.md").read_text(encoding="utf-8")
PYTHON = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")


def blocks(language: str, page: str = README) -> list[str]:
    """Return the code blocks of a page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def typed() -> list[list[str]]:
    """Return every `corpus` command that the README shows."""
    lines = [line for block in blocks("bash") for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("corpus ")]


@pytest.mark.parametrize("words", typed(), ids=" ".join)
def test_every_command_that_is_shown_exists_with_its_options(words):
    """Each command of the README is one of ours, and so is each of its options."""
    command = commands.commands[words[0]]
    options = {name for parameter in command.params for name in parameter.opts}

    assert {word for word in words[1:] if word.startswith("-")} <= options


def test_the_table_of_commands_is_whole():
    """Every command is in the README, and the README has no other."""
    told = set(re.findall(r"^\| `corpus (\w+)", README, re.MULTILINE))

    assert told == set(commands.commands)


def test_every_command_has_help_with_an_example():
    """`--help` says what a command does and shows how it is used."""
    for name in commands.commands:
        shown = CliRunner().invoke(commands, [name, "--help"])
        assert shown.exit_code == 0
        assert f"corpus {name}" in shown.output.partition("Options")[2]


def test_the_config_that_is_shown_is_valid(tmp_path):
    """The README's config means what it says."""
    (config,) = [block for block in blocks("yaml") if block.startswith("name:")]
    (tmp_path / "news.yaml").write_text(config)
    loaded = load_config(tmp_path / "news.yaml")

    assert [stage.stage for stage in loaded.stages] == ["clean", "language", "deduplicate", "split"]


def test_the_stage_that_is_shown_works(tmp_path, documents):
    """The stage in docs/own-stages.md is found beside a config, and removes what it says."""
    (code,), (use,) = blocks("python", OWN_STAGES), blocks("yaml", OWN_STAGES)
    (tmp_path / "my_stages.py").write_text(code)
    said = {"name": "n", "sources": [{"path": "x.txt"}]} | yaml.safe_load(use)
    (tmp_path / "news.yaml").write_text(yaml.safe_dump(said))
    stage = load_config(tmp_path / "news.yaml").stages[1]
    marked = stage.apply(documents("WHY NOT SHOUT", "Why not speak softly"))

    assert marked.column("_reason").to_pylist() == ["shouting", None]


def test_the_output_that_is_shown_is_what_the_quickstart_prints(tmp_path):
    """The README's example is the real thing, path and bytes apart."""
    config = ROOT / "configs" / "quickstart.yaml"
    call = [
        sys.executable,
        "-c",
        "from corpus.cli.commands import main; main()",
        "build",
        str(config),
    ]
    done = subprocess.run(
        [*call, "--set", f"output.path={tmp_path / 'quickstart'}"],
        check=True,
        capture_output=True,
        text=True,
    )
    told = README.partition("<!-- output of the quickstart -->")[2].partition("```")[2]

    assert counts(done.stdout)
    assert counts(told.partition("```")[0]) == counts(done.stdout)


def counts(output: str) -> list[str]:
    """Return the lines of a summary that count documents, without the size of files."""
    lines = [line for line in output.splitlines() if line.startswith("  ")]
    return [re.sub(r" *\d+ files?, .*", "", line) for line in lines]


def test_every_setting_is_told_as_its_model_describes_it():
    """`docs/settings.md` is what its script makes of the models today."""
    script = runpy.run_path(str(ROOT / "scripts" / "make_settings_page.py"))
    told = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert told == script["settings_page"](), "run scripts/make_settings_page.py"
    for cls in (Config, Source, Output, Card, *STAGES.values()):
        for name, field in cls.model_fields.items():
            assert name == "stage" or f"| `{field.alias or name}` |" in told


def test_every_link_within_the_project_leads_somewhere():
    """A document that another one names is there."""
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_link_to_a_heading_finds_it():
    """A link within a page leads to one of its headings."""
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        text = page.read_text(encoding="utf-8")
        heads = (re.sub(r"[^\w\- ]", "", h.lower()) for h in re.findall(r"(?m)^#+ (.+)$", text))
        anchors = {head.replace(" ", "-") for head in heads}
        assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors, page.name


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_the_python_of_a_page_runs_as_a_script(page, tmp_path):
    """The Python of a page, in one file and in its order, runs from the checkout as it is."""
    text = (ROOT / page).read_text(encoding="utf-8")
    code = "\n".join(blocks("python", text)).replace(
        "build/quickstart", str(tmp_path / "quickstart")
    )
    config = (ROOT / "configs" / "quickstart.yaml").read_text(encoding="utf-8")
    folder = tmp_path / "configs"
    folder.mkdir()
    (folder / "quickstart").symlink_to(ROOT / "configs" / "quickstart")
    (folder / "quickstart.yaml").write_text(
        config.replace("../build/quickstart", str(tmp_path / "quickstart"))
    )
    (tmp_path / "build.py").write_text("import corpus\ncorpus.build('configs/quickstart.yaml')\n")
    (tmp_path / "page.py").write_text(code)
    for script in ("build.py", "page.py"):
        done = subprocess.run(
            [sys.executable, script],
            cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert "quickstart" in done.stdout
