"""The model file: one `.npz` with a table of weights and a description, without pickles or code.

    weights    int16[2^bits]
    header     uint8[n]: a JSON object in UTF-8 with `format`, `version`, `scale`, `bias`, and
               under `training` what the model was trained on

Equal models are equal files, byte for byte.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.classifier.features import MAX_BITS, MIN_BITS
from corpus.errors import ConfigError, InputError

FORMAT = "corpus text classifier"
FORMAT_VERSION = 1
MAX_WEIGHT = 32_767
MAX_FILE_BYTES = 1 << 28
"""A larger file is not read: no model is so large."""

MAX_PART_BYTES = {"weights.npy": (2 << MAX_BITS) + 1024, "header.npy": 1 << 20}
"""Size of each part of the file when it is unpacked; a larger part is not unpacked."""

_RETRAIN = "train it again with `corpus train-quality`"
_DAMAGES = (
    AttributeError, EOFError, IndexError, KeyError, MemoryError, NotImplementedError, OSError,
    OverflowError, RecursionError, RuntimeError, TypeError, ValueError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
"""What numpy or JSON raise if a file is not a model, or was damaged."""


class ClassifierModel(NamedTuple):
    """A linear classifier over buckets of words and pairs of words."""

    weights: NDArray[np.int16]
    """int16[2^bits]."""

    scale: float
    """The value of a weight of 1."""

    bias: float
    training: dict[str, Any]
    """What the model was trained on, and how: plain JSON."""

    sha256: str = ""
    """The hash of the file that the model was read from, in hex."""

    @property
    def bits(self) -> int:
        """The binary logarithm of the number of buckets."""
        return len(self.weights).bit_length() - 1


def pack_model(model: ClassifierModel) -> bytes:
    """Return the file of a model; equal models have equal bytes."""
    header = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "scale": model.scale,
        "bias": model.bias,
        "training": model.training,
    }
    data = json.dumps(header, sort_keys=True, allow_nan=False).encode()
    file = io.BytesIO()
    np.savez_compressed(file, header=np.frombuffer(data, np.uint8), weights=model.weights)
    return file.getvalue()


def read_model(path: Path) -> ClassifierModel:
    """Return the model in a file. Processes that have read it keep it until it changes.

    Raises ConfigError if there is no file, or it is not a model of this version; InputError if it
    is damaged. Both name the file, the fault and the remedy.
    """
    try:
        status = path.stat()
    except (OSError, ValueError):
        raise ConfigError(
            f"{path}: no such model file; train one with `corpus train-quality GOOD BAD`"
        ) from None
    if not path.is_file():
        raise ConfigError(f"{path}: not a file; `model` is the .npz of `corpus train-quality`")
    return _read_model(path, (status.st_size, status.st_mtime_ns, status.st_ino))


@lru_cache(maxsize=4)
def _read_model(path: Path, stamp: tuple[int, int, int]) -> ClassifierModel:
    not_a_model = ConfigError(
        f"{path}: not a model of `corpus train-quality`; name the .npz that it has written"
    )
    if stamp[0] > MAX_FILE_BYTES:
        raise not_a_model
    data = path.read_bytes()
    if not data.startswith(b"PK\3\4"):
        raise not_a_model
    try:
        _check_sizes(data)
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            if not {"header", "weights"} <= set(arrays.files):
                raise not_a_model
            header = json.loads(arrays["header"].tobytes())
            if not isinstance(header, dict) or header.get("format") != FORMAT:
                raise not_a_model
            if header.get("version") != FORMAT_VERSION:
                raise ConfigError(
                    f"{path}: the model has format version {str(header.get('version'))[:20]}, and "
                    f"this version of corpus reads {FORMAT_VERSION}; {_RETRAIN}"
                )
            model = _checked(header, arrays["weights"])
    except _DAMAGES as error:
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(
            f"{path}: the model is damaged ({why}); copy it again, or {_RETRAIN}"
        ) from None
    return model._replace(sha256=hashlib.sha256(data).hexdigest())


def _check_sizes(data: bytes) -> None:
    """Raise ValueError if a part of the file would be too large when it is unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        for part in file.infolist():
            most = MAX_PART_BYTES.get(part.filename)
            if most is not None and part.file_size > most:
                raise ValueError(f"{part.filename} has {part.file_size:,} bytes, at most {most:,}")


def _checked(header: dict[str, Any], weights: NDArray[Any]) -> ClassifierModel:
    """Return the model; raise ValueError if its parts do not fit together."""
    bits = len(weights).bit_length() - 1
    is_table = weights.dtype == np.int16 and weights.ndim == 1 and len(weights) == 1 << bits
    if not is_table or not MIN_BITS <= bits <= MAX_BITS:
        raise ValueError(f"weights are {weights.dtype}{list(weights.shape)}")
    scale, bias = float(header["scale"]), float(header["bias"])
    if not (math.isfinite(scale) and math.isfinite(bias) and isinstance(header["training"], dict)):
        raise ValueError("scale or bias is not a number")
    weights.flags.writeable = False
    return ClassifierModel(weights, scale, bias, header["training"])
