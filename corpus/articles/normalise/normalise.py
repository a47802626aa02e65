"""Text as it should be written, whatever its encoding, spacing and hidden characters were.

    mojibake      text decoded with the wrong encoding is put right (ftfy), where it looks like it
    entities      `&amp;` and its like become what they stand for
    composed      letters and their marks become one code point where there is one (Unicode NFC)
    lines         every line end becomes a line feed
    controls      control characters go
    zero_width    characters without width go; joiners stay where the script needs them
    soft_hyphens  hyphenation hints go
    spaces        spaces of every kind become one plain space; none at the ends of a line
    blank_lines   at most one blank line in a row, none at the ends of the text

Quotes, dashes, ligatures and letter case stay as they were written. Normalising twice is
normalising once.

Most texts need nothing, or only spaces: one kernel surveys a column at the speed of memory, a
second rewrites the texts that need it, and Python sees the few whose encoding or composition is in
doubt.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.arrow_buffers import strings, texts
from corpus.articles.normalise.code_points import MARK, roles
from corpus.articles.normalise.kernels import (
    COMPOSED,
    CROWDED,
    DROPPING,
    ENTITIES,
    EVERY_STEP,
    IN_PYTHON,
    MOJIBAKE,
    MOST_MARKS,
    rewrite,
    survey,
)


@cache
def _crowds() -> re.Pattern[str]:
    """Return the pattern of more marks in a row than are put in order."""
    marks = "".join(map(chr, np.flatnonzero(roles() & MARK).tolist()))
    return re.compile(f"([{marks}]{{{MOST_MARKS + 1},}})")


def _composed(text: str, needs: int) -> str:
    """Return the text in NFC; where it is `CROWDED`, but for its crowds of marks."""
    if not needs & CROWDED:
        return unicodedata.normalize("NFC", text)
    pieces = _crowds().split(text)
    pieces[::2] = [unicodedata.normalize("NFC", piece) for piece in pieces[::2]]
    return "".join(pieces)


MOST_AT_ONCE = 1 << 24
"""Characters of a line that ftfy decodes at once. Where it cuts, a misread letter is cut in two,
and takes rounds of its own: a line cut at each million took five times as long."""


@cache
def _fixer() -> Any:
    """Return ftfy's settings for mojibake alone; the other steps it knows stay off."""
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
        max_decode_length=MOST_AT_ONCE,
    )


_ESCAPED_AGAIN = re.compile(r"&(?:(?:amp|AMP|#0{0,20}38|#[xX]0{0,20}26);)+")
"""An ampersand, however often it was escaped: a step at a time would take the square of that."""


MOST_ROUNDS = 20


def _settle(text: str, *, steps: int) -> str:
    """Return one text after all steps, where its encoding or composition is in doubt.

    A step can lay bare what another one mends (an entity behind an entity), so they are taken in
    turn until nothing changes.
    """
    for _ in range(MOST_ROUNDS):
        found = _mended(text, steps=steps) if steps & (MOJIBAKE | ENTITIES) else text
        column = pa.array([found], pa.large_string())
        found = _rewritten(column, survey(*texts(column)), steps=steps)[0].as_py()
        needs = _surveyed(found)
        if needs & steps & COMPOSED:
            found = _composed(found, needs)
        if found == text or not needs & steps:
            return found
        text = found
    return text


def _surveyed(text: str) -> int:
    """Return what one text needs."""
    return int(survey(*texts(pa.array([text], pa.large_string())))[0])


def _mended(text: str, *, steps: int) -> str:
    """Return the text after ftfy, which is slow: it sees only the lines in doubt."""
    import ftfy

    lines = text.split("\n")
    needs = survey(*texts(pa.array(lines, pa.large_string())))
    for i in np.flatnonzero(needs & np.uint16(steps & (MOJIBAKE | ENTITIES))).tolist():
        if steps & ENTITIES:
            lines[i] = ftfy.fixes.unescape_html(_ESCAPED_AGAIN.sub("&", lines[i]))
        if steps & MOJIBAKE and (doubtful := _BEYOND_ASCII.search(lines[i])):
            start, stop = max(0, doubtful.start() - BESIDE), doubtful.end() + BESIDE
            fixed = ftfy.fix_text(lines[i][start:stop], _fixer())
            lines[i] = lines[i][:start] + fixed + lines[i][stop:]
    return "\n".join(lines)


_BEYOND_ASCII = re.compile(r"[^\x00-\x7f](?:.*[^\x00-\x7f])?", re.DOTALL)
BESIDE = 16
"""Characters of ASCII that ftfy sees beside what is in doubt: it looks at fewer."""


def _rewritten(column: pa.Array, needs: NDArray[np.uint16], *, steps: int) -> pa.LargeStringArray:
    """Return the column after the steps that the kernel takes."""
    if not (needs & np.uint16(steps & ~IN_PYTHON)).any():
        return column
    return strings(*rewrite(*texts(column), needs, steps))


def normalise(column: pa.Array, *, steps: int = EVERY_STEP) -> pa.LargeStringArray:
    """Return the texts normalised by the given steps (bits of `STEPS`); null becomes empty.

    Costs a nanosecond or two a byte for texts that need little; texts in doubt cost what Python
    does.
    """
    column = column.cast(pa.large_string()).fill_null("")
    needs = survey(*texts(column))
    rewritten = _rewritten(column, needs, steps=steps)
    joined = np.flatnonzero(needs & np.uint16(steps & DROPPING))
    if len(joined):  # what stands side by side now may be in doubt
        needs[joined] |= survey(*texts(rewritten.take(pa.array(joined))))
    fixed, where = [], np.zeros(len(column), np.bool_)
    for i in np.flatnonzero(needs & np.uint16(steps & IN_PYTHON)).tolist():
        if not needs[i] & steps & (MOJIBAKE | ENTITIES):
            text = rewritten[i].as_py()
            if _composed(text, needs[i]) == text:
                continue
        where[i] = True
        fixed.append(_settle(column[i].as_py(), steps=steps))
    if not fixed:
        return rewritten
    return pc.replace_with_mask(rewritten, pa.array(where), pa.array(fixed, pa.large_string()))
