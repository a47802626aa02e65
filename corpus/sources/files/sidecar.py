"""Separate the data files of a folder from sidecar files: README, license, dataset metadata.

A dataset cloned from the Hub has a `README.md`, and perhaps a `croissant.json`, above its
`data/*.parquet`. Like other loaders, the commands that read arbitrary folders skip these files. In
a folder without any table, a README is a text file like the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import TypeVar

from corpus.sources.chunks import File, Member

_SIDECAR_NAME = re.compile(
    r"(readme|licen[cs]e)([-_.].*)?\.(md|txt|text)"
    r"|(changelog|citation|contributing|notice|authors|contributors|copying|security"
    r"|code_of_conduct|dataset_?card|data_?card|data_?sheet)\.(md|txt)"
    r"|readme|licen[cs]e|changelog|citation|contributing|notice|copying|authors"
    r"|requirements([-_.].*)?\.txt"
    r"|(croissant|dataset_infos?|dataset_dict|datapackage|dataset-metadata|package|config)\.json"
)
"""Names, in lower case, of files that describe a dataset."""

_File = TypeVar("_File", File, Member)
_TABLE_FORMATS = frozenset(["csv", "huggingface", "jsonl", "parquet"])


def split_sidecar_files(files: Iterable[_File]) -> tuple[list[_File], list[str]]:
    """Return the data files, and the names of the sidecar files."""
    all_files = list(files)
    data = [file for file in all_files if not _is_sidecar(file)]
    if not any(file.format in _TABLE_FORMATS for file in data):
        return all_files, []
    return data, [file.name for file in all_files if _is_sidecar(file)]


def _is_sidecar(file: File | Member) -> bool:
    return is_sidecar_name(file.name)


def is_sidecar_name(name: str) -> bool:
    """Return whether a file has a name that files beside a dataset have."""
    return _SIDECAR_NAME.fullmatch(PurePosixPath(name).name.lower()) is not None
