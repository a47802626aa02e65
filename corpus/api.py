"""The functions of `import corpus`: each takes paths, dicts or models, and returns a plain object.

They raise the errors that the commands print: `corpus.errors.CorpusError` and its kinds, with the
same text. Nothing heavy is imported before a function needs it.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from corpus.errors import as_corpus_error

if TYPE_CHECKING:
    from corpus.auditing.audit import Audit
    from corpus.auditing.compare.diff import Difference
    from corpus.auditing.explain.explain import Explanation
    from corpus.builds.verify import Verification
    from corpus.cli.check import Plan
    from corpus.config.load import ConfigLike
    from corpus.config.model import Config
    from corpus.pipeline.engine import Engine
    from corpus.pipeline.result import Build
    from corpus.progress import Progress

P = ParamSpec("P")
R = TypeVar("R")
PathLike = str | os.PathLike[str]


def _plain_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function, raising what a user can mend as `CorpusError` without inner frames."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            known = as_corpus_error(error)
            if known is None:
                raise
        raise known.with_traceback(None) from None

    return wrapper


@_plain_errors
def load_config(config: ConfigLike, overrides: Sequence[str] = ()) -> Config:
    """Return a config: read from a YAML file, checked from a dict, or the model itself.

    `overrides` change settings, such as `["seed=3", "stages.split.test=0.1"]`. Relative paths start
    from the folder of the file; in a dict, from the working directory. Raises `ConfigError` with
    every mistake and its place.
    """
    from corpus.config.load import load_config as load

    return load(config, overrides)


@_plain_errors
def guess_config(path: PathLike, overrides: Sequence[str] = ()) -> Config:
    """Return a config for files that have none: a folder, a file, a glob or a URI.

    The formats, what the texts are, and which column is the text, the title or the date are guessed
    from names and first records. Relative paths start from the working directory, and a build goes
    to `build/NAME`. Raises `InputError` if there is nothing to read, or no column is a text.
    """
    from corpus.preview.guess import guess_config as guess

    return guess(os.fspath(path), overrides)


@_plain_errors
def init(folder: PathLike, path: PathLike | None = None) -> Path:
    """Write a config into a folder, and return its path: for a first project, or for your files.

    With `path` (a folder, a file, a glob or a URI), the config is guessed as by `guess_config`, and
    commented. Without it, a few pages to start from are written, too. Raises `ConfigError` if a
    file already exists: nothing is overwritten.
    """
    from corpus.cli.init import init as write_starter
    from corpus.cli.init import init_from

    if path is None:
        return write_starter(Path(folder))[0]
    return init_from(os.fspath(path), Path(folder))[0]


@_plain_errors
def check(config: ConfigLike, overrides: Sequence[str] = (), *, jobs: int | None = None) -> Plan:
    """Return what a build would read and do, and about how long it takes. Builds nothing.

    The plan has the first records of each source (`sources`), what is probably a mistake
    (`warnings`), and why a build would surely stop (`errors`). `config` may also be files, whose
    config is then guessed. Raises `ConfigError` for a mistake
    in the config, `InputError` if a source has no files.
    """
    from corpus.cli.check import plan
    from corpus.config.load import load_config as load

    return plan(load(_or_guess(config), overrides), jobs=jobs)


@_plain_errors
def build(
    config: ConfigLike,
    overrides: Sequence[str] = (),
    *,
    jobs: int | None = None,
    limit: int | None = None,
    force: bool = False,
    engine: Engine | None = None,
    progress: bool | Progress = True,
) -> Build:
    """Build the corpus that a config describes. An unchanged build is returned as it is.

    `config` may also be a folder, a file or a glob: its config is then guessed, as by
    `guess_config`.

    `jobs` is the number of workers (default: one for each processor). `limit` is the maximum number
    of records to read; such a trial is built beside the full corpus, in `NAME-trial`, unless
    `overrides` sets `output.path`. `force` builds again, without the cache. `progress`
    shows it on stderr, or below the cell of a notebook.

    The build is complete or it does not exist. Raises `ConfigError`, `InputError` or
    `EnvironmentFault`; the old build is then still there.
    """
    from corpus.config.load import load_config as load
    from corpus.config.load import load_trial
    from corpus.pipeline.build import build as run

    config = _or_guess(config)
    loaded = load(config, overrides) if limit is None else load_trial(config, overrides)
    shown = _progress(progress)
    try:
        return run(loaded, jobs=jobs, limit=limit, force=force, engine=engine, progress=shown)
    finally:
        shown.finish()


@_plain_errors
def verify(build: PathLike, inputs: ConfigLike | None = None) -> Verification:
    """Compare a build with its manifest: hash every file again and check every sum, offline.

    With its config as `inputs`, hash the input files again, too. Raises `InputError` if there is no
    build, or if its manifest is damaged.
    """
    from corpus.builds.verify import verify as run
    from corpus.config.load import load_config as load

    return run(Path(build), None if inputs is None else load(inputs))


@_plain_errors
def audit(
    path: PathLike,
    *,
    text: str = "text",
    seed: int = 0,
    topics: bool = True,
    tokenizer: PathLike | None = None,
    progress: bool | Progress = True,
) -> Audit:
    """Measure a corpus: a build, or any files that can be read as a source.

    `text` names the column with the text. `seed` selects the quoted documents. `topics` draws a map
    of the topics, which takes about a second. `tokenizer`, a `tokenizer.json` or the folder of a
    model, counts tokens; without it, they are estimated. Raises `InputError` if there is nothing to
    read, `ConfigError` if there is no such column.
    """
    from corpus.auditing.measure.measure_path import audit as run

    shown = _progress(progress)
    try:
        return run(
            os.fspath(path),
            text=text,
            seed=seed,
            topics=topics,
            tokenizer=None if tokenizer is None else os.fspath(tokenizer),
            progress=shown,
        )
    finally:
        shown.finish()


@_plain_errors
def explain(
    build: PathLike,
    id: str,
    *,
    source: bool = True,
    config: ConfigLike | None = None,
    columns: int = 100,
) -> Explanation:
    """Explain what happened to one document: what each stage changed, and where it is now.

    The beginning of an id is enough if it is unique. With `source`, the record is read again from
    its source, if that is still there. `config` is needed if the build was made elsewhere, for
    stages of your own, and if the sources are remote or have moved. `columns` is the width of the
    text. Raises `InputError` if there is no build, `ConfigError` if there is no such id.
    """
    from corpus.auditing.explain.explain import explain as run
    from corpus.config.load import load_config as load

    own = None if config is None else load(config)
    return run(Path(build), id, source=source, config=own, columns=columns)


@_plain_errors
def diff(a: PathLike, b: PathLike) -> Difference:
    """Compare two builds: settings, inputs, counts, statistics and documents.

    The result is true if there is a difference. Raises `InputError` if one of them is not a build.
    """
    from corpus.auditing.compare.diff import diff as run

    return run(os.fspath(a), os.fspath(b))


def _or_guess(config: ConfigLike) -> ConfigLike:
    """Return the config, or the one that is guessed if files are given instead."""
    from corpus.preview.guess import guess_config as guess
    from corpus.preview.guess import is_config

    if isinstance(config, str | os.PathLike) and not is_config(config):
        return guess(os.fspath(config))
    return config


def _progress(wanted: bool | Progress) -> Progress:
    """Return a progress display that suits the place: a notebook, a terminal, or plain lines."""
    from corpus.notebook_progress import NotebookProgress, in_notebook
    from corpus.progress import choose_progress

    if not isinstance(wanted, bool):
        return wanted
    if wanted and in_notebook():
        return NotebookProgress()
    return choose_progress(sys.stderr, quiet=not wanted)
