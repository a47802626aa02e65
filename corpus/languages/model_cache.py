"""Tables made from an installed package or a model file: made once, kept, never kept too long.

They lie in the cache folder, one file for each model, under a key made of every file they come
from, of our own modules and of Python's Unicode version. Whatever changes, they are made afresh; so
they are where the file is damaged. Processes that make them at once write the same bytes, each in
one step.

A kept file is mapped into memory, not read: the tables of all processes are the same pages.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import json
import mmap
import unicodedata
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from corpus import storage
from corpus.errors import EnvironmentFault
from corpus.kernels import cache_folder

Arrays = dict[str, NDArray[Any]]

ALIGNED = 64
"""Each array begins at a multiple of so many bytes: a line of the processor's cache."""

HEAD = 16
"""Bytes before the header: its length, and the checksum of all that follows."""


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
    """Return named arrays made from the files or folders `sources`, read-only; kept by `name`."""
    path = cache_folder() / f"{name}-{key(sources)}.arrays"
    with contextlib.suppress(OSError, ValueError, KeyError):
        return mapped(path)
    packed = pack({field: np.asarray(array) for field, array in make().items()})
    with contextlib.suppress(OSError):  # a read-only home costs time, not the build
        storage.write(path, packed)
    return unpack(packed)


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


def pack(arrays: Arrays) -> bytes:
    """Return the arrays as one file: a header in JSON, then each array where the header says."""
    fields = []
    parts = []
    end = 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        fields.append([name, array.dtype.str, array.shape, end])
        parts.append(data + bytes(-len(data) % ALIGNED))
        end += len(parts[-1])
    header = json.dumps(fields).encode()
    header += b" " * (-(len(header) + HEAD) % ALIGNED)
    body = header + b"".join(parts)
    return len(header).to_bytes(8, "little") + zlib.crc32(body).to_bytes(8, "little") + body


def unpack(packed: bytes | mmap.mmap) -> Arrays:
    """Return the arrays that such a file holds, read-only and without a copy.

    Raises ValueError where the file is not whole.
    """
    view = memoryview(packed)
    n_header, checksum = (int.from_bytes(view[at : at + 8], "little") for at in (0, 8))
    if len(view) < HEAD or zlib.crc32(view[HEAD:]) != checksum:
        raise ValueError("the file is damaged")
    begin = HEAD + n_header
    found = {}
    for name, dtype, shape, start in json.loads(bytes(view[HEAD:begin])):
        count = int(np.prod(shape))
        array = np.frombuffer(packed, np.dtype(dtype), count, begin + start).reshape(shape)
        array.flags.writeable = False
        found[name] = array
    return found


def mapped(path: Path) -> Arrays:
    """Return the arrays of a file, mapped into memory."""
    with path.open("rb") as file:
        return unpack(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def from_npz(data: bytes) -> Arrays:
    """Return the arrays that an .npz file holds, which ships with the package."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def whole(file: IO[bytes]) -> io.BytesIO:
    """Return what a file holds, in memory, where it can be sought in."""
    return io.BytesIO(file.read())
