"""A cache of tables compiled from an installed package or a model file.

Each model has one file in the cache folder. Its name is a hash of every file that the tables come
from, of the modules of this package, and of Python's Unicode version. If any of them changes, or
the file is damaged, the tables are compiled again. Processes that do so at the same time write the
same bytes, each atomically.

A cached file is mapped into memory instead of read, so all processes share the same pages.
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

ALIGNMENT_BYTES = 64
"""Each array starts at a multiple of this: the length of a cache line."""

PREFIX_BYTES = 16
"""Bytes before the header: the length of the header and the checksum of all that follows."""


def package_folder(name: str, purpose: str) -> Path:
    """Return the folder of an installed package, without importing it.

    Raises EnvironmentFault, with what the stage needs it for, if it is not installed.
    """
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EnvironmentFault(
            f"the stage 'language' needs the package {name} ({purpose}), which is not installed; "
            f"run: pip install {name}"
        )
    return Path(spec.origin).parent


def load_arrays(
    name: str, sources: Sequence[Path], compile_arrays: Callable[[], Mapping[str, NDArray[Any]]]
) -> Arrays:
    """Return read-only arrays from the cache; compile and store them if they are not there.

    `sources` are the files or folders that they are compiled from; `name` begins the file name.
    """
    path = cache_folder() / f"{name}-{cache_key(sources)}.arrays"
    with contextlib.suppress(OSError, ValueError, KeyError):
        return map_file(path)
    packed = pack({field: np.asarray(array) for field, array in compile_arrays().items()})
    with contextlib.suppress(OSError):  # a read-only cache folder costs time but fails no build
        storage.write(path, packed)
    return unpack(packed)


def cache_key(sources: Sequence[Path]) -> str:
    """Return 16 hex digits that identify everything the tables depend on."""
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
    """Return the arrays as one file: a JSON header, then each array at its offset."""
    fields = []
    parts = []
    end = 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        fields.append([name, array.dtype.str, array.shape, end])
        parts.append(data + bytes(-len(data) % ALIGNMENT_BYTES))
        end += len(parts[-1])
    header = json.dumps(fields).encode()
    header += b" " * (-(len(header) + PREFIX_BYTES) % ALIGNMENT_BYTES)
    body = header + b"".join(parts)
    return len(header).to_bytes(8, "little") + zlib.crc32(body).to_bytes(8, "little") + body


def unpack(packed: bytes | mmap.mmap) -> Arrays:
    """Return the arrays of a packed file, read-only and without a copy.

    Raises ValueError if the file is damaged.
    """
    view = memoryview(packed)
    header_bytes, checksum = (int.from_bytes(view[at : at + 8], "little") for at in (0, 8))
    if len(view) < PREFIX_BYTES or zlib.crc32(view[PREFIX_BYTES:]) != checksum:
        raise ValueError("the file is damaged")
    begin = PREFIX_BYTES + header_bytes
    arrays = {}
    for name, dtype, shape, start in json.loads(bytes(view[PREFIX_BYTES:begin])):
        count = int(np.prod(shape))
        array = np.frombuffer(packed, np.dtype(dtype), count, begin + start).reshape(shape)
        array.flags.writeable = False
        arrays[name] = array
    return arrays


def map_file(path: Path) -> Arrays:
    """Return the arrays of a packed file, mapped into memory."""
    with path.open("rb") as file:
        return unpack(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def read_npz(data: bytes) -> Arrays:
    """Return the arrays of an .npz file."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def in_memory(file: IO[bytes]) -> io.BytesIO:
    """Return the rest of a file as a seekable file in memory."""
    return io.BytesIO(file.read())
