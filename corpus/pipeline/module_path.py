"""Keep the working directory out of the way in which the processes of a build find modules.

A user may stand in a folder from elsewhere, in which a file is called `pickle.py` or `numba.py`.
Python would import it instead of its own in a process started by `python -c`, as the fork server
and the resource tracker of multiprocessing are. The variable PYTHONSAFEPATH forbids it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.fingerprints import PACKAGE

SAFE_PATH, MODULE_PATH = "PYTHONSAFEPATH", "PYTHONPATH"


@contextmanager
def safe_environment() -> Iterator[None]:
    """Let processes that are started in the block import nothing from the working directory.

    If this package itself is only there, in a checkout that is not installed, they still find it.
    """
    values = {SAFE_PATH: "1"}
    if _is_first_only(PACKAGE.parent):
        given = os.environ.get(MODULE_PATH)
        values[MODULE_PATH] = os.pathsep.join(filter(None, [given, str(PACKAGE.parent)]))
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _is_first_only(folder: Path) -> bool:
    """Return whether a folder is found only as that of the script, or as the working directory."""
    if sys.flags.safe_path or not sys.path:
        return False
    first, *others = (Path(entry).absolute() for entry in sys.path)
    return first == folder and folder not in others


def search_working_directory_last() -> None:
    """Search the working directory for modules after all other folders.

    A worker has the path of the caller, which begins with the working directory in a notebook. A
    stage that was imported from there is still found, and hides nothing.
    """
    here = Path.cwd()
    sys.path.sort(key=lambda entry: Path(entry).absolute() == here)  # a stable sort
