"""Normalise texts: repair encoding, spacing and hidden characters, in nine steps.

    mojibake      repair text that was decoded with the wrong encoding, where it is likely (ftfy)
    entities      replace HTML entities such as `&amp;` by their characters
    composed      compose letters and their marks into single code points (Unicode NFC)
    lines         replace every kind of line end by a line feed
    controls      remove control characters
    zero_width    remove zero-width characters, except for joiners that the script needs
    soft_hyphens  remove soft hyphens
    spaces        replace every kind of space by single plain ones; none at the ends of a line
    blank_lines   allow one blank line in a row, and none at the ends of the text

Quotation marks, dashes, ligatures and case do not change. Normalisation is idempotent.

Most texts need no step, or only `spaces`. One kernel finds out which steps each text of a column
needs, at the speed of memory. A second kernel rewrites the texts that need one. Python handles only
the few texts whose encoding or composition is in doubt.
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
from corpus.articles.normalise.code_points import COMBINING_MARK, code_point_table
from corpus.articles.normalise.kernels import (
    COMPOSED,
    ENTITIES,
    EVERY_STEP,
    LONG_MARK_RUN,
    MAX_MARK_RUN,
    MOJIBAKE,
    PYTHON_STEPS,
    REMOVING_STEPS,
    needed_steps,
    rewrite,
)

MAX_FTFY_CHARACTERS = 1 << 24
"""Characters of a line that ftfy decodes at a time. A cut may split a character that was decoded
wrongly, which then takes rounds of its own: lines cut at each million took five times as long."""
FTFY_CONTEXT_CHARACTERS = 16
"""ASCII characters that ftfy gets on both sides of the text in doubt; it examines fewer."""
MAX_ROUNDS = 20
"""Maximum number of times that the steps are repeated until a text stops changing."""

_REPEATED_ESCAPE = re.compile(r"&(?:(?:amp|AMP|#0{0,20}38|#[xX]0{0,20}26);)+")
"""An ampersand that was escaped any number of times. Unescaping once per round takes quadratic
time."""
_NON_ASCII = re.compile(r"[^\x00-\x7f](?:.*[^\x00-\x7f])?", re.DOTALL)


def normalise(column: pa.Array, *, steps: int = EVERY_STEP) -> pa.LargeStringArray:
    """Return the texts after the given steps (bits of `STEPS`); null becomes an empty text.

    Texts that need little take one or two nanoseconds per byte. Texts in doubt take Python's time.
    """
    column = column.cast(pa.large_string()).fill_null("")
    needs = needed_steps(*texts(column))
    rewritten = _apply_kernel_steps(column, needs, steps=steps)
    shortened = np.flatnonzero(needs & np.uint16(steps & REMOVING_STEPS))
    if len(shortened):  # characters that are adjacent now may need further steps
        needs[shortened] |= needed_steps(*texts(rewritten.take(pa.array(shortened))))
    normalised, changed = [], np.zeros(len(column), np.bool_)
    for i in np.flatnonzero(needs & np.uint16(steps & PYTHON_STEPS)).tolist():
        if not needs[i] & steps & (MOJIBAKE | ENTITIES):
            text = rewritten[i].as_py()
            if _compose(text, needs[i]) == text:
                continue
        changed[i] = True
        normalised.append(_normalise_text(column[i].as_py(), steps=steps))
    if not normalised:
        return rewritten
    replacements = pa.array(normalised, pa.large_string())
    return pc.replace_with_mask(rewritten, pa.array(changed), replacements)


def _apply_kernel_steps(
    column: pa.Array, needs: NDArray[np.uint16], *, steps: int
) -> pa.LargeStringArray:
    """Return the column after those of the steps that need no Python."""
    if not (needs & np.uint16(steps & ~PYTHON_STEPS)).any():
        return column
    return strings(*rewrite(*texts(column), needs, steps))


def _normalise_text(text: str, *, steps: int) -> str:
    """Return one text after all steps.

    A step may produce the input of another one, such as an entity inside an entity. So the steps
    are repeated until nothing changes.
    """
    for _ in range(MAX_ROUNDS):
        result = _repair(text, steps=steps) if steps & (MOJIBAKE | ENTITIES) else text
        column = pa.array([result], pa.large_string())
        column = _apply_kernel_steps(column, needed_steps(*texts(column)), steps=steps)
        result = column[0].as_py()
        needs = int(needed_steps(*texts(column))[0])
        if needs & steps & COMPOSED:
            result = _compose(result, needs)
        if result == text or not needs & steps:
            return result
        text = result
    return text


def _repair(text: str, *, steps: int) -> str:
    """Return the text with its entities and mojibake repaired; ftfy gets only lines in doubt."""
    import ftfy

    lines = text.split("\n")
    needs = needed_steps(*texts(pa.array(lines, pa.large_string())))
    for i in np.flatnonzero(needs & np.uint16(steps & (MOJIBAKE | ENTITIES))).tolist():
        if steps & ENTITIES:
            lines[i] = ftfy.fixes.unescape_html(_REPEATED_ESCAPE.sub("&", lines[i]))
        if steps & MOJIBAKE and (doubtful := _NON_ASCII.search(lines[i])):
            start = max(0, doubtful.start() - FTFY_CONTEXT_CHARACTERS)
            stop = doubtful.end() + FTFY_CONTEXT_CHARACTERS
            repaired = ftfy.fix_text(lines[i][start:stop], _ftfy_config())
            lines[i] = lines[i][:start] + repaired + lines[i][stop:]
    return "\n".join(lines)


@cache
def _ftfy_config() -> Any:
    """Return the configuration that makes ftfy repair mojibake and nothing else."""
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
        max_decode_length=MAX_FTFY_CHARACTERS,
    )


def _compose(text: str, needs: int) -> str:
    """Return the text in NFC, except for runs of more than `MAX_MARK_RUN` combining marks."""
    if not needs & LONG_MARK_RUN:
        return unicodedata.normalize("NFC", text)
    pieces = _long_mark_runs().split(text)
    pieces[::2] = [unicodedata.normalize("NFC", piece) for piece in pieces[::2]]
    return "".join(pieces)


@cache
def _long_mark_runs() -> re.Pattern[str]:
    """Return the pattern of more than `MAX_MARK_RUN` combining marks in a row."""
    marks = "".join(map(chr, np.flatnonzero(code_point_table() & COMBINING_MARK).tolist()))
    return re.compile(f"([{marks}]{{{MAX_MARK_RUN + 1},}})")
