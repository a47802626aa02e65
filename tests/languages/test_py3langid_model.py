"""Our compiled model gives the scores of py3langid."""

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
from corpus.languages.byte_ngrams import MAX_NGRAM_BYTES, _exact_slot, filter_place
from corpus.languages.codes import code_of
from corpus.languages.predictions import sample
from corpus.languages.py3langid_model import (
    COUNT_SCALE,
    SCALE,
    compile_model,
    is_latin,
    load,
    sum_weights,
)


@cache
def py3langid() -> Any:
    """Return the original model."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)


def ours(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of texts, in nats, and their sizes in bytes."""
    model = load()
    samples = sample(pa.array(texts, pa.large_string()), 10_000, langdetect_model.load())
    sums, sizes = sum_weights(*samples, model)
    return sums / SCALE / COUNT_SCALE, sizes


@cache
def columns() -> np.ndarray:
    """Return our column of each class of the original."""
    latin = is_latin(np.array([code_of(str(name)) for name in py3langid().nb_classes]))
    n_latin = load().latin_weights.shape[1]
    return np.where(latin, np.cumsum(latin) - 1, n_latin + np.cumsum(~latin) - 1)


def weights() -> np.ndarray:
    """Return the weights of all columns."""
    return np.hstack([load().latin_weights, load().other_weights])


def check_scores(text: str) -> None:
    """Compare the differences between classes with the original's."""
    expected = py3langid()._raw_score(py3langid()._encode(text))
    (sums,), (size,) = ours([text])
    sums = sums[columns()]
    assert size == len(text.encode())
    if not sums.any():  # no feature occurs
        return
    error = (sums - sums.mean()) - (expected - expected.mean())
    # a weight is rounded to 1/20, the logarithm of a count to 1/256
    assert np.abs(error).max() < 0.01 * np.abs(sums).max() + 0.2


def test_scores_of_articles_equal_py3langid(articles: dict[str, str]) -> None:
    """In every language, the sums are the original's up to rounding, and so is the prediction."""
    for text in articles.values():
        check_scores(text)
    sums, _ = ours(list(articles.values()))
    classes = load().classes
    predicted = classes[np.where(classes == "", -np.inf, sums).argmax(axis=1)].tolist()
    assert predicted == [code_of(py3langid().classify(text)[0]) for text in articles.values()]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Lu", "Lt", "M", "Cs"])))
def test_scores_of_any_text_equal_py3langid(text: str) -> None:
    """Characters of one to four bytes have the same features as in the original."""
    if (
        not any(sign in text for sign in ("://", "@"))
        and py3langid()._encode(text) == text.encode()
    ):
        check_scores(text)


def test_texts_do_not_affect_each_other(articles: dict[str, str]) -> None:
    """The counts of one text are reset before the next."""
    texts = list(articles.values())[:6]
    whole, _ = ours(texts)
    for row, text in enumerate(texts):
        assert np.array_equal(ours([text])[0][0], whole[row])


def test_the_model_fits_its_tables() -> None:
    """No weight is clipped, rounding errors are at most half a unit, and features have slots."""
    model = load()
    spread = np.ptp(py3langid().nb_ptc.astype(np.float64), axis=1)
    assert spread.max() * SCALE < 255
    our_spread = np.ptp(weights()[:-1, columns()], axis=1)
    assert abs(np.sort(our_spread) - np.sort(spread * SCALE)).max() <= 0.5
    names = {code_of(str(name)) for name in py3langid().nb_classes}
    assert set(model.classes.tolist()) == names | {""}
    n_features = len(model.latin_weights) - 1
    assert np.array_equal(np.unique(model.features), np.arange(n_features + 1))
    assert not weights()[n_features].any()


def test_sums_cannot_overflow() -> None:
    """The sums of the longest sample stay below 2**31, whatever features it has.

    The logarithm of 1 + n is at most n times that of 2, so each byte adds at most one feature.
    """
    max_bytes = 40_000
    assert max_bytes * load().logarithms[1] * 255 < 2**31
    counts = np.arange(1, len(load().logarithms))
    assert (load().logarithms[1:] <= counts * load().logarithms[1]).all()


def test_n_grams_have_one_to_six_bytes() -> None:
    """The kernel looks up n-grams as long as the longest state of the automaton."""
    keys = load().keys
    lengths = np.unique([int(key).bit_length() + 7 >> 3 for key in keys[keys != 0]])
    assert lengths.tolist() == list(range(1, MAX_NGRAM_BYTES + 1))


def test_an_unreadable_model_is_refused(tmp_path: Path) -> None:
    """A model that cannot be read is an error that says what to install."""
    (tmp_path / "data").mkdir()
    for data in (b"", b"no model", lzma.compress(b"no model either")):
        (tmp_path / "data" / "model.npz.xz").write_bytes(data)
        with pytest.raises(EnvironmentFault, match="pip install py3langid=="):
            compile_model(tmp_path)


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    """A package without a model file is the same error."""
    shutil.rmtree(tmp_path / "data", ignore_errors=True)
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        py3langid_model.compile_model(tmp_path)


def test_bytes_of_no_feature_have_no_slot() -> None:
    """The number of slots means none: 0xFF is in no UTF-8, so no feature ends with it."""
    model = load()
    nothing = np.uint64(2**64 - 1)
    assert _exact_slot(nothing, model.displacements, model.keys) == len(model.keys)


def test_the_filter_lets_every_known_n_gram_pass() -> None:
    """The filter has no false negatives, and few false positives."""
    model = load()
    keys = model.keys[model.keys >= 0x100]
    words, bits = filter_place.py_func(keys)
    assert (model.known[words.astype(np.int64)] & bits == bits).all()
    others = np.arange(1, 100_000, dtype=np.uint64) * np.uint64(0x5851F42D4C957F2D) >> np.uint64(16)
    words, bits = filter_place.py_func(others[~np.isin(others, keys)])
    assert (model.known[words.astype(np.int64)] & bits == bits).mean() < 0.05


@pytest.mark.parametrize("n_features", [1, 255, 256, 257, 300, 600])
def test_many_features_that_occur_once_are_added_up(n_features: int) -> None:
    """The sums of rows of bytes do not overflow, however many different features a text has."""
    model = load()
    greatest = [np.full_like(table, 255) for table in (model.latin_weights, model.other_weights)]
    for table in greatest:
        table[-1] = 0
        table.flags.writeable = False
    model = model._replace(latin_weights=greatest[0], other_weights=greatest[1])
    rows = np.arange(n_features)
    keys = [int(model.keys[np.flatnonzero(model.features[:-1] == row)[0]]) for row in rows]
    text = b"".join(key.to_bytes(8, "big").strip(b"\0") for key in keys)
    points = np.frombuffer(text, np.uint8).astype(np.uint32)
    points = points[points < 0x80][None, :]
    (sums,), _ = sum_weights(points, np.array([points.shape[1]]), model)
    counts = np.zeros(len(greatest[0]), np.int64)
    for end in range(1, points.shape[1] + 1):
        for size in range(min(end, MAX_NGRAM_BYTES), 1, -1):
            key = int.from_bytes(bytes(points[0, end - size : end].tolist()), "big")
            slots = np.flatnonzero(model.keys == key)
            if len(slots):
                counts[model.features[slots[0]]] += 1
                break
    factors = model.logarithms[counts[:-1]].astype(np.int64)
    expected = factors @ np.hstack(greatest)[:-1].astype(np.int64)
    assert np.array_equal(sums, expected + model.prior)


def test_a_text_in_latin_script_needs_only_the_languages_in_it(articles: dict[str, str]) -> None:
    """The sums of the languages that Latin script allows are the same without the others."""
    model = load()
    texts = list(articles.values())
    samples = sample(pa.array(texts, pa.large_string()), 10_000, langdetect_model.load())
    whole, sizes = sum_weights(*samples, model)
    chosen = np.arange(len(texts)) % 2 == 0
    part, same_sizes = sum_weights(*samples, model, chosen)
    latin = is_latin(model.classes)
    assert 80 < latin.sum() < len(latin)
    assert np.array_equal(part[:, latin], whole[:, latin])
    assert np.array_equal(part[~chosen], whole[~chosen])
    assert np.array_equal(sizes, same_sizes)
