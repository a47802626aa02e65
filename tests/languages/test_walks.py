"""The second voice says what py3langid says."""

from __future__ import annotations

import lzma
import math
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
from corpus.languages import cached, profiles, walks
from corpus.languages.answers import read
from corpus.languages.codes import code_of
from corpus.languages.walks import COUNT_SCALE, SCALE, TOGETHER, compile_walks, load, walk_texts


@cache
def py3langid() -> Any:
    """Return the original."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)


def ours(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of texts, in nats, and their sizes in bytes."""
    model = load()
    reading = read(pa.array(texts, pa.large_string()), 10_000, profiles.load())
    sums = np.zeros((len(texts), len(model.prior)), np.int64)
    sizes = np.zeros(len(texts), np.int64)
    walk_texts(*reading, *model[:-1], sums, sizes)
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
    # each logarithm of a count is rounded to 1/256, and a weight is at most 13 from the mean
    assert np.abs(off).max() < 0.01 * np.abs(found).max() + 0.1


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


def test_weights_are_held_exactly() -> None:
    """Every weight of the model is a multiple of 1/512, so integers lose nothing."""
    folder = cached.package("py3langid", "it")
    with lzma.open(folder / "data" / "model.npz.xz") as file:
        weights = np.load(cached.whole(file))["ptc"].astype(np.float64)
    assert (weights * SCALE == np.round(weights * SCALE)).all()
    spread = load().weights[:, : weights.shape[1]]
    assert np.array_equal(np.ptp(spread, axis=1), np.ptp(weights, axis=1) * SCALE)


def test_partial_sums_fit() -> None:
    """So many features as are summed together stay below 2**31, however often they are met."""
    heaviest = int(np.abs(load().weights.astype(np.int64)).max())
    most_bytes = 40_000  # of the longest sample
    mean_count = math.log1p(most_bytes / TOGETHER) * COUNT_SCALE + 1  # a logarithm is concave
    assert TOGETHER * mean_count * heaviest < 2**31


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
        walks.compile_walks(tmp_path)
