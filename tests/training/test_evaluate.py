"""Measures: AUC, calibration, kept shares, folds and rivals, against examples worked by hand."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from corpus.training.evaluate import (
    kept_by_group,
    numbered,
    precision_at_shares,
    reliability,
    roc_auc,
)
from corpus.training.fit import Rows, calibrate, fit
from corpus.training.folds import assign_folds, number_of_folds
from corpus.training.rivals import range_auc, rival, site_auc, stop_word_shares


def test_auc_agrees_with_scikit_learn():
    """It is the same number, with ties, and 0.5 for a single class."""
    from sklearn.metrics import roc_auc_score

    chance = np.random.default_rng(3)
    scores, labels = chance.integers(0, 9, 200) / 9, chance.random(200) < 0.3

    assert roc_auc(scores, labels) == pytest.approx(roc_auc_score(labels, scores))
    assert roc_auc(scores, np.ones(200, np.bool_)) == 0.5


def test_calibrated_scores_have_no_calibration_error():
    """A bin whose scores are right on average has no error; others have their distance."""
    scores = np.array([0.25] * 4 + [0.75] * 4)
    good = np.array([1, 0, 0, 0, 1, 1, 1, 0], np.bool_)

    assert reliability(scores, good)[0] == pytest.approx(0)
    assert reliability(np.where(scores < 0.5, 0.05, 0.95), good)[0] == pytest.approx(0.2)


def test_precision_counts_ties_at_the_bound():
    """Documents with the same score are kept together."""
    scores, good = np.array([0.9, 0.5, 0.5, 0.1]), np.array([1, 1, 0, 0], np.bool_)
    half = next(row for row in precision_at_shares(scores, good) if row["share"] == 0.5)

    assert (half["min_score"], half["precision"], half["recall"]) == (0.5, pytest.approx(2 / 3), 1)


def test_a_group_of_one_class_has_no_auc():
    """What cannot be computed is None, and never a division by zero."""
    (row,) = kept_by_group(["en"], np.array([0.7]), np.array([True]))

    assert (row["kept_of_good"], row["kept_of_bad"], row["auc"]) == (1, None, None)


def test_folds_keep_sites_together_and_have_both_classes():
    """No site is in two folds; each fold has good and bad documents, whatever the order."""
    sites = np.repeat(np.arange(10), [50, 1, 1, 1, 1, 20, 3, 3, 3, 3])
    good, names = sites < 5, [f"s{k}" for k in range(10)]
    folds = assign_folds(sites, good, names, number_of_folds(sites, good))

    assert len({(s, f) for s, f in zip(sites.tolist(), folds.tolist(), strict=True)}) == 10
    for fold in range(5):
        assert set(good[folds == fold].tolist()) == {True, False}
    np.testing.assert_array_equal(assign_folds(sites[::-1], good[::-1], names, 5), folds[::-1])


@given(
    sizes=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=6),
    folds=st.integers(2, 5),
)
@example(sizes=[(60, 0), (40, 10), (0, 90)], folds=2)
@settings(max_examples=40, deadline=None)
def test_both_classes_are_in_two_folds_or_more(sizes, folds):
    """Whatever fold is held out, both classes can be trained on, if each has two sites."""
    good, bad = np.array(sizes).T
    assume(np.count_nonzero(good) > 1 and np.count_nonzero(bad) > 1)
    sites = np.repeat(np.arange(len(sizes)), good + bad)
    is_good = np.concatenate([np.arange(g + b) < g for g, b in sizes])
    found = assign_folds(sites, is_good, [f"s{k}" for k in range(len(sizes))], folds)

    assert len(set(zip(sites.tolist(), found.tolist(), strict=True))) == len(set(sites.tolist()))
    for label in (True, False):
        assert len(set(found[is_good == label].tolist())) > 1


def test_calibrating_changes_no_order():
    """Logits that order the classes the wrong way round are not turned: the AUC is that of them."""
    chance = np.random.default_rng(5)
    good = np.arange(200) < 100
    logits = chance.normal(np.where(good, -1, 1))
    scores = calibrate(logits, good).scores(logits)

    assert roc_auc(scores, good) == roc_auc(logits, good) < 0.3
    assert np.abs(scores - 0.5).max() < 0.01


def test_rows_are_taken_as_they_are():
    """The buckets of the rows taken stand one after the other, in the order asked for."""
    rows = Rows(np.arange(6, dtype=np.uint32), np.array([0, 1, 4, 6]))
    taken = rows.take(np.array([2, 0, 2]))

    assert taken.buckets.tolist() == [4, 5, 0, 4, 5]
    assert taken.bounds.tolist() == [0, 2, 3, 5]


def test_a_long_value_takes_no_memory_for_every_document():
    """Groups are numbered without an array in which each value is as long as the longest."""
    tracemalloc.start()
    names, numbers = numbered(["x" * 100_000, *["y"] * 10_000])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (len(names), numbers.tolist()) == (2, [0] + [1] * 10_000)
    assert peak < 10_000_000


def test_a_bucket_of_one_site_has_no_weight():
    """A word that occurs on one site alone cannot tell good from bad elsewhere."""
    rows = Rows(np.array([1, 2, 1, 3, 4, 5, 4, 6], np.uint32), np.array([0, 2, 4, 6, 8]))
    good, sites = np.array([1, 1, 0, 0], np.bool_), np.array([0, 1, 0, 1])
    weights = fit(rows, good, sites, bits=10).weights

    assert np.flatnonzero(weights).tolist() == [1, 4]
    assert weights[1] > 0 > weights[4]


def test_calibration_is_finite_on_separated_classes():
    """Classes that a model separates without an error give finite parameters."""
    calibration = calibrate(np.array([-3.0, -2.0, 2.0, 3.0]), np.array([0, 0, 1, 1], np.bool_))

    assert 0 < calibration.slope < 100
    assert calibrate(np.zeros(4), np.array([0, 0, 1, 1], np.bool_)).scores(np.zeros(1)) == 0.5


def test_rivals_find_a_shortcut_of_any_shape():
    """A range in the middle is found; a site that decides is found; no rival is below a half."""
    values = np.linspace(0, 1, 400)
    middle = (values > 0.3) & (values < 0.6)
    folds, sites = np.arange(400) % 5, np.arange(400) % 8

    assert range_auc(values, middle, folds) > 0.95
    assert site_auc(sites, sites < 4) == 1
    assert rival("length", 0.2, 0.9) == {"name": "length", "auc": 0.5, "near": False}
    assert rival("length", 0.87, 0.9)["near"]


def test_stop_words_are_those_of_most_texts():
    """The share counts repetitions; a text without words has none."""
    texts = [f"the {k}" for k in range(200)] + ["the the the x", ""]

    assert stop_word_shares(texts)[-2:].tolist() == [0.75, 0]
