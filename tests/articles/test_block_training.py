"""The training scripts of the block model produce a model that the package can load and use."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from corpus.articles.blocks.extraction import extract_blocks, page_bytes, result_of
from corpus.articles.blocks.features import read_page
from corpus.articles.blocks.model import pack, score_page, unpack
from corpus.articles.characters import character_tables
from corpus.trees import predict
from tests.articles.pages import HTML, PARAGRAPHS

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def pages_script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the script that reads and labels pages."""
    monkeypatch.syspath_prepend(SCRIPTS)
    return importlib.import_module("block_pages")


@pytest.mark.parametrize(
    ("texts", "body", "labels"),
    [
        (["Menu", "The bridge is closed today", "© Post"], "The bridge is closed today", [0, 1, 0]),
        (["One two", "Three", "x y"], "One two\nThree", [1, 1, 0]),
        (["a b c d e f", "Note", "g h i j k l"], "a b c d e f\nNote well\ng h i j k l", [1, 1, 1]),
        (["Note", "a b c d e f", "Other"], "a b c d e f, Note well", [0, 1, 0]),
        (["Hot", "a b c d e", "Hot", "f g h i j", "Hot"], "a b c d e\nHot\nf g h i j", [0, 0, 0]),
        (["a b c d e f g h"], "a b c d x f g h", [0]),
        ([], "a", []),
        (["a", "!"], "", [0, 0]),
    ],
)
def test_blocks_are_labelled_by_the_gold(pages_script, texts, body, labels):
    """A block is content if the gold has it; of copies, those nearest to the rest."""
    found = pages_script.label_blocks(texts, body).tolist()
    if texts and texts[0] == "Hot":
        assert sum(found) == 3
        assert found[2] == 1
    else:
        assert found == [bool(label) for label in labels]


def test_word_score_is_that_of_bags_of_words(pages_script):
    """Order does not count, repetition does."""
    assert pages_script.word_score("a b c d", "d c b a") == (1, 1, 1)
    assert pages_script.word_score("a b", "a a b b") == pytest.approx((0.5, 1, 2 / 3))
    assert pages_script.word_score("a", "") == (0, 0, 0)


def test_a_model_can_be_fitted_saved_and_used(pages_script, monkeypatch, tmp_path):
    """A few pages are enough to fit both lexicons and both passes, and the same bytes come back."""
    pytest.importorskip("lightgbm", reason="the training packages are not installed")
    fitting = importlib.import_module("block_fitting")
    monkeypatch.setitem(fitting.SETTINGS, "num_iterations", 20)
    monkeypatch.setitem(fitting.SETTINGS, "min_data_in_leaf", 1)
    body = "\n".join(PARAGRAPHS)
    lines = [
        json.dumps(
            {"id": f"{i}", "site": f"{i}.example", "type": "article", "body": body, "html": HTML}
        )
        for i in range(12)
    ]
    file = tmp_path / "pages.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    packed = []
    for _ in range(2):
        fitted = fitting.BlockFitting(list(pages_script.read_wcxb(file)))
        fitted.fit()
        packed.append(pack(fitted.models[None]))
    assert all(np.array_equal(packed[0][name], packed[1][name]) for name in packed[0])

    model = unpack({name: np.asarray(x) for name, x in packed[0].items()})
    page = read_page(page_bytes(HTML), character_tables())
    assert np.array_equal(score_page(page, model), score_page(page, fitted.models[None]))
    assert result_of(extract_blocks(HTML, model=model)).text == body


@pytest.mark.parametrize("language", ["en", "tr", "ar", "zh"])
@pytest.mark.parametrize("part", ["all", "seen", "held out"])
def test_made_pages_are_labelled_as_they_were_made(pages_script, language, part):
    """A synthetic page has its article's lines as content, and nothing else."""
    making = importlib.import_module("block_making")
    post, opening = "I never liked that ferry at all", "The old mill has a new owner."
    stock = making.Stock(["Storks return"], [opening], ["Two piers"], [post])
    maker = making.Maker(3, stock, language=language, part=part)
    for _ in range(20):
        markup, lines = making.make_page(maker, "The bridge", PARAGRAPHS[:4])
        row = {"id": "1", "site": "s.example", "title": "The bridge", "body": "\n".join(lines)}
        page = pages_script.page_of(row, "made", "made", markup)
        kept = "\n".join(t for t, label in zip(page.texts, page.labels, strict=True) if label)
        assert post not in kept
        assert opening not in kept
        assert page.oracle_f1 > 0.9


def test_containers_and_texts_can_be_held_out(pages_script):
    """What a maker of the part that was held out uses, a maker of the rest never uses."""
    making = importlib.import_module("block_making")
    stock = making.Stock(["t"], ["o"], ["s"], ["p"])
    seen, held_out = (
        {making.Maker(i, stock, part=part).some("abcdefgh") for i in range(60)}
        for part in ("seen", "held out")
    )
    assert seen == set("abcefg")
    assert held_out == set("dh")


@pytest.mark.parametrize("language", ["en", "ur", "ja", "sv"])
@pytest.mark.parametrize("part", ["all", "held out"])
def test_small_pages_are_labelled_as_they_were_made(pages_script, language, part):
    """A small page has its article's lines as content, and a thread of a forum has its posts."""
    making = importlib.import_module("block_making")
    small = importlib.import_module("block_small_pages")
    posts = [f"I never liked ferry {number} at all" for number in range(40)]
    openings = [f"Mill {number} has a new owner." for number in range(40)]
    stock = making.Stock(["Storks return"], openings, ["Two piers", "One lift", "Oak"], posts)
    maker = making.Maker(3, stock, language=language, part=part)
    scores = []
    for number in range(30):
        is_forum = number % 5 == 0
        markup, lines = (
            small.forum_page(maker, "The bridge")
            if is_forum
            else small.article_page(maker, "The bridge", PARAGRAPHS[:4])
        )
        row = {"id": "1", "site": "s.example", "title": "The bridge", "body": "\n".join(lines)}
        page = pages_script.page_of(row, "made", "small", markup)
        kept = "\n".join(t for t, label in zip(page.texts, page.labels, strict=True) if label)
        assert any(text in kept for text in (*posts, *openings)) == is_forum
        scores.append(page.oracle_f1)
    assert np.mean(scores) > 0.95  # a notice in a `span` is one block with the line before it


def test_the_mean_of_forests_is_one_forest(pages_script):
    """A forest averaged from others gives each row the mean of their scores."""
    pytest.importorskip("lightgbm", reason="the training packages are not installed")
    fitting = importlib.import_module("tree_fitting")
    draws = np.random.default_rng(0)
    table = draws.random((300, 4), np.float32)
    labels = table[:, 0] + table[:, 1] ** 2 > 0.8
    settings = {"num_iterations": 5, "num_leaves": 4, "feature_fraction": 0.5}
    weights = np.ones(300)
    one = fitting.fit_forest(table, labels, weights, settings)
    other = fitting.fit_forest(table, labels, weights, settings | {"num_iterations": 7})
    mean = (predict(table, one) + predict(table, other)) / 2
    assert np.allclose(predict(table, fitting.averaged([one, other])), mean, atol=1e-6)
    two = fitting.fit_forest(table, labels, weights, settings, n_seeds=2)
    assert two.tree_offsets.size == 11
    assert not np.array_equal(predict(table, two), predict(table, one))
