"""RedPajama's signals: what they count, and that the kernel measures them as they are defined."""

from __future__ import annotations

import math
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings

from corpus.documents import REASON
from corpus.observations import compute_observations
from corpus.signals.redpajama import NAMES, measure_redpajama
from corpus.signals.redpajama_kernel import measure_redpajama_signals
from corpus.stages import make_stage
from tests.conftest import make_documents
from tests.signals.test_measure import texts


@pytest.mark.parametrize(
    ("text", "signal", "value"),
    [
        ("One. Two! Three is 3.14", "num_sentences_redpajama", 4),
        ("?! . ", "num_sentences_redpajama", 0),
        ("a # b...", "symbols_per_word_redpajama", 2 / 4),
        ("Line...  \nline…\nline", "ellipsis_lines_redpajama", 2 / 3),
        ("one 2 x3 , é", "words_without_letter_redpajama", 3 / 5),
        ("USA and NATO2 Ab 22", "all_caps_words_redpajama", 2 / 5),
        ("The the cat", "unique_words_redpajama", 2 / 3),
        ("a b a b", "unigram_entropy_redpajama", math.log(2)),
        ("{a}", "curly_brackets_redpajama", 2 / 3),
        ("", "unigram_entropy_redpajama", None),
        ("", "ellipsis_lines_redpajama", None),
    ],
)
def test_signals_are_those_of_redpajama(text, signal, value):
    """Each signal has the value that RedPajama's definition gives."""
    assert measure_redpajama(text)[signal] == pytest.approx(value)


@given(text=texts)
@settings(max_examples=60, deadline=None)
def test_the_kernel_agrees_with_the_definition(text):
    """The kernel measures what the definition in plain Python says."""
    measured = measure_redpajama_signals(pa.array([text]))
    expected = measure_redpajama(text)

    assert tuple(measured) == NAMES
    for name, column in measured.items():
        assert column.to_pylist() == pytest.approx([expected[name]]), name


def test_the_stage_publishes_the_signals_and_removes_nothing_for_them():
    """With `redpajama: true` the signals are columns, and no document is removed."""
    stage = make_stage({"stage": "quality", "redpajama": True}, Path())
    measured = compute_observations(make_documents("One text."), stage.observes())

    assert {f"quality_{name}" for name in NAMES} <= set(measured.schema.names)
    assert REASON not in stage.judge(measured).schema.names
    assert len(make_stage({"stage": "quality"}, Path()).observes()) == 2
