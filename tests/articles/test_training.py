"""The training scripts of the line model produce a model that the package can load and use."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from corpus.articles.lines.model import pack, unpack
from corpus.articles.lines.selection import BALANCED, choose
from corpus.trees import predict
from tests.articles.pages import ARTICLE, PAGE, PARAGRAPHS

SCRIPTS = Path(__file__).parents[2] / "scripts"


def script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a script as a module; skip the test if the training packages are not installed."""
    pytest.importorskip("lightgbm", reason="the training packages are not installed")
    monkeypatch.syspath_prepend(SCRIPTS)
    return importlib.import_module(name)


def test_flattened_forest_scores_like_lightgbm(monkeypatch):
    """The flat trees give each line the same score as LightGBM."""
    fitting = script("article_fitting", monkeypatch)
    trees = script("tree_fitting", monkeypatch)
    draws = np.random.default_rng(0)
    table = draws.normal(size=(800, 5)).astype(np.float32)
    labels = table[:, 0] * table[:, 1] > 0
    parameters = fitting.LINE_SETTINGS | {"num_iterations": 10}
    boosters = []
    train = trees.lightgbm.train
    monkeypatch.setattr(
        trees.lightgbm, "train", lambda *args: boosters.append(train(*args)) or boosters[-1]
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
    """A few pages are enough to fit all models, and fitting them again gives the same bytes."""
    fitting = script("article_fitting", monkeypatch)
    pages_script = script("article_pages", monkeypatch)
    for parameters in (fitting.LINE_SETTINGS, fitting.PAGE_SETTINGS):
        monkeypatch.setitem(parameters, "num_iterations", 20)
        monkeypatch.setitem(parameters, "min_data_in_leaf", 1)
    monkeypatch.setitem(fitting.PAGE_WEIGHTS, "clean", 1.0)
    named = {pages_script.fold_of(f"site{i}.example"): f"site{i}.example" for i in range(40)}
    pages = [
        pages_script.Page(text[:9] + site, site, source, "page_text", text, ARTICLE)
        for site in named.values()
        for text, source in ((PAGE, "tests"), (ARTICLE, "clean"))
    ]
    packed = [pack(fitting.Fitting(pages).fit()[None]) for _ in range(2)]
    assert all(np.array_equal(packed[0][name], packed[1][name]) for name in packed[0])

    model = unpack({name: np.asarray(x) for name, x in packed[0].items()})
    data = PAGE.encode()
    raw = np.frombuffer(data, np.uint8)
    ((spans, _, kept),) = choose(raw, [(0, raw.size)], model, BALANCED)
    lines = [data[start:stop].decode() for start, stop in spans[kept].tolist()]
    assert lines == [line for line in ARTICLE.split("\n") if line]


def test_table_in_an_article_is_labelled_as_content(monkeypatch, tmp_path):
    """A page that receives a table keeps the labels of its other lines."""
    pytest.importorskip("resiliparse")
    script("article_pages", monkeypatch)
    wcxb = script("article_wcxb", monkeypatch)
    rows = [
        {"id": str(i), "site": "s.example", "page_text": PAGE, "body": ARTICLE} for i in range(9)
    ]
    file = tmp_path / "news.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with_tables = [*wcxb.read_with_tables(file)]
    assert with_tables
    for page in with_tables:
        kept = [text for text, label in zip(page.texts, page.labels, strict=True) if label]
        assert [text for text in kept if len(text.split()) > 20] == list(PARAGRAPHS)
        assert len(kept) > len(PARAGRAPHS)
        assert len(page.texts) - len(kept) <= len([x for x in PAGE.split("\n") if x]) - 6


def test_pages_of_wcxb_are_dumped_in_two_ways(monkeypatch, tmp_path):
    """HTML becomes text with and without navigation, and the main content a page of its own."""
    script("article_pages", monkeypatch)
    wcxb = script("article_wcxb", monkeypatch)
    menu = "<nav><ul><li>Home</li><li>Sport</li></ul></nav>"
    html = f"<html><body>{menu}<p>{'</p><p>'.join(PARAGRAPHS)}</p></body></html>"
    row = {"id": "1", "site": "s.example", "type": "forum", "html": html, "body": ARTICLE}
    file = tmp_path / "wcxb.jsonl"
    file.write_text(json.dumps(row), encoding="utf-8")
    whole, without_navigation, clean = wcxb.read_wcxb(file)
    assert whole.labels.tolist() == [0, 0, 1, 1, 1, 1, 1, 1]
    assert without_navigation.texts[-6:] == clean.texts == list(PARAGRAPHS)
    assert (whole.kind, whole.is_trained_on, clean.source) == ("forum", True, "clean_wcxb")


def test_synthetic_pages_are_labelled_as_they_were_made(monkeypatch, tmp_path):
    """The article of a synthetic page is content; two pages are made of each article."""
    script("article_pages", monkeypatch)
    wcxb = script("article_wcxb", monkeypatch)
    short = "\n".join(f"The {i}th pier of the town" for i in range(20))
    rows = [
        {"id": str(i), "site": "s.example", "type": kind, "title": f"Pier {i}", "body": body}
        for i, (kind, body) in enumerate(
            [("article", f"{ARTICLE}\n{short}")] * 9 + [("forum", short)]
        )
    ]
    file, news = tmp_path / "wcxb.jsonl", tmp_path / "news.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    news.write_text("", encoding="utf-8")
    pages = list(wcxb.read_made(file, news))
    assert len(pages) == 2 * 9
    for page in pages:
        kept = [text for text, label in zip(page.texts, page.labels, strict=True) if label]
        shown = [text for text in PARAGRAPHS if text in page.body]
        assert set(shown) <= set(kept)
        assert "Cookies" not in kept


def test_small_pages_have_an_article_or_none(monkeypatch, tmp_path):
    """Of a small page only the article is content, and many small pages have none."""
    script("article_pages", monkeypatch)
    small = script("article_small_pages", monkeypatch)
    posts = "\n".join(f"The {i}th pier of the town is closed again, as ever" for i in range(20))
    words = [" ".join(f"word{i}x{j}" for j in range(40)) for i in range(40)]
    bodies = ["\n".join(pair) for pair in zip(words[::2], words[1::2], strict=True)]
    rows = [
        {"id": str(i), "site": "s.example", "type": kind, "title": f"Pier {i}", "body": body}
        for i, (kind, body) in enumerate(
            [*(("article", body) for body in bodies), ("forum", posts)]
        )
    ]
    file, news = tmp_path / "wcxb.jsonl", tmp_path / "news.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    news.write_text("", encoding="utf-8")
    pages = list(small.read_small(file, news))
    assert len(pages) == 20
    assert 3 <= sum(not page.labels.any() for page in pages) <= 15
    for page in pages:
        kept = [text for text, label in zip(page.texts, page.labels, strict=True) if label]
        assert kept == page.body.split("\n") if page.body else not kept
