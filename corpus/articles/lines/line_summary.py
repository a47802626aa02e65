"""The summary of each line of a page: the few of its features that other lines use."""

from __future__ import annotations

from corpus.array_types import Numbers
from corpus.articles.lines.counters import (
    BLANK_BEFORE,
    CAPITALISED,
    ENDS_SENTENCE,
    EQUAL_LINES,
    WORDS,
)
from corpus.kernels import njit_without_allocation

(
    SUMMARY_WORDS,
    SUMMARY_ENDS,
    SUMMARY_CUE,
    SUMMARY_BLANK_BEFORE,
    SUMMARY_CAPITALISED,
    SUMMARY_SHARED_WORDS,
    SUMMARY_EQUAL_LINES,
) = range(7)
"""Columns of the summary of a line: what other lines use of it."""
N_SUMMARY = 7


@njit_without_allocation
def summarise(counters: Numbers, cues: Numbers, summary: Numbers) -> None:
    """Fill in the summary of each line, except for the words that it shares with the core."""
    for i in range(cues.size):
        line, row = counters[i], summary[i]
        row[SUMMARY_WORDS] = line[WORDS]
        row[SUMMARY_ENDS] = line[ENDS_SENTENCE]
        row[SUMMARY_CUE] = cues[i]
        row[SUMMARY_BLANK_BEFORE] = line[BLANK_BEFORE]
        row[SUMMARY_CAPITALISED] = line[CAPITALISED]
        row[SUMMARY_EQUAL_LINES] = line[EQUAL_LINES]
