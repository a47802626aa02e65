"""Tell the data of a folder from what stands beside them: README, license, metadata of data sets.

Whoever clones a data set of the Hub has `README.md` and perhaps `croissant.json` above
`data/*.parquet`. No loader takes them for records; neither do the commands that read the folder of
anybody. Where no table is, a README is a text like others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from corpus.sources.chunks import File

_ABOUT = re.compile(
    r"(readme|licen[cs]e)([-_.].*)?\.(md|txt|text)"
    r"|(changelog|citation|contributing|notice)\.(md|txt)"
    r"|requirements([-_.].*)?\.txt"
    r"|(croissant|dataset_infos?|dataset_dict)\.json"
)
"""What is about a data set, by its name in lower case."""

_TABLES = frozenset(["csv", "huggingface", "jsonl", "parquet"])


def data_of(files: Iterable[File]) -> tuple[list[File], list[str]]:
    """Return the files that are data, and the names of those that are only about them."""
    found = list(files)
    data = [file for file in found if not _is_about(file)]
    if not any(file.format in _TABLES for file in data):
        return found, []
    return data, [file.name for file in found if _is_about(file)]


def _is_about(file: File) -> bool:
    return _ABOUT.fullmatch(PurePosixPath(file.name).name.lower()) is not None
