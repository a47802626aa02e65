"""The voices are heard, and their votes added up, as the rule says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.languages import ensemble_weights
from corpus.languages.codes import LANGUAGES
from corpus.languages.ensemble_kernels import (
    ABSENT,
    PROFILES,
    VOICES,
    WALKS,
    WORDS,
    combine,
    hear,
    part_kin,
)
from corpus.languages.scripts import SCRIPTS, allowed

LATIN, CYRILLIC = SCRIPTS.index("Latn"), SCRIPTS.index("Cyrl")
HR, SR, DE = (LANGUAGES.index(code) for code in ("hr", "sr", "de"))


def heard(sums: dict[int, int], script: int, size: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Return what the profiles say of one text, and the best two."""
    columns = ensemble_weights.columns()[PROFILES]
    row = np.zeros((1, 64), np.int32)
    for language, value in sums.items():
        row[0, columns[language, 0]] = value
    out = np.zeros((1, len(LANGUAGES)))
    best = np.zeros((1, 2), np.int64)
    sizes, scripts = np.array([size]), np.array([script])
    hear(row, 0.5, sizes, columns, allowed(), scripts, np.arange(1), out, best)
    return out[0], best[0]


def test_a_voice_is_its_sum_over_the_root_of_its_size() -> None:
    """What it lacks it says nothing of; the two greatest that the script allows are its best."""
    said, best = heard({DE: 30, HR: 10}, LATIN)
    assert said[DE] == 30 * 0.5 / 2
    assert said[LANGUAGES.index("is")] == ABSENT
    assert best[0] == DE
    assert LANGUAGES[best[1]] in ("bs", "hr", "sr")


def test_twins_are_heard_alike_where_the_script_allows_both() -> None:
    """What is said of Croatian holds for Serbian in Latin letters, and for none in Cyrillic."""
    said, _ = heard({HR: 40}, LATIN)
    assert said[SR] == said[HR] == 10
    said, _ = heard({HR: 40}, CYRILLIC)
    assert said[SR] == ABSENT


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-20, 0), min_size=3 * 5, max_size=3 * 5), st.integers(0, 600))
def test_votes_are_added_up_as_the_rule_says(values: list[float], letters: int) -> None:
    """The answer has the greatest sum of weighted distances to each voice's best, and biases."""
    n = 5
    voices = np.array(values).reshape(VOICES, 1, n)
    best = np.argsort(-voices, axis=2, kind="stable")[:, :, :2].astype(np.int64)
    rng = np.random.default_rng(letters)
    weight, bias = rng.random((501, VOICES, 2)), rng.random((2, n))
    short = np.linspace(1, 0, 501)
    said, lead = np.zeros((1, 2), np.int64), np.zeros((1, 3))
    every = np.ones((1, n), np.bool_)
    place = np.zeros(1, np.int64)
    kin = (np.zeros(0, np.int64), np.zeros((0, 0)))
    rule_ = (every, weight, bias, short, *kin, np.zeros(n))
    combine(voices, best, place, place, np.array([letters]), *rule_, said, lead)
    level = min(letters, 500)
    behind = voices[:, 0] - voices[:, 0].max(axis=1, keepdims=True)
    total = (weight[level, :, :1] * behind).sum(axis=0)
    total += bias[0] * short[level] + bias[1] * (1 - short[level])
    order = np.sort(total)[::-1]
    chances = np.exp(total - order[0]) / np.exp(total - order[0]).sum()
    assert total[said[0, 0]] == pytest.approx(order[0])
    assert total[said[0, 1]] == pytest.approx(order[1])
    assert lead[0, 0] == pytest.approx(order[0] - order[1])
    assert lead[0, 1] == pytest.approx(chances.max(), rel=0.01)
    assert lead[0, 2] == pytest.approx((chances**2).sum(), rel=0.01)


def test_close_kin_are_parted_by_weights_of_their_own() -> None:
    """The best of their sums goes to whom those weights say; where one is not allowed, nothing."""
    voices = np.zeros((VOICES, 1, 4))
    voices[WALKS, 0] = 9, 8, 7, 6
    voices[WORDS, 0] = 0, 0, 5, 0
    kin = np.array([0, 1, 2])
    telling = np.zeros((3, 6))
    telling[2, 3] = 1.0  # the third, by how far it is before the first in the words
    total = np.array([4.0, 3.0, 1.0, 3.5])
    part_kin(voices, 0, 0.0, kin, telling, total)
    assert total.tolist() == [-1.0, -1.0, 4.0, 3.5]
    before = np.array([4.0, ABSENT, 1.0, 3.5])
    after = before.copy()
    part_kin(voices, 0, 0.0, kin, telling, after)
    assert after.tolist() == before.tolist()
