"""Read the models that ship with the package; one that is damaged is a fault of the installation.

A model is one `.npz` file with arrays only: no pickles, no code.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.errors import REMEDIES, EnvironmentFault

Arrays = Mapping[str, NDArray[Any]]
Model = TypeVar("Model")

_DAMAGES = (
    AttributeError, EOFError, IndexError, KeyError, NotImplementedError, OSError, TypeError,
    ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What numpy raises, or the function that unpacks the arrays, if the file is not what it was."""


def read_shipped_model(path: Path, unpack: Callable[[Arrays], Model]) -> Model:
    """Return the model in a file of the package, as `unpack` makes it from its arrays.

    Raises EnvironmentFault, which names the file and the remedy, if the file is missing or damaged.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return unpack({name: file[name] for name in file.files})
    except _DAMAGES as error:
        raise _fault(path, error) from error


def _fault(path: Path, error: Exception) -> EnvironmentFault:
    """Return the fault of the environment that a model which cannot be read is."""
    if isinstance(error, FileNotFoundError):
        return EnvironmentFault(f"{path}: the model is missing; install corpus again")
    if isinstance(error, OSError) and error.errno in REMEDIES:
        return EnvironmentFault(f"{path}: {error.strerror}; {REMEDIES[error.errno]}")
    why = f"{type(error).__name__}: {error}".splitlines()[0]
    return EnvironmentFault(f"{path}: the model is damaged ({why}); install corpus again")
