"""Stages of your own, in a Python file next to the config.

    stages:
      - use: my_stages:DropShort
        min_characters: 200

`use` names the file (`my_stages.py`), or an installed module, and the class in it. The other keys
are its settings. The class is a `DocumentStage` or a `CorpusStage` with a name of its own,
`stage: Literal["drop_short"] = "drop_short"`.

If the module imports its neighbours, it must do so at the top. In a worker process, the file is not
an importable module. So the stage is pickled as `use`, folder and settings, and `rebuild` creates
it again in the worker.
"""

from __future__ import annotations

import copyreg
import hashlib
import importlib
import importlib.util
import inspect
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from corpus.errors import ConfigError
from corpus.stages.base import CorpusStage, DocumentStage, Stage

_USE = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):(?P<name>[A-Za-z_]\w*)", re.ASCII)
"""The form of `use`."""

_ORIGINS: dict[type[Stage], tuple[str, Path]] = {}


def load_stage(use: str, folder: Path) -> type[Stage]:
    """Return the stage class that `use` (`module:Class`) names; `folder` is searched first.

    Raises `ConfigError` if there is no such module or class, or if the class is not a stage.
    """
    match = _USE.fullmatch(use)
    if match is None:
        raise ConfigError(f"must be a module and a class, 'my_stages:DropShort', not {use!r}")
    module = _module(match["module"], folder)
    cls = _checked(match["name"], match["module"], module)
    if cls not in _ORIGINS:
        _ORIGINS[cls] = (use, folder)
        copyreg.pickle(cls, _reduce)
    return cls


def used(stage: Stage) -> str | None:
    """Return the `use` that a stage was loaded by; None for a stage of this package."""
    origin = _ORIGINS.get(type(stage))
    return origin[0] if origin else None


def folder_of(cls: type[Stage]) -> Path | None:
    """Return the folder of the config that a class was loaded for; None if not by `use`."""
    origin = _ORIGINS.get(cls)
    return origin[1] if origin else None


def is_outdated(cls: type[Stage]) -> bool:
    """Return whether the file beside the config that a class was loaded from has changed since."""
    file = sys.modules[cls.__module__].__file__ if cls in _ORIGINS else None
    if file is None or not re.search(r"_[0-9a-f]{16}\Z", cls.__module__):
        return False
    return not cls.__module__.endswith(_digest(Path(file)))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def rebuild(use: str, folder: str, settings: str) -> Stage:
    """Return a pickled stage, in any process."""
    return load_stage(use, Path(folder)).model_validate_json(settings)


def _reduce(stage: Stage) -> tuple[Any, ...]:
    use, folder = _ORIGINS[type(stage)]
    return rebuild, (use, str(folder), stage.model_dump_json())


def _module(name: str, folder: Path) -> ModuleType:
    path = folder / f"{name}.py"
    try:
        if path.is_file():
            return _from_file(path, _digest(path))
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            raise ConfigError(
                f"no module {name!r}: neither {name}.py beside the config nor an installed one"
            ) from None
        raise ConfigError(f"{name} imports {error.name!r}, which is not installed") from error
    except (Exception, SystemExit) as error:  # a user's module may raise anything
        line = f", line {where}" if (where := _line(error, path)) else ""
        raise ConfigError(
            f"{name} cannot be imported: {type(error).__name__}: {error}{line}"
        ) from error


@cache
def _from_file(path: Path, digest: str) -> ModuleType:
    """Import a file under a unique name, so that a changed file is a new module."""
    name = f"{path.stem}_{digest}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # noqa: S101  a .py file always has one
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    # At the end of the path: neighbours of the module can be imported, and hide nothing.
    sys.path.append(str(path.parent))
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(str(path.parent))
    return module


def _checked(name: str, module: str, loaded: ModuleType) -> type[Stage]:
    """Return the class of this name; raise `ConfigError` if it is not a usable stage."""
    cls = getattr(loaded, name, None)
    if cls is None:
        stages = [
            n
            for n, value in vars(loaded).items()
            if inspect.isclass(value) and issubclass(value, Stage) and not inspect.isabstract(value)
        ]
        has = f"; its stages are {', '.join(stages)}" if stages else ""
        raise ConfigError(f"{module} has no class {name!r}{has}")
    if not (inspect.isclass(cls) and issubclass(cls, DocumentStage | CorpusStage)):
        raise ConfigError(f"{name} is not a stage: derive it from DocumentStage or CorpusStage")
    if inspect.isabstract(cls):
        missing = ", ".join(sorted(cls.__abstractmethods__))
        raise ConfigError(f"{name} is incomplete: it lacks {missing}")
    if not isinstance(cls.model_fields["stage"].default, str):
        raise ConfigError(f"{name} has no name: add `stage: Literal['my_stage'] = 'my_stage'`")
    return cls


def _line(error: BaseException, path: Path) -> int | None:
    """Return the line of the file that raised; None if another file did."""
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
