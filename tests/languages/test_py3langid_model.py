"""The second voice says what py3langid says."""

from __future__ import annotations

import lzma
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import EnvironmentFault
from corpus.languages import langdetect_model, py3langid_model
from corpus.languages.codes import code_of
from corpus.languages.predictions import read
from corpus.languages.py3langid_model import COUNT_SCALE, LONGEST, SCALE, compile_walks, load, weigh


@cache
def py3langid() -> Any:
    """Return the original."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)


def ours(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of texts, in nats, and their sizes in bytes."""
    model = load()
    reading = read(pa.array(texts, pa.large_string()), 10_000, langdetect_model.load())
    sums, sizes = weigh(*reading, model)
    return sums / SCALE / COUNT_SCALE, sizes


def check(text: str) -> None:
    """Compare the differences between classes with the original's."""
    expected = py3langid()._raw_score(py3langid()._encode(text))
    (found,), (size,) = ours([text])
    found = found[: len(expected)]
    assert size == len(text.encode())
    if not found.any():  # no feature was met
        return
    off = (found - found.mean()) - (expected - expected.mean())
    # a weight is rounded to 1/20, the logarithm of a count to 1/256
    assert np.abs(off).max() < 0.01 * np.abs(found).max() + 0.2


def test_articles_weigh_what_they_weigh_for_py3langid(articles: dict[str, str]) -> None:
    """In every language the sums are the original's, but for rounding the counts."""
    for text in articles.values():
        check(text)
    found, _ = ours(list(articles.values()))
    classes = load().classes
    said = classes[np.where(classes == "", -np.inf, found).argmax(axis=1)].tolist()
    assert said == [code_of(py3langid().classify(text)[0]) for text in articles.values()]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Lu", "Lt", "M", "Cs"])))
def test_any_text_is_walked_byte_by_byte(text: str) -> None:
    """Characters of one to four bytes lead through the same states."""
    if (
        not any(sign in text for sign in ("://", "@"))
        and py3langid()._encode(text) == text.encode()
    ):
        check(text)


def test_a_text_leaves_no_trace(articles: dict[str, str]) -> None:
    """The counts of one text are cleared before the next."""
    texts = list(articles.values())[:6]
    whole, _ = ours(texts)
    for row, text in enumerate(texts):
        assert np.array_equal(ours([text])[0][0], whole[row])


def test_the_model_fits_its_tables() -> None:
    """No weight is cut off, none is off by more than half a step, and each feature has a slot."""
    model = load()
    spread = np.ptp(py3langid().nb_ptc.astype(np.float64), axis=1)
    assert spread.max() * SCALE < 255
    mine = np.ptp(model.weights[:-1, : py3langid().nb_ptc.shape[1]], axis=1)
    assert abs(np.sort(mine) - np.sort(spread * SCALE)).max() <= 0.5
    n_features = len(model.weights) - 1
    assert np.array_equal(np.unique(model.features), np.arange(n_features + 1))
    assert not model.weights[n_features].any()


def test_sums_fit() -> None:
    """However often features are met, the sums of the longest sample stay below 2**31.

    The logarithm of 1 + n is at most n times that of 2, so a byte adds no more than one feature.
    """
    most_bytes = 40_000
    assert most_bytes * load().logarithms[1] * 255 < 2**31
    counts = np.arange(1, len(load().logarithms))
    assert (load().logarithms[1:] <= counts * load().logarithms[1]).all()


def test_the_longest_sequence_is_looked_up() -> None:
    """Each state of the automaton is a sequence of one to six bytes."""
    keys = load().keys
    lengths = np.unique([int(key).bit_length() + 7 >> 3 for key in keys[keys != 0]])
    assert lengths.tolist() == list(range(1, LONGEST + 1))


def test_another_model_is_refused(tmp_path: Path) -> None:
    """A package whose model cannot be read is an error that says what to install."""
    (tmp_path / "data").mkdir()
    for data in (b"", b"no model", lzma.compress(b"no model either")):
        (tmp_path / "data" / "model.npz.xz").write_bytes(data)
        with pytest.raises(EnvironmentFault, match="pip install py3langid=="):
            compile_walks(tmp_path)


def test_tables_of_a_package_without_a_model(tmp_path: Path) -> None:
    """A file that is not there is the same fault."""
    shutil.rmtree(tmp_path / "data", ignore_errors=True)
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        py3langid_model.compile_walks(tmp_path)
