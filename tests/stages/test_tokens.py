"""Tokens: counted with a tokenizer, used by later stages, and shown in every report."""

from __future__ import annotations

import builtins
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

import corpus
from corpus.auditing.summary import summary as audit_summary
from corpus.builds.summary import notices
from corpus.config.load import load_config
from corpus.errors import ConfigError, EnvironmentFault, InputError
from corpus.pipeline.identity import identity_of
from corpus.stages import make_stage
from corpus.tokens import observations
from corpus.tokens import tokenizer as tokenizers
from tests.conftest import make_documents
from tests.pipeline.test_build import article
from tests.pipeline.test_thresholds import built, count_passes, documents, removals

pytest.importorskip("tokenizers", reason="the package tokenizers is not installed")

EXAMPLE = Path(__file__).with_name("example_files") / "tokenizer.json"
MORE = "{stage: filter, columns: {token_count: {min: 60}}}, {stage: split, test: 0.2}"


def stage(folder, **settings):
    """Return the stage with the tokenizer of the examples in a folder."""
    shutil.copy(EXAMPLE, folder / "tokenizer.json")
    return make_stage({"stage": "tokens", "tokenizer": "tokenizer.json"} | settings, folder)


def test_tokens_are_counted(tmp_path):
    """The column has the number of tokens; a missing text has none."""
    counted = stage(tmp_path).apply(make_documents("Will it rain?", "", None, "no\nyes"))
    assert counted.column("token_count").to_pylist() == [4, 0, 0, 2]
    folder = make_stage({"stage": "tokens", "tokenizer": "."}, tmp_path)
    assert folder.observes() == stage(tmp_path).observes()


def test_a_column_of_the_sources_is_not_replaced(tmp_path):
    """Numbers of another tokenizer are not mixed up with those of this one."""
    with pytest.raises(InputError, match="fills the column 'token_count', and the sources have"):
        stage(tmp_path).apply(make_documents("a", "b", token_count=[None, 3]))


def test_a_tokenizer_is_checked_before_anything_is_read(tmp_path, monkeypatch):
    """A missing or damaged file, or a missing package, is an error with place and remedy."""
    config = tmp_path / "c.yaml"
    config.write_text(
        "name: c\nsources: [{path: in.jsonl}]\nstages: [{stage: tokens, tokenizer: t.json}]\n"
    )
    (tmp_path / "in.jsonl").write_text('{"text": "one"}\n')
    with pytest.raises(ConfigError, match=r"t\.json: cannot be read .*name a tokenizer\.json"):
        corpus.build(config)
    (tmp_path / "t.json").write_text("{")
    with pytest.raises(ConfigError, match=r"t\.json: not a tokenizer"):
        corpus.build(config)
    real_import = builtins.__import__

    def without_tokenizers(name, *arguments, **options):
        if name == "tokenizers":
            raise ImportError(name)
        return real_import(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_tokenizers)
    with pytest.raises(EnvironmentFault, match=r"pip install 'pagecorpus\[tokenizers\]'"):
        corpus.build(config)


def test_another_version_of_the_package_is_another_build(tmp_path, monkeypatch):
    """It may count otherwise, so a build that is there is not the one that would be made."""
    shutil.copy(EXAMPLE, tmp_path / "tokenizer.json")
    (tmp_path / "c.yaml").write_text(
        "name: c\nsources: [{path: x}]\nstages: [{stage: tokens, tokenizer: .}]\n"
    )
    config = load_config(tmp_path / "c.yaml")
    before = identity_of(config, [], None)
    assert identity_of(config, [], None) == before
    monkeypatch.setattr(observations, "metadata", SimpleNamespace(version=lambda _: "9.9"))
    assert identity_of(config, [], None) != before


@pytest.mark.parametrize(
    "change",
    [
        {"model": {"type": "WordLevel", "vocab": {"word": 0}, "unk_token": "[UNK]"}},
        {"model": {"type": "WordPiece", "vocab": {"word": 0}, "unk_token": "[UNK]",
                   "continuing_subword_prefix": "##", "max_input_chars_per_word": 9}},
        {"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"}},
        {"normalizer": {"type": "Precompiled", "precompiled_charsmap": ""}},
    ],
)  # fmt: skip
def test_a_tokenizer_that_cannot_encode_is_refused(tmp_path, change):
    """It has no token for unknown words, or the package panics: the file is named, no document."""
    chosen = stage(tmp_path)
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps(json.loads(EXAMPLE.read_text()) | change))
    with pytest.raises(ConfigError, match=r"tokenizer\.json: not a tokenizer"):
        chosen.apply(make_documents("naïve"))


class PanicException(BaseException):
    """What the package raises when it panics: by its name, as it cannot be imported."""


@pytest.mark.parametrize(
    ("error", "raised"),
    [(Exception("no token"), ConfigError), (PanicException("index out of range"), ConfigError),
     (KeyboardInterrupt(), KeyboardInterrupt), (MemoryError(), MemoryError)],
)  # fmt: skip
def test_a_failure_on_one_text_is_no_reject(error, raised):
    """The tokenizer is at fault, not the document; interruptions and lack of memory go on."""

    class Failing:
        def encode_batch(self, *_, **__):
            """Fail."""
            raise error

    with pytest.raises(raised) as found:
        tokenizers.Tokenizer("t.json", "", Failing())(pa.array(["word"]))
    assert raised is not ConfigError or "t.json: the tokenizer cannot" in str(found.value)


def test_words_are_never_cut_at_random(tmp_path):
    """BPE dropout, which some files switch on for training, is switched off."""
    vocabulary = {letter: i for i, letter in enumerate("abcdefghijklmnopqrstuvwxyzT12,. \u0120")}
    vocabulary |= {"th": 40, "the": 41}
    model = {"type": "BPE", "dropout": 0.5, "unk_token": "a", "vocab": vocabulary,
             "merges": [["t", "h"], ["th", "e"]]}  # fmt: skip
    chosen = stage(tmp_path)
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps(json.loads(EXAMPLE.read_text()) | {"model": model}))
    batch = make_documents(*["the the the the the the"] * 20)
    assert len(set(chosen.apply(batch).column("token_count").to_pylist())) == 1


def test_texts_are_encoded_in_batches_of_bounded_size(monkeypatch, tmp_path):
    """The counts are the same; no call has more characters than the bound and one part."""
    texts = pa.array(["one two " * 300, "", None, "three " * 500, *["four"] * 50])
    file = tokenizers.load_tokenizer(EXAMPLE)
    expected = file(texts).tolist()
    sizes = []

    class Watched:
        def encode_batch(self, parts, **settings):
            """Note the size."""
            sizes.append(sum(map(len, parts)))
            return file.encoder.encode_batch(parts, **settings)

    monkeypatch.setattr(tokenizers, "BATCH_CHARACTERS", 2000)
    assert tokenizers.Tokenizer("t", "", Watched())(texts).tolist() == expected
    assert len(sizes) == 3
    assert max(sizes) <= 2000 + 3000


def test_a_tokenizer_that_changes_is_noticed(tmp_path):
    """Counts of two tokenizers are never in one corpus."""
    (observation, _) = stage(tmp_path).observes()
    file = tmp_path / "tokenizer.json"
    file.write_text(file.read_text().replace("again", "later"))
    with pytest.raises(InputError, match="the tokenizer changed since the build began"):
        observation.columns(make_documents("a"))
    assert stage(tmp_path).observes()[0] == observation
    moved = tmp_path / "moved"
    moved.mkdir()
    assert stage(moved).observes()[0].name == observation.name
    assert tokenizers.load_tokenizer(moved) is tokenizers.load_tokenizer(moved)


def test_all_reports_have_the_counted_tokens(tmp_path, monkeypatch):
    """Shards, manifest, audit, card and summaries agree, and `filter` and `mix` use the tokens."""
    stage(tmp_path)
    rows = [{"id": f"a{i}", "text": article(i, 3 + i % 7), "desk": f"d{i % 2}"} for i in range(40)]
    count = "{stage: tokens, tokenizer: tokenizer.json}"
    mix = "{stage: mix, by: desk, temperature: 1, unit: tokens, budget: 1200}"
    made = built(tmp_path, f"[{count}, {MORE}, {mix}]", rows)
    kept = documents(made)
    assert all(row["token_count"] >= 60 for row in kept)
    assert "filter" in {stage for stage, _ in removals(made).values()}
    audit = json.loads((made.path / "audit/audit.json").read_bytes())
    total = sum(row["token_count"] for row in kept)
    assert audit["tokens"] == total
    assert sum(split["tokens"] for split in made.manifest["splits"].values()) == total
    assert audit["tokenizer"]["name"] == "tokenizer.json"
    reached = sum(row["reached"] for row in audit["mixture"]["groups"])
    in_test = made.manifest["splits"]["test"]["tokens"]
    assert reached == sum(row["token_count"] * row["epochs"] for row in kept) - in_test
    card = (made.path / "README.md").read_text(encoding="utf-8")
    assert f"Tokens: {made.manifest['splits']['train']['tokens']:,} in `train`" in card
    (notice,) = [text for subject, text in notices(made.manifest) if subject == "tokens"]
    assert "counted with 'tokenizer.json'" in notice
    assert f"tokens     {total:,}, tokenizer.json" in audit_summary(audit, made.manifest)
    passes = count_passes(monkeypatch)
    built(tmp_path, f"[{count}, {MORE}, {mix}]".replace("60", "50").replace("1200", "900"), rows)
    assert passes == []


def test_a_mixture_by_tokens_needs_their_number(tmp_path):
    """Estimates are never mixed up with counts: without counts, there is an error."""
    stages = "[{stage: mix, by: source, temperature: 1, unit: tokens}]"
    with pytest.raises(InputError, match="add the stage `tokens` before mix"):
        built(tmp_path, stages)


def test_texts_do_not_change_after_their_tokens_are_counted(tmp_path):
    """A stage that changes texts comes before the stage."""
    config = {"name": "c", "sources": [{"path": "x"}], "stages": []}
    count = {"stage": "tokens", "tokenizer": "tokenizer.json"}
    with pytest.raises(ConfigError, match="changes texts after tokens has counted them; move it"):
        load_config(config | {"stages": [count, "clean"]})
    with pytest.raises(ConfigError, match="tokens are counted once; keep one"):
        load_config(config | {"stages": [count, count]})
