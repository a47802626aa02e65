"""The model file: equal models are equal files, and a wrong file is an error with a remedy."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

from corpus.classifier.model import ClassifierModel, pack_model, read_model
from corpus.classifier.observations import quality_score
from corpus.errors import ConfigError, InputError

WEIGHTS = np.arange(-512, 512).astype(np.int16)
MODEL = ClassifierModel(WEIGHTS, scale=0.01, bias=0.5, training={"documents": 7})


def npz(**arrays: object) -> bytes:
    """Return an .npz file with these arrays."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def header(**changes: object) -> np.ndarray:
    """Return the header of a model with these changes."""
    values = {"format": "corpus text classifier", "version": 1, "scale": 1.0, "bias": 0.0}
    values |= {"training": {}} | changes
    return np.frombuffer(json.dumps(values).encode(), np.uint8)


def test_a_model_is_read_as_it_was_written(tmp_path):
    """Weights, scale, bias and description survive, and equal models are equal files."""
    path = tmp_path / "model.npz"
    path.write_bytes(pack_model(MODEL))
    read = read_model(path)

    assert (read.scale, read.bias, read.training, read.bits) == (0.01, 0.5, {"documents": 7}, 10)
    np.testing.assert_array_equal(read.weights, WEIGHTS)
    assert pack_model(read) == path.read_bytes()


def encrypted(data: bytes) -> bytes:
    """Return a zip file whose parts claim to be encrypted."""
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.find(signature)
        while at >= 0:
            data = data[: at + offset] + bytes([data[at + offset] | 1]) + data[at + offset + 1 :]
            at = data.find(signature, at + 4)
    return data


def inflating() -> bytes:
    """Return a small model file whose header would unpack to many megabytes."""
    file = io.BytesIO()
    np.savez_compressed(file, header=np.zeros(1 << 25, np.uint8), weights=WEIGHTS)
    return file.getvalue()


WHOLE = pack_model(MODEL)
WRONG = {
    "text": (b"hello", ConfigError, "not a model"),
    "empty": (b"", ConfigError, "not a model"),
    "other arrays": (npz(x=WEIGHTS), ConfigError, "not a model"),
    "other format": (npz(header=header(format="x"), weights=WEIGHTS), ConfigError, "not a model"),
    "later version": (npz(header=header(version=2), weights=WEIGHTS), ConfigError, "version 2"),
    "no JSON": (npz(header=WEIGHTS, weights=WEIGHTS), InputError, "damaged"),
    "a list": (npz(header=np.frombuffer(b"[]", np.uint8), weights=WEIGHTS), ConfigError, "not a m"),
    "floats": (npz(header=header(), weights=WEIGHTS.astype(float)), InputError, "damaged"),
    "odd size": (npz(header=header(), weights=WEIGHTS[:1000]), InputError, "damaged"),
    "scalar": (npz(header=header(), weights=np.int16(3)), InputError, "damaged"),
    "tiny": (npz(header=header(), weights=WEIGHTS[:2]), InputError, "damaged"),
    "no scale": (npz(header=header(scale=None), weights=WEIGHTS), InputError, "damaged"),
    "infinite": (npz(header=header(bias=1e999), weights=WEIGHTS), InputError, "damaged"),
    "pickle": (npz(header=header(), weights=np.array([{}])), InputError, "damaged"),
    "encrypted": (encrypted(WHOLE), InputError, "damaged"),
    "inflating": (inflating(), InputError, "header.npy has 33,554,560 bytes, at most 1,048,576"),
    "truncated": (WHOLE[: len(WHOLE) // 2], InputError, "damaged"),
    "flipped": (WHOLE[:900] + bytes([WHOLE[900] ^ 255]) + WHOLE[901:], InputError, "damaged"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_an_error_that_names_it(tmp_path, kind):
    """A file that is not a model, of another version, or damaged is named, with the remedy."""
    data, error, message = WRONG[kind]
    path = tmp_path / "wrong.npz"
    path.write_bytes(data)

    with pytest.raises(error, match=f"wrong.npz.*{message}"):
        read_model(path)


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    """The message says how to train a model, or which file is meant."""
    with pytest.raises(ConfigError, match=r"no such model file.*corpus train-quality"):
        read_model(tmp_path / "missing.npz")
    with pytest.raises(ConfigError, match="not a file"):
        read_model(tmp_path)


def test_a_model_is_measured_under_a_name_of_its_own(tmp_path, documents):
    """The column depends on the bytes of the model, not on where it lies."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "m.npz").write_bytes(WHOLE)
    (tmp_path / "c.npz").write_bytes(pack_model(MODEL._replace(bias=0.25)))
    a, b, c = (quality_score(tmp_path / name) for name in ("a/m.npz", "b/m.npz", "c.npz"))

    assert a.name == b.name != c.name
    assert a.model_dump(mode="json") == b.model_dump(mode="json")
    assert list(a.columns(documents("a text", None))) == [a.name]


def test_a_model_that_changes_during_a_build_is_an_error(tmp_path, documents):
    """What is measured with another model than at the start is never mixed in."""
    path = tmp_path / "m.npz"
    path.write_bytes(WHOLE)
    observation = quality_score(path)
    path.write_bytes(pack_model(MODEL._replace(bias=0.25)))

    with pytest.raises(InputError, match="changed since the build began"):
        observation.columns(documents("a text"))
