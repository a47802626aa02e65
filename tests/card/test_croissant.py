"""The Croissant file is valid, and reads the documents."""

from __future__ import annotations

import json
import logging
import warnings

import pytest

from corpus.card.croissant import croissant

ABOUT = {
    "pretty_name": "News",
    "license": "cc-by-4.0",
    "description": "News of two wires.",
    "homepage": "https://corpus.example/news",
    "authors": ["A. Person"],
    "citation": "@misc{news}",
}


def test_the_validator_finds_no_error_and_reads_every_document(tiny_build):
    """The validator accepts it beside the data, and reads the texts of both splits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlcroissant = pytest.importorskip("mlcroissant")
        folder, manifest, audit = tiny_build
        (folder / "croissant.json").write_text(json.dumps(croissant(manifest, audit, ABOUT)))
        logging.disable(logging.WARNING)
        dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
        logging.disable(logging.NOTSET)
        assert not dataset.metadata.ctx.issues.errors
        found = {split: list(dataset.records(split)) for split in manifest["splits"]}
    assert {split: len(rows) for split, rows in found.items()} == manifest["counts"]["splits"]
    assert found["test"][0]["test/id"] == b"test-2-0"
    warned = "".join(dataset.metadata.ctx.issues.warnings)
    assert warned.count("recommended") == 1
    assert "datePublished" in warned
