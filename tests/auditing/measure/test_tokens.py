"""Tokens are counted with the tokenizer that the user names, or estimated."""

from __future__ import annotations

import builtins
import json

import pytest

import corpus
from corpus.errors import ConfigError, EnvironmentFault
from corpus.tokens.tokenizer import load_tokenizer

VOCABULARY = {"?": 0, "the": 1, "ferry": 2, "is": 3, "late": 4}
TOKENIZER = {
    "version": "1.0",
    "truncation": {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0},
    "padding": None,
    "added_tokens": [],
    "normalizer": None,
    "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": None,
    "decoder": None,
    "model": {"type": "WordLevel", "vocab": VOCABULARY, "unk_token": "?"},
}


@pytest.fixture
def tokenizer(tmp_path):
    """Write a tokenizer of words and punctuation that truncates; return its file."""
    pytest.importorskip("tokenizers", reason="the package tokenizers is not installed")
    path = tmp_path / "model" / "tokenizer.json"
    path.parent.mkdir()
    path.write_text(json.dumps(TOKENIZER))
    return path


@pytest.fixture
def texts(tmp_path):
    """Write three documents in two splits; return their folder."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "train.jsonl").write_text(
        '{"text": "the ferry is late."}\n{"text": "the ferry, the ferry"}\n'
    )
    (folder / "test.jsonl").write_text(json.dumps({"text": "late " * 30_000}) + "\n")
    return folder


@pytest.mark.parametrize("is_folder", [False, True], ids=["file", "folder of a model"])
def test_tokens_are_those_of_the_tokenizer(texts, tokenizer, is_folder):
    """Texts are counted in full, by split and in all, even if the tokenizer truncates."""
    audit = corpus.audit(texts, tokenizer=tokenizer.parent if is_folder else tokenizer)
    report = audit.statistics
    assert {split: counts["tokens"] for split, counts in report["splits"].items()} == {
        "train": 10,
        "test": 30_000,
    }
    assert report["tokens"] == 30_010
    assert report["tokenizer"]["name"] == "tokenizer.json"
    assert sum(report["splits"]["train"]["tokens_each"]) == 2
    assert "Tokens are counted with the tokenizer" in audit.page()


def test_without_a_tokenizer_tokens_are_estimated(texts):
    """Tokens are estimated from bytes, and the page says so."""
    audit = corpus.audit(texts)
    assert audit.statistics["tokenizer"] is None
    assert audit.statistics["tokens"] == audit.statistics["bytes"] // 4
    assert "Token counts are estimates" in audit.page()


def test_a_missing_package_is_named_with_the_command_that_installs_it(texts, tmp_path, monkeypatch):
    """If the package is not installed, the error says how to install it, before reading."""
    real_import = builtins.__import__

    def without_tokenizers(name, *arguments, **options):
        if name == "tokenizers":
            raise ImportError(name)
        return real_import(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_tokenizers)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(EnvironmentFault, match=r"pip install 'pagecorpus\[tokenizers\]'"):
        corpus.audit(texts, tokenizer=tmp_path / "tokenizer.json")


def test_a_file_that_is_not_a_tokenizer_is_named(texts, tmp_path, tokenizer):
    """A file that is missing, or is not a tokenizer, is an error with its path."""
    with pytest.raises(ConfigError, match=r"none\.json: cannot be read.*name a tokenizer\.json"):
        load_tokenizer(tmp_path / "none.json")
    tokenizer.write_text('{"model": 1}')
    with pytest.raises(ConfigError, match=r"tokenizer\.json: not a tokenizer"):
        corpus.audit(texts, tokenizer=tokenizer)
