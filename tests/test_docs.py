"""Commands, configs and code in the documentation work, and the output shown there is real."""

from __future__ import annotations

import json
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
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from corpus.sources import Source
from corpus.stages import STAGES
from corpus.tuning.tune import tune

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


OWN_STAGES = (ROOT / "docs" / "own-stages.md").read_text(encoding="utf-8")
PYTHON = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")


def blocks(language: str, page: str = README) -> list[str]:
    """Return the code blocks of a page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def shown_commands() -> list[list[str]]:
    """Return every `corpus` command in the README, as words."""
    lines = [line for block in blocks("bash") for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("corpus ")]


@pytest.mark.parametrize("words", shown_commands(), ids=" ".join)
def test_every_command_in_the_readme_exists_with_its_options(words):
    """Each command in the README exists, and so does each of its options."""
    command = commands.commands[words[0]]
    options = {name for parameter in command.params for name in parameter.opts}

    assert {word for word in words[1:] if word.startswith("-")} <= options


def test_the_table_of_commands_is_complete():
    """The README lists every command, and no other."""
    listed = set(re.findall(r"^\| `corpus ([\w-]+)", README, re.MULTILINE))

    assert listed == set(commands.commands)


def test_every_command_has_help_with_an_example():
    """The help text of each command has an example."""
    for name in commands.commands:
        result = CliRunner().invoke(commands, [name, "--help"])
        assert result.exit_code == 0
        assert f"corpus {name}" in result.output.partition("Options")[2]


def test_the_config_in_the_readme_is_valid(tmp_path):
    """The config in the README loads, with the stages that it names."""
    (config,) = [block for block in blocks("yaml") if block.startswith("name:")]
    (tmp_path / "news.yaml").write_text(config)
    loaded = load_config(tmp_path / "news.yaml")

    assert [stage.stage for stage in loaded.stages] == ["clean", "language", "deduplicate", "split"]


def test_the_stage_in_the_docs_works(tmp_path, documents):
    """The stage in docs/own-stages.md loads from a config's folder and removes shouted texts."""
    (code, *_), (use,) = blocks("python", OWN_STAGES), blocks("yaml", OWN_STAGES)
    (tmp_path / "my_stages.py").write_text(code)
    config = {"name": "n", "sources": [{"path": "x.txt"}]} | yaml.safe_load(use)
    (tmp_path / "news.yaml").write_text(yaml.safe_dump(config))
    stage = load_config(tmp_path / "news.yaml").stages[1]
    marked = stage.apply(documents("WHY NOT SHOUT", "Why not speak softly"))

    assert marked.column("_reason").to_pylist() == ["shouting", None]


def test_the_threshold_stage_in_the_docs_works(tmp_path):
    """The second stage there removes what its first removes, and `corpus tune` shows its bound."""
    (tmp_path / "my_thresholds.py").write_text(blocks("python", OWN_STAGES)[2])
    rows = [{"id": f"d{i}", "text": text} for i, text in enumerate(["WHY NOT SHOUT", "Why not"])]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "c.yaml").write_text(
        "name: c\nsources: [{path: a.jsonl}]\nstages: [{use: 'my_thresholds:LimitCapitals'}]\n"
    )
    built = build(load_config(tmp_path / "c.yaml"), engine=Serial())
    (result,) = tune(
        load_config(tmp_path / "c.yaml", ["stages.limit_capitals.max_share=0.9"])
    ).results

    assert built.manifest["counts"]["kept"] == 1
    assert (result.documents, result.removed, result.threshold.max) == (2, 0, 0.9)


def test_the_output_in_the_readme_is_that_of_the_quickstart(tmp_path):
    """The README shows the real output of the quickstart, except for the path and file sizes."""
    config = ROOT / "configs" / "quickstart.yaml"
    call = [
        sys.executable,
        "-c",
        "from corpus.cli.commands import main; main()",
        "build",
        str(config),
    ]
    process = subprocess.run(
        [*call, "--set", f"output.path={tmp_path / 'quickstart'}"],
        check=True,
        capture_output=True,
        text=True,
    )
    documented = README.partition("<!-- output of the quickstart -->")[2].partition("```")[2]

    assert counts(process.stdout)
    assert counts(documented.partition("```")[0]) == counts(process.stdout)


def counts(output: str) -> list[str]:
    """Return the lines of a build summary that count documents, without file sizes."""
    lines = [line for line in output.splitlines() if line.startswith("  ")]
    return [re.sub(r" *\d+ files?, .*", "", line) for line in lines]


def test_the_settings_page_is_up_to_date():
    """`docs/settings.md` equals what its script generates from the models."""
    script = runpy.run_path(str(ROOT / "scripts" / "make_settings_page.py"))
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == script["settings_page"](), "run scripts/make_settings_page.py"
    for cls in (Config, Source, Output, Card, *STAGES.values()):
        for name, field in cls.model_fields.items():
            assert name == "stage" or f"| `{field.alias or name}` |" in page


def test_every_link_to_a_file_works():
    """Each file that a page links to exists."""
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_link_to_a_heading_works():
    """Each link within a page leads to one of its headings."""
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        text = page.read_text(encoding="utf-8")
        heads = (re.sub(r"[^\w\- ]", "", h.lower()) for h in re.findall(r"(?m)^#+ (.+)$", text))
        anchors = {head.replace(" ", "-") for head in heads}
        assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors, page.name


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_the_python_code_of_a_page_runs_as_a_script(page, tmp_path):
    """The Python blocks of a page, joined in order, run as one script from the checkout."""
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
        process = subprocess.run(
            [sys.executable, script],
            cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert process.returncode == 0, process.stderr
    assert "quickstart" in process.stdout
