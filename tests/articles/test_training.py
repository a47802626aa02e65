"""The training scripts produce a model that the package can load and use."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from corpus.articles.lines.convolution import (
    MAX_ACTIVATION,
    MAX_DEVIATIONS,
    MAX_WEIGHT,
    convolve,
)
from corpus.articles.lines.extraction import BALANCED, choose
from corpus.articles.lines.model import pack, unpack
from corpus.trees import predict
from tests.articles.pages import ARTICLE, PAGE

SCRIPTS = Path(__file__).parents[2] / "scripts"
FOLDS = 3
"""Number of folds with pages: one is left to train on if two are excluded."""


def script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a script as a module; skip the test if the training packages are not installed."""
    for package in ("jax", "lightgbm"):
        pytest.importorskip(package, reason="the training packages are not installed")
    monkeypatch.syspath_prepend(SCRIPTS)
    return importlib.import_module(name)


def random_pages(n: int = 12) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return pages whose labels depend on the features of a line and of the line before."""
    draws = np.random.default_rng(0)
    pages = []
    for _ in range(n):
        table = draws.normal(size=(60, 6)).astype(np.float32)
        labels = (table[:, 0] + np.roll(table[:, 1], 1) > 0).astype(np.int8)
        pages.append((table, labels, np.ones(60)))
    return pages


def test_rounded_net_scores_like_the_trained_net(monkeypatch):
    """Rounding changes scores by little compared with how much they differ between lines."""
    net_script = script("article_net", monkeypatch)
    monkeypatch.setattr(net_script, "EPOCHS", 30)
    calls = []
    rounded = net_script.rounded
    monkeypatch.setattr(net_script, "rounded", lambda *args: calls.append(args) or rounded(*args))
    pages = random_pages()
    net = net_script.fit(pages)

    ((weights, mean, deviation, _),) = calls
    table, labels, _ = (np.concatenate(part) for part in zip(*pages, strict=True))
    page_offsets = np.arange(0, len(table) + 1, 60)
    rounded_scores = convolve(table, page_offsets, net)
    last = weights[-1]
    by_page = []
    for page, _, own in pages:
        features = np.clip((page - mean) / deviation, -MAX_DEVIATIONS, MAX_DEVIATIONS)
        activations = np.asarray(net_script._activations(weights, features, own)[-1])
        by_page.append(activations @ last["w"] + features @ last["skip"] + last["b"])
    scores = np.concatenate(by_page)
    assert np.mean((rounded_scores > 0) == labels) > 0.7
    assert np.abs(rounded_scores - scores).max() < 0.1 * scores.std()


def test_sums_of_a_trained_net_are_exact(monkeypatch):
    """Weights are whole numbers of at most seven bits, so no sum reaches 2**24."""
    net_script = script("article_net", monkeypatch)
    monkeypatch.setattr(net_script, "EPOCHS", 1)
    net = net_script.fit(random_pages(3))
    for weights in (net.input_weights, net.layer_weights, net.skip_weights, net.output_weights):
        assert np.array_equal(weights, np.rint(weights))
        assert np.abs(weights).max() <= MAX_WEIGHT
    assert 3 * net_script.CHANNELS * MAX_WEIGHT * MAX_ACTIVATION < 2**24


def test_flattened_forest_scores_like_lightgbm(monkeypatch):
    """The flat trees give each line the same score as LightGBM."""
    fitting = script("article_fitting", monkeypatch)
    draws = np.random.default_rng(0)
    table = draws.normal(size=(800, 5)).astype(np.float32)
    labels = table[:, 0] * table[:, 1] > 0
    parameters = fitting.LINE_SETTINGS | {"num_iterations": 10}
    boosters = []
    train = fitting.lightgbm.train
    monkeypatch.setattr(
        fitting.lightgbm, "train", lambda *args: boosters.append(train(*args)) or boosters[-1]
    )
    forest = fitting.fit_forest(table, labels, np.ones(800), parameters)

    (booster,) = boosters
    expected = booster.predict(table, raw_score=True)
    assert np.allclose(predict(table, forest), expected, atol=1e-5)
    assert np.mean((expected > 0) == labels) > 0.8
    double = fitting.average([forest, forest])
    assert np.allclose(predict(table, double), expected, atol=1e-5)


def test_forest_without_splits_gives_one_score(monkeypatch):
    """If all labels are equal, the trees do not split and every page gets the same score."""
    fitting = script("article_fitting", monkeypatch)
    table = np.arange(20, dtype=np.float32)[:, None]
    forest = fitting.fit_forest(table, np.ones(20), np.ones(20), fitting.PAGE_SETTINGS)
    assert len(np.unique(predict(table, forest))) == 1


def test_model_can_be_fitted_saved_and_used(monkeypatch, tmp_path):
    """A few pages are enough to fit all four models, to save them and to load them again."""
    fitting = script("article_fitting", monkeypatch)
    pages_script = script("article_pages", monkeypatch)
    monkeypatch.setattr(importlib.import_module("article_net"), "EPOCHS", 1)
    for parameters in (fitting.LINE_SETTINGS, fitting.PAGE_SETTINGS):
        monkeypatch.setitem(parameters, "num_iterations", 30)
        monkeypatch.setitem(parameters, "min_data_in_leaf", 1)
    named = {pages_script.fold_of(f"site{i}.example"): f"site{i}.example" for i in range(40)}
    pages = [
        pages_script.Page(text[:9] + site, site, "tests", "page_text", text, ARTICLE)
        for site in (named[fold] for fold in range(FOLDS))
        for text in (PAGE, ARTICLE)
    ]
    fitted = fitting.Fitting(pages).model(frozenset())

    file = tmp_path / "model.npz"
    np.savez_compressed(file, **pack(fitted))
    with np.load(file) as arrays:
        model = unpack(dict(arrays))
    data = PAGE.encode()
    raw = np.frombuffer(data, np.uint8)
    ((spans, _, kept),) = choose(raw, [(0, raw.size)], model, BALANCED)
    lines = [data[start:stop].decode() for start, stop in spans[kept].tolist()]
    assert lines == [line for line in ARTICLE.split("\n") if line]
