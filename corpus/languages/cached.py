"""Tables made from an installed package or a model file: made once, kept, never kept too long.

They lie in the cache folder as an uncompressed .npz file, under a key made of every file they come
from, of our own modules and of Python's Unicode version. Whatever changes, they are made afresh; so
they are where the file does not load. Processes that make them at once write the same bytes, each
in one step.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from corpus import storage
from corpus.errors import EnvironmentFault
from corpus.kernels import cache_folder

Arrays = dict[str, NDArray[Any]]


def package(name: str, purpose: str) -> Path:
    """Return the folder of an installed package, without importing it.

    Raises EnvironmentFault, saying what it is for, where it is not installed.
    """
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EnvironmentFault(
            f"{purpose} is the package {name}, which is not installed; run: pip install {name}"
        )
    return Path(spec.origin).parent


def arrays(
    name: str, sources: Sequence[Path], make: Callable[[], Mapping[str, NDArray[Any]]]
) -> Arrays:
    """Return named arrays made from the files or folders `sources`, kept under `name`."""
    path = cache_folder() / f"{name}-{key(sources)}.npz"
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return from_bytes(path.read_bytes())
    made = {field: np.asarray(array) for field, array in make().items()}
    with contextlib.suppress(OSError):  # a read-only home costs time, not the build
        storage.write(path, to_bytes(made))
    return made


def key(sources: Sequence[Path]) -> str:
    """Return 16 hex digits of all that the tables are made from."""
    digest = hashlib.sha256(unicodedata.unidata_version.encode())
    paths = sorted(Path(__file__).parent.glob("*.py"))
    for source in sources:
        inside = source.rglob("*") if source.is_dir() else [source]
        paths += sorted(path for path in inside if path.suffix != ".pyc" and path.is_file())
    for path in paths:
        data = path.read_bytes()
        digest.update(f"{path.name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:16]


def to_bytes(arrays: Arrays) -> bytes:
    """Return the arrays as an uncompressed .npz file."""
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    return out.getvalue()


def from_bytes(data: bytes) -> Arrays:
    """Return the arrays that such a file holds; the checksum of each is verified."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def whole(file: IO[bytes]) -> io.BytesIO:
    """Return what a file holds, in memory, where it can be sought in."""
    return io.BytesIO(file.read())
