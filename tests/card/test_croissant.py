"""The Croissant file is valid, and documents can be read through it."""

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


def test_mlcroissant_accepts_the_file_and_reads_every_document(tiny_build):
    """The validator finds no error, and reads the documents of both splits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlcroissant = pytest.importorskip("mlcroissant")
        folder, manifest, audit = tiny_build
        (folder / "croissant.json").write_text(json.dumps(croissant(manifest, audit, ABOUT)))
        logging.disable(logging.WARNING)
        dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
        logging.disable(logging.NOTSET)
        assert not dataset.metadata.ctx.issues.errors
        records = {split: list(dataset.records(split)) for split in manifest["splits"]}
    assert {split: len(rows) for split, rows in records.items()} == manifest["counts"]["splits"]
    assert records["test"][0]["test/id"] == b"test-2-0"
    warnings_text = "".join(dataset.metadata.ctx.issues.warnings)
    assert warnings_text.count("recommended") == 1
    assert "datePublished" in warnings_text
