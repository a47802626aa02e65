"""Tests of the stage `split`: assignment to splits, boundaries, and removal of leaks."""

from __future__ import annotations

import dataclasses
import json
import random
import textwrap
from functools import partial
from itertools import combinations, pairwise

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from corpus.documents import ID, TEXT
from corpus.errors import InputError
from corpus.observations import CorpusView, compute_observations, in_memory
from corpus.similarity.greedy import LEADERS_PER_BUCKET
from corpus.stages import split
from corpus.stages.boundaries import position_of_key
from corpus.stages.split import SPLITS, Split
from corpus.words.definition import jaccard, shingles

WORDS = [f"word{i}" for i in range(12)]


def decided(stage, batch, *, seed=0, **changes):
    """Return the decisions on a batch, one dict for each document, and the metrics."""
    corpus = dataclasses.replace(in_memory(batch, stage.observes(), seed=seed), **changes)
    decisions = stage.decide(corpus)
    assert decisions.num_rows == batch.num_rows
    return decisions.to_pylist(), stage.metrics(decisions)


def fetch(parts, part, rows, columns):
    """Return columns of some rows of a part."""
    return parts[part].select(columns).take(pa.array(rows))


def view_in_parts(stage, batch, sizes):
    """Return the view of a corpus that was read in parts of these sizes."""
    starts = np.cumsum([0, *sizes]).tolist()
    parts = [batch.slice(a, b - a) for a, b in pairwise(starts)]
    observed = [compute_observations(part, stage.observes()) for part in parts]
    return CorpusView(observed, partial(fetch, parts), np.ones(batch.num_rows, np.bool_))


@st.composite
def corpora(draw):
    """Return texts, many of which are edits of each other, and some without words."""
    word = st.sampled_from(WORDS)
    bases = draw(st.lists(st.lists(word, min_size=1, max_size=20), min_size=1, max_size=3))
    texts = []
    for _ in range(draw(st.integers(1, 14))):
        text = list(draw(st.sampled_from(bases)))
        for place, new in draw(st.lists(st.tuples(st.integers(0, 20), word), max_size=3)):
            text.insert(place % (len(text) + 1), new)
        texts.append(draw(st.sampled_from([" ".join(text)] * 5 + ["?!"])))
    return texts


SPLIT = Split(test=0.3, validation=0.3)


@settings(deadline=None, derandomize=True, max_examples=120)
@given(corpora(), st.sampled_from([0.5, 0.8, 1.0]), st.integers(0, 5))
def test_the_result_equals_comparing_all_pairs(documents, texts, threshold, seed):
    """A document is removed if and only if a kept one of an earlier split is similar enough."""
    batch = documents(*texts)
    stage = SPLIT.model_copy(update={"leakage_threshold": threshold})
    rows, metrics = decided(stage, batch, seed=seed)
    sets = {id: shingles(text) for id, text in zip(batch[ID].to_pylist(), texts, strict=True)}
    row_of = dict(zip(sets, rows, strict=True))
    kept_ids = {id for id, row in row_of.items() if not row["reason"]}
    highest = 0.0
    for id, row in row_of.items():
        earlier_splits = SPLITS[: SPLITS.index(row["split"])]
        near = {
            e: jaccard(sets[id], sets[e]) for e in kept_ids if row_of[e]["split"] in earlier_splits
        }
        if row["reason"]:
            assert row["reason"] == "leak"
            identical = texts[list(sets).index(id)] == texts[list(sets).index(row["evidence"])]
            assert row["score"] == (1.0 if identical else max(near.values()))
            assert row["score"] >= threshold
        else:
            highest = max(highest, max(near.values(), default=0.0))
    assert highest < threshold
    assert metrics["highest_left"] <= round(highest, 6)
    if highest >= 0.4:
        assert metrics["highest_left"] == pytest.approx(highest, abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(corpora(), st.randoms(use_true_random=False))
def test_order_and_parts_do_not_matter(documents, texts, random):
    """Each document gets the same decision in any order and any parts."""
    batch = documents(*texts)
    in_order = SPLIT.decide(in_memory(batch, SPLIT.observes()))
    order = list(range(batch.num_rows))
    random.shuffle(order)
    first = random.randint(0, batch.num_rows)
    sizes = [0, first, batch.num_rows - first]
    shuffled = SPLIT.decide(view_in_parts(SPLIT, batch.take(pa.array(order)), sizes))
    assert shuffled.to_pylist() == in_order.take(pa.array(order)).to_pylist()
    assert SPLIT.metrics(shuffled) == SPLIT.metrics(in_order)


def splits_of(stage, batch, **changes):
    """Return the split of each document."""
    return [row["split"] for row in decided(stage, batch, **changes)[0]]


def test_a_document_never_moves(documents):
    """Its split depends only on its id and the seed, not on its text or on other documents."""
    batch = documents(*[f"text {i}" for i in range(300)])
    splits = splits_of(SPLIT, batch, seed=3)
    assert splits_of(SPLIT, batch.slice(100, 50), seed=3) == splits[100:150]
    other = documents(*["quite another text"] * 300)
    assert splits_of(SPLIT, other, seed=3) == splits
    assert splits_of(SPLIT, batch, seed=4) != splits
    assert splits_of(SPLIT.model_copy(update={"seed": 3}), batch, seed=4) == splits


def test_a_larger_validation_split_keeps_the_test_split(documents):
    """Raising `validation` takes only from train, and raising `test` keeps all test documents."""
    batch = documents(*["x"] * 2000)
    stage = Split(test=0.1, leakage_threshold=None)
    without, with_validation = (
        splits_of(stage.model_copy(update={"validation": v}), batch) for v in (0, 0.2)
    )
    pairs = set(zip(without, with_validation, strict=True))
    assert pairs == {("test", "test"), ("train", "train"), ("train", "validation")}
    larger = splits_of(stage.model_copy(update={"test": 0.2}), batch)
    assert ("test", "train") not in set(zip(without, larger, strict=True))


def test_positions_are_uniform():
    """Positions are uniform for keys that differ in any of their bytes."""
    keys = np.arange(100_000, dtype=np.uint64)
    for upper, lower in ((keys, keys * 0), (keys * 0, keys), (keys << np.uint64(44), keys * 0)):
        positions = position_of_key(upper, lower, 7)
        assert len(np.unique(positions)) == len(keys)
        assert np.bincount(positions >> np.uint64(60)) / len(keys) == pytest.approx(
            1 / 16, rel=0.05
        )


def test_positions_never_change():
    """Positions are fixed, so that later versions build the same test split."""
    positions = position_of_key(np.array([1, 2], np.uint64), np.array([3, 4], np.uint64), 17)
    assert [hex(value) for value in positions.tolist()] == POSITIONS


POSITIONS = ["0x77b545d38e25ac92", "0x192131ee9b0bb756"]


def test_without_held_out_splits_nothing_is_observed(documents):
    """Without test and validation splits, nothing is observed and nothing is removed."""
    batch = documents("the same text", "the same text", "the same text")
    assert Split(test=0).observes() == ()
    rows, metrics = decided(Split(test=0), batch)
    assert [row["reason"] for row in rows] == [None] * 3
    assert [row["split"] for row in rows] == ["train"] * 3
    assert metrics == {}


def test_the_overlap_is_counted_without_a_threshold(documents):
    """With a null threshold, leaks are kept, and identical texts across splits are counted."""
    batch = documents(*["The same text!", "the same text"] * 10, "another", "!!!", "!!!!")
    rows, metrics = decided(Split(test=0.5, leakage_threshold=None), batch)
    assert [row["reason"] for row in rows] == [None] * 23
    train_count = [row["split"] for row in rows[:20]].count("train")
    assert 0 < train_count < 20
    assert metrics == {"overlap": train_count}


def test_removed_documents_do_not_matter(documents):
    """A test document that an earlier stage removed causes no leak."""
    texts = ["the very same words are here"] * 40
    stage, batch = Split(test=0.3), documents(*texts)
    rows, _ = decided(stage, batch)
    is_test = np.array([row["split"] == "test" for row in rows])
    assert [row["reason"] for row in rows] == [None if in_test else "leak" for in_test in is_test]
    remaining, metrics = decided(stage, batch, alive=~is_test)
    assert [row["reason"] for row in remaining] == [None] * 40
    assert metrics["compared"] == 0


def test_a_leak_is_removed_from_the_later_split(documents):
    """Leaks are removed from the later of two splits, and a removed leak causes no other."""
    base = [f"w{i}" for i in range(40)]
    near, far = [*base[:28], *"abcdefgh"], [*base[:14], *"ijkl", *"abcdefgh"]
    texts = {"test": base, "validation": near, "train": far}
    assert jaccard(shingles(" ".join(base)), shingles(" ".join(near))) >= 0.5
    ids = [f"id-{i}" for i in range(60)]
    placeholder = documents(*["x"] * 60, id=ids)
    splits = splits_of(SPLIT, placeholder)
    chosen = [ids[splits.index(name)] for name in SPLITS]
    batch = documents(*[" ".join(texts[name]) for name in SPLITS], id=chosen)
    rows, _ = decided(SPLIT, batch)
    assert [row["reason"] for row in rows] == [None, "leak", None]
    assert rows[1]["evidence"] == chosen[0]


def test_many_copies_need_few_comparisons(documents):
    """Thousands of copies across splits need a bounded number of comparisons each."""
    batch = documents(*["the very same words are everywhere in here"] * 3000)
    rows, metrics = decided(Split(test=0.2), batch)
    assert {row["split"] for row in rows if not row["reason"]} == {"test"}
    assert metrics["compared"] <= LEADERS_PER_BUCKET * 3000


def test_copies_of_a_text_without_words_are_leaks(documents):
    """Identical texts without words are leaks, although they share no shingle."""
    rows, metrics = decided(SPLIT, documents(*["?!"] * 30, *["--"] * 30))
    for copies in (rows[:30], rows[30:]):
        assert {row["split"] for row in copies} == set(SPLITS)
        assert {row["split"] for row in copies if not row["reason"]} == {"test"}
        assert {row["score"] for row in copies if row["reason"]} == {1.0}
    assert metrics["overlap"] == 0


def test_the_metrics_include_the_highest_remaining_similarity(documents):
    """The metrics have the highest Jaccard similarity of kept documents in different splits."""
    common = [f"c{i}" for i in range(40)]
    texts = [" ".join([*common, *(f"own{k}x{i}" for i in range(24))]) for k in range(40)]
    _, metrics = decided(Split(test=0.3), documents(*texts))
    highest = jaccard(shingles(texts[0]), shingles(texts[1]))
    assert 0.3 < highest < 0.5
    assert metrics["highest_left"] == pytest.approx(highest, abs=1e-6)
    assert metrics["recall_at_threshold"] == metrics["recall"]["0.5"] == 0.999999
    assert (metrics["bands"], metrics["rows"]) == (64, 2)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 0.95, 1.0])
@pytest.mark.parametrize("count", [4, 80])
def test_the_highest_remaining_similarity_is_exact(documents, threshold, count):
    """It is also measured far below the threshold, alone and among many texts of one template."""
    common = [f"c{i}" for i in range(60)]
    texts = [" ".join([*common, *(f"own{k}x{i}" for i in range(24))]) for k in range(count)]
    texts += [" ".join(f"other{k}x{i}" for i in range(50)) for k in range(40)]
    texts += [f"{texts[-1]} with {k} words {k} that differ" for k in range(4)]
    rows, metrics = decided(Split(test=0.5, leakage_threshold=threshold), documents(*texts))
    kept_documents = [
        (row["split"], shingles(text))
        for row, text in zip(rows, texts, strict=True)
        if not row["reason"]
    ]
    pairs = combinations(kept_documents, 2)
    highest = max(jaccard(a, b) for (split_a, a), (split_b, b) in pairs if split_a != split_b)
    assert metrics["highest_left"] == pytest.approx(highest, abs=1e-6)
    assert metrics["recall_of_highest"] >= 0.9999


@pytest.mark.parametrize(
    "budget", [{"MIN_PAIR_BUDGET": 500, "PAIRS_PER_DOCUMENT": 1}, {"MATCHES_PER_DOCUMENT": 1}]
)
def test_measuring_has_a_bounded_cost(documents, monkeypatch, budget):
    """With its budget spent, the measured similarity is a lower bound, and marked as such."""
    sentences = [" ".join(f"of{k}x{i}" for i in range(9)) for k in range(40)]
    texts = [
        " ".join(sentences[i] for i in sorted(random.Random(k).sample(range(40), 24)))
        for k in range(150)
    ]
    stage = Split(test=0.3, leakage_threshold=0.95)
    unlimited_rows, unlimited = decided(stage, documents(*texts))
    assert "highest_left_at_least" not in unlimited
    for name, limit in budget.items():
        monkeypatch.setattr(f"corpus.similarity.highest_remaining.{name}", limit)
    limited_rows, limited = decided(stage, documents(*texts))
    assert limited_rows == unlimited_rows
    assert limited["compared"] < unlimited["compared"]
    assert 0.4 < limited["highest_left"] <= unlimited["highest_left"]
    assert limited["highest_left_at_least"]
    assert "recall_of_highest" not in limited
    if "MIN_PAIR_BUDGET" in budget:
        assert limited["compared"] <= 500


def test_the_metrics_are_measured_independently_of_removals(documents, monkeypatch):
    """A leak that was not removed shows in the highest remaining similarity."""
    monkeypatch.setattr("corpus.similarity.compared_pairs.select_kept", lambda edges, kept: None)
    texts = ["the same twelve words stand in every one of these many documents here"] * 40
    texts = [f"{text} but {k}" for k, text in enumerate(texts)]
    _, metrics = decided(Split(test=0.3), documents(*texts))
    assert metrics["highest_left"] >= 0.5


def test_the_example_of_the_module_works(documents):
    """The YAML in the module's docstring makes a stage that works."""
    example = textwrap.dedent(split.__doc__.split("\n\n")[1])
    settings_of = yaml.safe_load(example)["stages"][0]
    stage = Split.model_validate_json(json.dumps(settings_of), strict=True)
    assert stage == Split()
    assert set(splits_of(stage, documents("a", "b"))) <= set(SPLITS)


LEAKS_KEPT = Split(leakage_threshold=None)
DAY = 86_400_000_000


def dated(documents, days, **columns):
    """Return documents with these dates, in days since 1970, or None."""
    dates = [None if day is None else day * DAY for day in days]
    return documents(*(["x"] * len(days)), date=dates, **columns)


def with_boundaries(stage, metrics):
    """Return the stage with the boundaries that a build reported, as a config would have them."""
    settings_json = json.dumps(
        stage.model_dump(mode="json") | {"boundaries": metrics["boundaries"]}
    )
    return type(stage).model_validate_json(settings_json, strict=True)


def test_a_count_is_exact_and_its_boundary_can_be_pinned(documents):
    """A count is met exactly; with its boundary set, later documents change no split."""
    stage = LEAKS_KEPT.model_copy(update={"test": 20, "validation": 30})
    batch = documents(*["x"] * 200)
    rows, metrics = decided(stage, batch)
    counts = [[row["split"] for row in rows].count(name) for name in SPLITS]
    assert counts == [20, 30, 150]
    larger = documents(*["x"] * 400)
    pinned = splits_of(with_boundaries(stage, metrics), larger)
    assert pinned[:200] == [row["split"] for row in rows]
    assert 5 < pinned[200:].count("test") < 40
    assert splits_of(stage, larger)[:200] != pinned[:200]


def test_a_count_above_the_corpus_takes_all_documents(documents):
    """A count larger than the corpus puts every document into test."""
    stage = LEAKS_KEPT.model_copy(update={"test": 5})
    assert splits_of(stage, documents("a", "b")) == ["test", "test"]
    assert splits_of(stage, documents()) == []


def test_by_date_the_newest_documents_are_test(documents):
    """The newest are test, the next validation; documents without a date are train."""
    days = [*range(50), *[None] * 10]
    stage = LEAKS_KEPT.model_copy(update={"test": 0.1, "validation": 0.2, "by": "date"})
    rows, metrics = decided(stage, dated(documents, days))
    splits = [row["split"] for row in rows]
    assert splits == ["train"] * 35 + ["validation"] * 10 + ["test"] * 5 + ["train"] * 10
    assert metrics["boundaries"] == [
        {"stratum": [], "test": "1970-02-15T00:00:00Z", "validation": "1970-02-05T00:00:00Z"}
    ]
    later = dated(documents, [None, 60, 44, 45, 34, 35])
    pinned = splits_of(with_boundaries(stage, metrics), later)
    assert pinned == ["train", "test", "validation", "test", "train", "validation"]
    by_hand = stage.model_copy(update={"boundaries": (split_boundary(test="1970-02-15"),)})
    assert splits_of(by_hand, later) == ["train", "test", "train", "test", "train", "train"]


def split_boundary(**ends):
    """Return a boundary as a config may write it."""
    return split.Boundary(**ends)


def test_documents_of_one_date_are_in_one_split(documents):
    """The size of the split is the nearest one that does not divide a date."""
    stage = LEAKS_KEPT.model_copy(update={"test": 10, "by": "date"})
    splits = splits_of(stage, dated(documents, [1] * 30 + [2] * 8 + [3] * 4))
    assert splits == ["train"] * 30 + ["test"] * 12


@pytest.mark.parametrize("test", [0.3, 40])
def test_a_group_is_in_one_split(documents, test):
    """All documents of a group share a split; those without a group are split by their id."""
    stage = LEAKS_KEPT.model_copy(update={"test": test, "by": split.Group(group="site")})
    sites = [f"site{k % 30}" if k < 120 else None for k in range(160)]
    splits = splits_of(stage, documents(*["x"] * 160, site=sites))
    assert all(
        len({f for f, s in zip(splits, sites, strict=True) if s == site}) == 1
        for site in sites
        if site
    )
    assert 20 < splits.count("test") < 80
    assert {*splits[120:]} == {"test", "train"}
    single = splits_of(
        LEAKS_KEPT.model_copy(update={"test": 0.3, "by": stage.by}),
        documents("x", site=["site3"]),
    )
    if test == 0.3:
        assert single == [splits[3]]


@pytest.mark.parametrize("setting", [{"by": {"group": "publsher"}}, {"stratify": ["publsher"]}])
def test_a_column_without_values_is_an_error(documents, setting):
    """A misspelled column is an error; otherwise documents would be split by their id."""
    stage = Split.model_validate({"test": 0.2} | setting)
    batch = documents("one text", "and another")
    with pytest.raises(InputError, match="'split': column 'publsher' is empty in every document"):
        stage.decide(in_memory(batch, stage.observes()))


@pytest.mark.parametrize(("test", "test_counts"), [(0.1, [30, 9, 1, 0]), (40, [30, 9, 1, 0])])
def test_every_stratum_gets_its_share(documents, test, test_counts):
    """Each value, and null, has the same share of test documents, rounded."""
    sizes = {"en": 300, "de": 90, None: 10, "fi": 4}
    languages = [name for name, size in sizes.items() for _ in range(size)]
    stage = LEAKS_KEPT.model_copy(update={"test": test, "stratify": ("language",)})
    batch = documents(*["x"] * len(languages), language=languages)
    rows, metrics = decided(stage, batch)
    splits = [row["split"] for row in rows]
    by_language = {
        name: [s for s, l in zip(splits, languages, strict=True) if l == name] for name in sizes
    }
    assert [by_language[name].count("test") for name in sizes] == test_counts
    assert [boundary["stratum"] for boundary in metrics["boundaries"]] == [
        ["de"],
        ["en"],
        ["fi"],
        [None],
    ]
    assert splits_of(with_boundaries(stage, metrics), batch) == splits


def test_boundaries_do_not_depend_on_order_or_parts(documents):
    """Strata and boundaries are the same for any order and any parts."""
    stage = LEAKS_KEPT.model_copy(
        update={"test": 0.3, "stratify": ("language", "publisher"), "by": "date"}
    )
    batch = dated(
        documents,
        [k * 7 % 11 for k in range(60)],
        language=["en", "de", None] * 20,
        publisher=["A", "B"] * 30,
    )
    in_order = stage.decide(in_memory(batch, stage.observes()))
    order = np.arange(60) * 7 % 60
    shuffled = stage.decide(view_in_parts(stage, batch.take(pa.array(order)), [0, 13, 47]))
    assert shuffled.to_pylist() == in_order.take(pa.array(order)).to_pylist()
    assert stage.metrics(shuffled) == stage.metrics(in_order)
    assert len(stage.metrics(in_order)["boundaries"]) == 6


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"test": 0.5, "validation": 0.5}, "leave no training documents"),
        ({"test": 1.5}, "test is a share, 0 to below 1, or a whole number of documents"),
        ({"test": -0.1}, "test is a share"),
        ({"validation": -3}, "validation is a share"),
        ({"by": {"group": "a"}, "stratify": ["b"]}, "a group may belong to several strata"),
        ({"boundaries": [{"stratum": ["en"]}]}, "one value for each column of stratify"),
        ({"boundaries": [{"test": "2023-05-22"}]}, "`by: date` it is a date, else a hash"),
        ({"by": "date", "boundaries": [{"test": "0x5f"}]}, "`by: date` it is a date, else a hash"),
        ({"boundaries": [{"test": "0x5f"}, {"test": "0x60"}]}, "for the same stratum"),
        ({"boundaries": [{"test": "soon"}]}, "a boundary is a date such as '2023-05-22'"),
        ({"leakage_threshold": 0}, "greater than 0"),
        (
            {"leakage_threshold": 0.01},
            "128 hashes cannot find pairs at a leakage_threshold of 0.01",
        ),
        ({"leak_threshold": 0.5}, "Extra inputs"),
    ],
)
def test_wrong_settings_are_refused(config, message):
    """A setting that cannot work is refused when the config is read."""
    with pytest.raises(ValidationError, match=message):
        Split(**config)


def test_no_leak_is_left_in_real_news(shared_data):
    """A train document is a leak exactly if its similarity to a test document is at least 0.5."""
    path = shared_data / "near-duplicates/reuters.jsonl.zst"
    with pa.input_stream(path, compression="zstd") as file:
        rows = [json.loads(line) for line in file.read().splitlines()][:6000]
    ids = [str(row["id"]) for row in rows]
    batch = pa.record_batch(
        {
            ID: ids,
            "_key": pa.array([id.encode().rjust(16) for id in ids], pa.binary(16)),
            TEXT: pa.array([row["text"] for row in rows], pa.large_string()),
        }
    )
    decisions, _ = decided(Split(test=0.05), batch, seed=17)
    test_documents = {}
    for k, row in enumerate(decisions):
        if row["split"] == "test":
            for shingle in shingles(rows[k]["text"]):
                test_documents.setdefault(shingle, set()).add(k)
    leaks = 0
    for k, row in enumerate(decisions):
        if row["split"] == "train":
            own_shingles = shingles(rows[k]["text"])
            candidates = {e for shingle in own_shingles for e in test_documents.get(shingle, ())}
            best = max(
                (jaccard(own_shingles, shingles(rows[e]["text"])) for e in candidates), default=0
            )
            assert (row["reason"] == "leak") == (best >= 0.5)
            assert row["score"] == (best if best >= 0.5 else None)
            leaks += best >= 0.5
    assert leaks > 5
