"""Sidecar files: what describes a dataset is not data."""

from __future__ import annotations

import pytest

from corpus.sources import File
from corpus.sources.files.sidecar import split_sidecar_files

TABLE = File("data/train.parquet", "/x/data/train.parquet", 9, "parquet")


@pytest.mark.parametrize(
    "name",
    [
        *("README.md", "docs/readme-old.txt", "LICENSE.txt", "licence.text", "CHANGELOG.md"),
        *("requirements-dev.txt", "croissant.json", "dataset_infos.json", "NOTICE.txt"),
        *("datapackage.json", "dataset-metadata.json", "CODE_OF_CONDUCT.md", "SECURITY.md"),
    ],
)
def test_a_sidecar_file_next_to_a_table_is_not_data(name):
    """A file whose name describes a dataset is skipped next to a table, but is data without one."""
    sidecar = File(name, f"/x/{name}", 9, "text")

    assert split_sidecar_files([sidecar, TABLE]) == ([TABLE], [name])
    assert split_sidecar_files([sidecar]) == ([sidecar], [])


@pytest.mark.parametrize("name", ["readme.html", "my-readme.md", "license.jsonl", "notes.md"])
def test_other_files_next_to_a_table_are_data(name):
    """Only the usual names are sidecar files."""
    other = File(name, f"/x/{name}", 9, "text")

    assert split_sidecar_files([other, TABLE]) == ([other, TABLE], [])
