"""Why the line model keeps a line of text or not, in words: what spoke for it, and what against.

As for the blocks of an HTML page (`corpus.articles.blocks.reasons`): the features explain the score
of the first pass; what the second pass and the judgement of the whole page add are reasons of their
own. Lines are compared with the others of their page.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Numbers
from corpus.articles.lines.counters import (
    COUNTERS,
    EQUAL_LINES,
    HAS_ADDRESS,
    HAS_YEAR_OR_TIME,
    SENTENCES,
    STARTS_WITH_BULLET,
    WORDS,
)
from corpus.articles.lines.feature_columns import (
    FIRST_LAYOUT,
    IN_CORE,
    NAMES,
    SAME_START,
    SHARED_WORDS,
    WORD_SHARE_BEFORE,
)
from corpus.articles.lines.layout_features import (
    LAYOUT_FEATURES,
    STRETCH_LINES,
    STRETCH_WORDS,
)
from corpus.articles.lines.model import Model, describe_pages, probabilities_of, score_of
from corpus.articles.lines.second_pass import fill_second_pass
from corpus.articles.reasons import (
    MAX_EXPLAINED,
    Reasons,
    Topic,
    change_of_scores,
    length_in_words,
    strongest,
    sums_by_topic,
)
from corpus.articles.tree_contributions import tree_contributions
from corpus.trees import predict

_MIN_STRETCH_LINES, _SHORT_LINE_WORDS = 3, 8
"""A stretch of this many lines, which have fewer words than this each, is a menu or a table."""


class _Line(NamedTuple):
    """A line that is put into words."""

    values: NDArray[np.float32]
    """Its features."""


def _length(line: _Line, *, keeps: bool) -> str:
    return length_in_words(int(line.values[WORDS]), int(line.values[SENTENCES]), keeps=keeps)


def _vocabulary(_: _Line, *, keeps: bool) -> str:
    return "words of main content" if keeps else "words of boilerplate"


def _typography(_: _Line, *, keeps: bool) -> str:
    return "written like running text" if keeps else "written like a label"


def _layout(line: _Line, *, keeps: bool) -> str:
    """Say what stands around the line without a blank line between."""
    if line.values[STARTS_WITH_BULLET]:
        return "item of a list"
    n = int(line.values[FIRST_LAYOUT + STRETCH_LINES])
    short = line.values[FIRST_LAYOUT + STRETCH_WORDS] < _SHORT_LINE_WORDS
    if n >= _MIN_STRETCH_LINES and short:
        return f"one of {n} short lines in a row"
    return "laid out like a paragraph" if keeps else "laid out like a label"


def _core(line: _Line, *, keeps: bool) -> str:
    if line.values[IN_CORE]:
        return "within the longest text" if keeps else "at the edge of the longest text"
    return "near the longest text" if keeps else "outside the longest text"


def _shared_words(line: _Line, *, keeps: bool) -> str:
    if keeps:
        return "shares words with the longest text" if line.values[SHARED_WORDS] else ""
    return "shares few words with the longest text"


def _place(line: _Line, **_: bool) -> str:
    share = line.values[WORD_SHARE_BEFORE]
    return "top of the page" if share < 0.1 else "end of the page" if share > 0.9 else (
        "middle of the page"
    )  # fmt: skip


def _neighbours(_: _Line, *, keeps: bool) -> str:
    return "text before or after it" if keeps else "little text around it"


def _repeats(line: _Line, **_: bool) -> str:
    if line.values[EQUAL_LINES]:
        return "repeated on the page"
    return "starts like other lines" if line.values[SAME_START] else ""


def _address(line: _Line, **_: bool) -> str:
    return "has a web or e-mail address" if line.values[HAS_ADDRESS] else ""


def _time(line: _Line, **_: bool) -> str:
    return "has a year or a time" if line.values[HAS_YEAR_OR_TIME] else ""


def _context(_: _Line, *, keeps: bool) -> str:
    return "lines around it are content" if keeps else "lines around it are boilerplate"


def _whole_page(_: _Line, *, keeps: bool) -> str:
    return "the page is an article and little else" if keeps else ""


def _page(_: _Line, **__: bool) -> str:
    return ""  # the same for all lines


_OF_LINE: dict[str, Topic] = {
    "characters": _length, "words": _length, "ends a sentence": _length,
    "sentences that end in it": _length, "commas per word": _length, "longest word": _length,
    "cue": _vocabulary, "starts with a bullet": _layout, "indentation": _layout,
    "position on the page": _place, "share of words before it": _place,
    "other equal lines on the page": _repeats, "other lines with the same first words": _repeats,
    "has a web or e-mail address": _address, "has a year or a time": _time,
    "share of words in common with the core": _shared_words,
    "lines of the page": _page, "words of the page": _page, "share of lines in the core": _page,
    "share of words in the core": _page, "share of lines of the page that are sentences": _page,
    "inside the core": _core, "lines after the first line of the core": _core,
    "lines after the last line of the core": _core,
    "words between it and the middle of the core": _core,
    "short lines between it and the middle of the core": _core,
    "follows a blank line": _layout, "precedes a blank line": _layout,
}  # fmt: skip
"""The topics of features with one of their own."""


def topic_of(column: int) -> Topic:
    """Return the topic of a feature, as the function that puts it into words."""
    name = NAMES[column]
    if name in _OF_LINE:
        return _OF_LINE[name]
    if column < len(COUNTERS):
        return _typography
    if column < FIRST_LAYOUT:
        return _neighbours
    is_layout = name in LAYOUT_FEATURES and not name.endswith(("stretch before", "stretch after"))
    return _layout if is_layout else _neighbours if name in LAYOUT_FEATURES else _page


_TOPICS = tuple(topic_of(column) for column in range(len(NAMES)))
_DISTINCT = (*dict.fromkeys(_TOPICS), _context, _whole_page)


def reasons_of(data: Bytes, probabilities: Numbers, model: Model) -> list[Reasons]:
    """Return the reasons for and against each of the first `MAX_EXPLAINED` lines of a page.

    `probabilities` are those that the lines were judged by, after the page was judged as a whole.
    """
    page = describe_pages(data, np.array([[0, data.size]]), model)
    scores = predict(page.table, model.first_pass)
    probable = probabilities_of(scores, model.probabilities)
    fill_second_pass(page.table, scores, probable, page.line_offsets)
    wide, scores = page.table[:MAX_EXPLAINED], scores[:MAX_EXPLAINED]
    second = predict(wide, model.second_pass)
    final = np.array(
        [score_of(p, model.probabilities) for p in probabilities[:MAX_EXPLAINED].tolist()]
    )
    own = tree_contributions(wide[:, : len(NAMES)], model.first_pass)
    by_topic = sums_by_topic(own, _TOPICS, _DISTINCT)
    by_topic[:, _DISTINCT.index(_context)] = change_of_scores(scores, second)
    by_topic[:, _DISTINCT.index(_whole_page)] = change_of_scores(second, final)
    return [strongest(_Line(wide[row]), by_topic[row], _DISTINCT) for row in range(len(wide))]
