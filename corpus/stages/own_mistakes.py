"""Name a mistake in a stage of the user's own: the stage, the line, and the document.

Such a mistake stops the build. Its records are not rejects: they can be read, and nothing is lost
once the stage is correct. A stage of this package that fails on a record is not caught here.

    my_stages.py:14: stage 'drop_short' raised KeyError: 'n', on record 18 of a.jsonl (id 'd17').
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar

import pyarrow as pa

from corpus.documents import ID, RECORD, SOURCE
from corpus.errors import CorpusError, StageContractError, StageError
from corpus.stages.base import Stage
from corpus.stages.custom import folder_of

R = TypeVar("R")

MAX_CHARACTERS = 300
"""Maximum number of characters of an exception, and of an id, in a message."""

REMEDY = "Correct the stage and build again. Nothing was built, and no record was rejected."


def is_own(cls: type[Stage]) -> bool:
    """Return whether a class of stages is the user's, and not one of this package."""
    return cls.__module__.partition(".")[0] != "corpus"


@contextmanager
def naming_mistakes_of(stage: Stage) -> Iterator[None]:
    """Raise `StageError` in place of whatever the user's own stage raises in the block."""
    try:
        yield
    except BaseException as error:  # noqa: BLE001  a user's stage may raise anything
        _raise_named(stage, error)


def call_on_rows(stage: Stage, documents: pa.RecordBatch, call: Callable[[int, int], R]) -> R:
    """Return `call(0, documents.num_rows)`, which applies a stage to `call(first row, rows)`.

    If a stage of the user's own raises, the batch is halved until the document is alone, and
    `StageError` names it. That costs at most as much as applying the stage twice more.
    """
    try:
        return call(0, documents.num_rows)
    except BaseException as error:
        if not is_own(type(stage)) or not _is_mistake(error):
            raise
        rows = _failing_rows(call, documents.num_rows)
        _raise_named(stage, error, where=f", on {_describe(documents.slice(*rows))}")


def _failing_rows(call: Callable[[int, int], object], n_rows: int) -> tuple[int, int]:
    """Return the first row and the number of the fewest rows that halving still finds failing."""
    first, rows = 0, n_rows
    while rows > 1:
        half = rows // 2
        if _raises(call, first, half):
            rows = half
        elif _raises(call, first + half, rows - half):
            first, rows = first + half, rows - half
        else:  # it fails only on these rows together
            break
    return first, rows


def _raises(call: Callable[[int, int], object], first: int, rows: int) -> bool:
    try:
        call(first, rows)
    except BaseException as error:
        if not _is_mistake(error):
            raise
        return True
    return False


def _raise_named(stage: Stage, error: BaseException, *, where: str = "") -> NoReturn:
    """Raise an error as a mistake of the user's own stage; a stage of this package, unchanged."""
    if not is_own(type(stage)) or not _is_mistake(error):
        raise error
    fault = f"stage {stage.stage!r} raised {describe_error(error)}"
    if isinstance(error, StageContractError):
        fault = str(error)
    named = StageError(f"{place_of(type(stage), error)}: {fault}{where}. {REMEDY}")
    named.add_note("".join(traceback.format_exception(error)))
    raise named from None


def _is_mistake(error: BaseException) -> bool:
    """Return whether an error is the stage's.

    Interruptions, a lack of memory and errors of this package have their own messages.
    """
    if isinstance(error, StageContractError):
        return True
    if isinstance(error, KeyboardInterrupt | GeneratorExit | MemoryError | CorpusError):
        return False
    return isinstance(error, Exception) or not type(error).__module__.startswith("corpus.")


def describe_error(error: BaseException) -> str:
    """Return the type and the text of an exception in one line."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001  the `__str__` of a user's exception may raise, too
        text = ""
    return f"{type(error).__name__}: {text[:MAX_CHARACTERS]}" if text else type(error).__name__


def _describe(documents: pa.RecordBatch) -> str:
    """Return which document of which file this is, or the first of several."""
    if documents.num_rows == 0:
        return "an empty batch"
    row = documents.select([SOURCE, RECORD, ID]).slice(0, 1).to_pylist()[0]
    document = f"record {row[RECORD]:,} of {row[SOURCE]} (id {row[ID][:MAX_CHARACTERS]!r})"
    if documents.num_rows == 1:
        return document
    return f"{documents.num_rows:,} documents together, the first of which is {document}"


def place_of(cls: type[Stage], error: BaseException) -> str:
    """Return file and line of the last call in the stage's module, or of its class."""
    module = sys.modules.get(cls.__module__)
    file = getattr(module, "__file__", None) or cls.__module__
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == file
    ]
    line = lines[-1] if lines else _line_of_class(cls)
    folder = folder_of(cls)
    path = Path(file)
    name = path.relative_to(folder) if folder and path.is_relative_to(folder) else path
    return f"{name}:{line}" if line else str(name)


def _line_of_class(cls: type) -> int | None:
    try:
        return inspect.getsourcelines(cls)[1]
    except (OSError, TypeError):
        return None
