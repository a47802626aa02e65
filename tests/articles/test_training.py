"""The scripts that train the article model make one that the package can read and use."""

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
"""Folds with a page: a model that did not see two of them has one to learn from."""


def script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a script as a module; skip where what it trains with is not installed."""
    for package in ("jax", "lightgbm"):
        pytest.importorskip(package, reason="the packages that train are not installed")
    monkeypatch.syspath_prepend(SCRIPTS)
    return importlib.import_module(name)


def drawn_pages(n: int = 12) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return pages whose article is told by a line's features and those of the line before."""
    draws = np.random.default_rng(0)
    pages = []
    for _ in range(n):
        table = draws.normal(size=(60, 6)).astype(np.float32)
        labels = (table[:, 0] + np.roll(table[:, 1], 1) > 0).astype(np.int8)
        pages.append((table, labels, np.ones(60)))
    return pages


def test_a_net_in_whole_numbers_is_the_net_that_was_trained(monkeypatch):
    """Rounding moves the score of a line by little beside what lines differ in."""
    net_of = script("article_net", monkeypatch)
    monkeypatch.setattr(net_of, "EPOCHS", 30)
    kept = []
    rounded = net_of.rounded
    monkeypatch.setattr(net_of, "rounded", lambda *said: kept.append(said) or rounded(*said))
    pages = drawn_pages()
    net = net_of.fit(pages)

    ((weights, mean, deviation, _),) = kept
    table, labels, _ = (np.concatenate(part) for part in zip(*pages, strict=True))
    firsts = np.arange(0, len(table) + 1, 60)
    found = convolve(table, firsts, net)
    last = weights[-1]
    plain = []
    for page, _, own in pages:
        shown = np.clip((page - mean) / deviation, -MAX_DEVIATIONS, MAX_DEVIATIONS)
        held = np.asarray(net_of._activations(weights, shown, own)[-1])
        plain.append(held @ last["w"] + shown @ last["skip"] + last["b"])
    scores = np.concatenate(plain)
    assert np.mean((found > 0) == labels) > 0.7
    assert np.abs(found - scores).max() < 0.1 * scores.std()


def test_weights_and_layers_of_a_net_stay_below_what_sums_exactly(monkeypatch):
    """Whatever was trained, its weights are whole numbers, and of no more than seven bits."""
    net_of = script("article_net", monkeypatch)
    monkeypatch.setattr(net_of, "EPOCHS", 1)
    net = net_of.fit(drawn_pages(3))
    for weights in (net.input_weights, net.layer_weights, net.skip_weights, net.output_weights):
        assert np.array_equal(weights, np.rint(weights))
        assert np.abs(weights).max() <= MAX_WEIGHT
    assert 3 * net_of.CHANNELS * MAX_WEIGHT * MAX_ACTIVATION < 2**24


def test_a_forest_of_ours_is_the_one_that_was_grown(monkeypatch):
    """The flat trees give each line the score that LightGBM gives it."""
    fitting = script("article_fitting", monkeypatch)
    draws = np.random.default_rng(0)
    table = draws.normal(size=(800, 5)).astype(np.float32)
    labels = table[:, 0] * table[:, 1] > 0
    recipe = fitting.LINE_SETTINGS | {"num_iterations": 10}
    kept = []
    train = fitting.lightgbm.train
    monkeypatch.setattr(
        fitting.lightgbm, "train", lambda *said: kept.append(train(*said)) or kept[-1]
    )
    forest = fitting.fit_forest(table, labels, np.ones(800), recipe)

    (booster,) = kept
    wanted = booster.predict(table, raw_score=True)
    assert np.allclose(predict(table, forest), wanted, atol=1e-5)
    assert np.mean((wanted > 0) == labels) > 0.8
    double = fitting.average([forest, forest])
    assert np.allclose(predict(table, double), wanted, atol=1e-5)


def test_trees_that_do_not_split_are_a_forest(monkeypatch):
    """Where nothing can be told apart every page gets the same score."""
    fitting = script("article_fitting", monkeypatch)
    table = np.arange(20, dtype=np.float32)[:, None]
    forest = fitting.fit_forest(table, np.ones(20), np.ones(20), fitting.PAGE_SETTINGS)
    assert len(np.unique(predict(table, forest))) == 1


def test_a_whole_model_is_fitted_and_judges_pages(monkeypatch, tmp_path):
    """A few pages are enough to fit all four models, to save them, and to read them again."""
    fitting = script("article_fitting", monkeypatch)
    pages_of = script("article_pages", monkeypatch)
    monkeypatch.setattr(importlib.import_module("article_net"), "EPOCHS", 1)
    for recipe in (fitting.LINE_SETTINGS, fitting.PAGE_SETTINGS):
        monkeypatch.setitem(recipe, "num_iterations", 30)
        monkeypatch.setitem(recipe, "min_data_in_leaf", 1)
    named = {pages_of.fold_of(f"site{i}.example"): f"site{i}.example" for i in range(40)}
    pages = [
        pages_of.Page(text[:9] + site, site, "tests", "page_text", text, ARTICLE)
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
