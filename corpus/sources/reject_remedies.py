"""What to do about records that could not be read, by the reason.

A remedy never loses or garbles a document: it repairs the input, or names the setting with which
the record can be read.
"""

from __future__ import annotations

import re

NOT_CARRIED = "could not be carried through the stages"
"""The beginning of the reason for a record that was read, and on which a stage failed."""

THIS_TIME = f"{NOT_CARRIED} this time"
"""The same, if the machine may be the cause: such a reject is not remembered."""

_REMEDIES = (
    (
        r"not valid UTF-8|not text in any known encoding",
        (
            "if a whole file is in another encoding, set `encoding` of its source; if only some "
            "records are damaged, repair them, because another encoding would garble all others"
        ),
    ),
    (
        r"is a quote not closed",
        "close the quote; only if no field of the file is quoted, set `quote: null`",
    ),
    (
        r"encrypted|is not supported|sparse file|cannot be split",
        "unpack the archive, and read the folder",
    ),
    (r"not well-formed XML", "repair the file at this place: what follows it is not read"),
    (
        r"^the row has \d+ fields, ",
        (
            "enclose each field that contains the delimiter in quotes; or, if the fields are "
            "separated or quoted otherwise, set `delimiter` or `quote` of the source"
        ),
    ),
    (r"^the id is an? ", "name the column or field of the id: `columns: {id: ...}`"),
    (
        r"^the record is .*, not an object",
        'write each record as an object, such as {"text": "..."}',
    ),
    (r"record_limit", "raise `record_limit` of the source"),
    (r"^'[^']*' is an? .*, not a string", "name the column of the text: `columns: {text: ...}`"),
    (
        r"truncated|checksum|damaged|compress|ends early|ends before|not a readable|cannot be read",
        "copy or download the file again, and compare its size and checksum with the original",
    ),
    (r"expands more than", "if the file is to be trusted, unpack it and read the unpacked file"),
    (r"the file is empty", "copy the file again, or remove it if the original is empty"),
    (r"invalid JSON|surrogate|nested too", "repair these records, or write the file again"),
    (
        THIS_TIME,
        (
            "build again with more memory or fewer workers (--jobs 1): the record is tried again; "
            "if that does not help, please report a bug"
        ),
    ),
    (
        NOT_CARRIED,
        (
            "try again with fewer workers (--jobs 1); if that does not help, correct your own "
            "stage if there is one, else please report a bug"
        ),
    ),
)


def remedy_for(reason: str) -> str:
    """Return what to do about a reject, or "" if its reason says so or nobody knows."""
    return next((remedy for pattern, remedy in _REMEDIES if re.search(pattern, reason)), "")


def kind_of(reason: str) -> str:
    """Return the reason without its numbers, names and values: equal for rejects of one kind."""
    return re.sub(r"'[^']*'|\(0x[0-9a-f]+\)|\d[\d,.]*", "*", reason)
