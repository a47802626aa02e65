"""Read a config: a YAML file, a dict or a model, with overrides such as `stages.split.test=0.1`.

Every mistake is reported at once, with its place. A dict is checked like a file: its mistakes name
the setting, and have no line.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path, PurePath
from typing import Any

from pydantic import BaseModel, ValidationError

from corpus.config.mistakes import Mistake, Mistakes, Place
from corpus.config.model import Config, default_stages
from corpus.config.overrides import override
from corpus.config.pydantic_errors import as_mistakes
from corpus.config.secrets import hide_secrets
from corpus.config.yaml_positions import Node, from_value, read
from corpus.stages import Stage
from corpus.stages.custom import used

ConfigLike = str | os.PathLike[str] | Mapping[str, Any] | Config
"""A config: the path of a YAML file, its settings as a dict, or a model."""

_MISTAKES = (
    errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.ENXIO,
)  # fmt: skip
"""Why a path that exists cannot be read, if another path helps."""

DICT_LOCATION = "config"
"""The file name in the places of mistakes in a config that was passed as a dict."""


def load_config(config: ConfigLike, overrides: Sequence[str] = ()) -> Config:
    """Return the config in a YAML file or a dict, with overrides such as `seed=3`.

    Relative paths in a dict start from the working directory. A model is returned as it is, or
    checked again with the overrides. Raises `Mistakes`, a `ConfigError`, that lists every mistake
    with its place.
    """
    if isinstance(config, Config):
        if not overrides:
            return config
        node = from_value(config.to_json(), DICT_LOCATION)
        return _validated(node, overrides, folder=config.folder, path=config.path)
    if isinstance(config, Mapping):
        return _validated(from_value(_plain(config), DICT_LOCATION), overrides, folder=Path.cwd())
    return _from_file(os.fspath(config), overrides)


def load_trial(config: ConfigLike, overrides: Sequence[str] = ()) -> Config:
    """Return the config of a trial, beside the full corpus unless overrides set `output.path`."""
    loaded = load_config(config, overrides)
    named = any(option.partition("=")[0].strip() == "output.path" for option in overrides)
    return loaded if named else loaded.as_trial()


def _from_file(origin: str, overrides: Sequence[str]) -> Config:
    text = _text(origin)
    node, mistakes = read(text, origin)
    if node is None:
        fault = "the file is empty; `corpus init` writes a config to start from"
        raise Mistakes([Mistake(Place(origin, 1, 1), "", fault)])
    path = Path(os.path.abspath(origin))  # noqa: PTH100  resolving would follow links
    texts = {origin: text}
    return _validated(node, overrides, mistakes, texts, folder=path.parent, path=path)


def _validated(
    node: Node,
    overrides: Sequence[str],
    mistakes: Sequence[Mistake] = (),
    texts: Mapping[str, str] | None = None,
    *,
    folder: Path,
    path: Path | None = None,
) -> Config:
    """Return the config of a tree of values; raise `Mistakes` that lists all there are."""
    if not isinstance(node.value, dict):
        fault = "a config is a mapping of settings, such as `name: news`"
        raise Mistakes([Mistake(node.place, "", fault)], texts)
    if "stages" not in node.value:
        stages = [Node(name, node.place) for name in default_stages(node.plain())]
        node.value["stages"] = Node(stages, node.place)
    mistakes = [*mistakes]
    mistakes += [mistake for setting in overrides if (mistake := override(node, setting, folder))]
    mistakes += hide_secrets(node)
    try:
        config = Config.model_validate_json(
            json.dumps(node.plain()), strict=True, context={"folder": folder, "path": path}
        )
    except ValidationError as error:
        mistakes += as_mistakes(error, node, Config, folder)
    else:
        mistakes += _would_replace_itself(config, node)
    if mistakes:
        raise Mistakes(mistakes, texts)
    return config


def _plain(value: Any) -> Any:
    """Return a value of a dict as JSON knows it: paths and dates as text, models as settings."""
    if isinstance(value, Stage):
        settings = value.model_dump(mode="json", by_alias=True)
        use = used(value)
        return {"use": use, **settings} if use else settings
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json", by_alias=True, exclude_unset=True))
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, PurePath | date):
        return str(value)
    return value


def _text(origin: str) -> str:
    """Return the text of a file, or raise `Mistakes` that say why it cannot be read.

    A fault of the machine, such as a failing disk, is not a mistake: it stays an `OSError`.
    """

    def fail(fault: str, line: int = 0, column: int = 0) -> Mistakes:
        return Mistakes([Mistake(Place(origin, line, column), "", fault)])

    try:
        raw = Path(origin).read_bytes()
    except FileNotFoundError:
        raise fail("no such file; `corpus init` writes a config to start from") from None
    except IsADirectoryError:
        raise fail("a folder, not a config; name the YAML file in it") from None
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno not in _MISTAKES:
            raise
        raise fail(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise fail("not UTF-8 from here on; save the file as UTF-8", line, column) from None


def _would_replace_itself(config: Config, node: Node) -> list[Mistake]:
    """Return a mistake if the build would replace the folder that holds the config."""
    target = Path(os.path.abspath(config.destination))  # noqa: PTH100
    if not config.folder.is_relative_to(target):
        return []
    output = node.step("output")
    written = output.step("path") if output else None
    fault = "a build replaces its whole folder, and this one contains the config; choose another"
    return [Mistake((written or node).place, "output.path", fault)]
