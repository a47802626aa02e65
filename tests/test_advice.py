"""Advice is safe: what a message names exists, and following it gets past the message."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import corpus
from corpus.cli.commands import commands
from corpus.config.load import load_config
from corpus.config.model import Config
from corpus.errors import ConfigError, InputError
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial

PACKAGE = Path(corpus.__file__).parent
NOT_OURS = {"datasets", "data", "key"}
"""Names in messages with a colon behind them that are examples of data."""


def literals() -> Iterator[tuple[str, str]]:
    """Yield every text in the code that is not a docstring, with its place."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [v.value if isinstance(v, ast.Constant) else "{}" for v in node.values]
                documented |= {id(value) for value in node.values}
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", "".join(map(str, parts))
            elif (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in documented
            ):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node.value


def setting_names() -> set[str]:
    """Return the name of every setting, of the config and of the stages."""
    schema = Config.model_json_schema()
    models = [schema, *schema["$defs"].values()]
    return {name for model in models for name in model.get("properties", {})}


SETTING = re.compile(r"`([a-z_]+): |\bset (?:a longer |a )?`?([a-z]+_[a-z_]+)`?|\bset `([a-z_]+)`")


def test_every_setting_that_a_message_names_exists():
    """A message names settings as `name: value` or "set name"; no other name is a setting."""
    known = setting_names()
    named = [
        (place, name)
        for place, text in literals()
        for match in SETTING.finditer(text)
        for name in [next(filter(None, match.groups()))]
    ]
    assert len(named) > 10
    assert [(place, name) for place, name in named if name not in known | NOT_OURS] == []


def test_every_option_and_command_that_a_message_names_exists():
    """`--option` and `corpus command` in a message are those of the command line."""
    options = {
        option
        for command in commands.commands.values()
        for parameter in command.params
        for option in parameter.opts
    }
    for place, text in literals():
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text):
            assert option in options | {"--help"}, (place, option)
        for name in re.findall(r"`corpus ([a-z-]+)", text):
            assert name in commands.commands, (place, name)


def build_lines(folder: Path, lines: list[bytes], **source: Any) -> corpus.Build:
    """Build a JSONL file with these settings of its source, and stages of the config."""
    (folder / "in.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    (folder / "c.yaml").write_text(
        f"name: c\nsources: [{json.dumps({'path': 'in.jsonl'} | source)}]\n"
        "stages: [{stage: filter}]\noutput: {path: out}\n"
    )
    return build(load_config(folder / "c.yaml"), engine=Serial())


def text(i: int, **columns: Any) -> bytes:
    """Return a record as JSON."""
    return json.dumps({"text": f"The tide turned {i} times."} | columns).encode()


FOLLOWED = [
    # lines, what the message must name, the settings that follow it, documents afterwards
    (
        [f'{{"text": "Le marché numéro {i} ouvre."}}'.encode("latin-1") for i in range(1)],
        "set `encoding`",
        {"encoding": "latin-1"},
        1,
    ),
    (
        [json.dumps({"body": f"The bell rang {i} times."}).encode() for i in range(5)],
        "columns: {text: body}",
        {"columns": {"text": "body"}},
        5,
    ),
    ([text(0), text(1, more="x" * 3000)], "record_limit", {"record_limit": 10_000}, 2),
]


@pytest.mark.parametrize(("lines", "advice", "followed", "kept"), FOLLOWED)
def test_following_the_advice_gets_past_the_message(tmp_path, lines, advice, followed, kept):
    """The setting that a message names, set as it says, reads every record."""
    limited = {"record_limit": 2000} if "record_limit" in followed else {}
    with pytest.raises((InputError, ConfigError)) as caught:
        build_lines(tmp_path, lines, **limited)
    assert advice in str(caught.value)
    built = build_lines(tmp_path, lines, **followed)
    assert built.manifest["counts"]["kept"] == kept
    assert built.manifest["counts"]["rejected"] == 0


def test_a_damaged_byte_is_not_said_to_be_another_encoding(tmp_path):
    """With one damaged record in a UTF-8 file, the message warns that `encoding` garbles others."""
    lines = [f'{{"text": "Der Fluß stieg {i} Meter."}}'.encode() for i in range(5)]
    lines[2] = lines[2].replace("ß".encode(), b"\xdf")
    with pytest.raises(InputError) as caught:
        build_lines(tmp_path, lines)
    assert "if only some records are damaged, repair them" in str(caught.value)
    assert "loses 1 record." in str(caught.value)
