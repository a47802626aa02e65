"""Who is in which split, and that none of them gives another away."""

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
from corpus.similarity.greedy import LEADERS
from corpus.stages import split
from corpus.stages.boundaries import position_of_key
from corpus.stages.split import SPLITS, Split
from corpus.words.definition import jaccard, shingles

WORDS = [f"word{i}" for i in range(12)]


def decided(stage, batch, *, seed=0, **known):
    """Return the decisions of a stage on a batch, one dict for each document, and its figures."""
    corpus = dataclasses.replace(in_memory(batch, stage.observes(), seed=seed), **known)
    found = stage.decide(corpus)
    assert found.num_rows == batch.num_rows
    return found.to_pylist(), stage.metrics(found)


def fetch(parts, part, rows, columns):
    """Return rows of a part: what workers are sent."""
    return parts[part].select(columns).take(pa.array(rows))


def cut(stage, batch, sizes):
    """Return what a stage sees of a batch that was read in parts of these sizes."""
    starts = np.cumsum([0, *sizes]).tolist()
    parts = [batch.slice(a, b - a) for a, b in pairwise(starts)]
    observed = [compute_observations(part, stage.observes()) for part in parts]
    return CorpusView(observed, partial(fetch, parts), np.ones(batch.num_rows, np.bool_))


@st.composite
def corpora(draw):
    """Return texts of which many are edits of each other, some without words."""
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
def test_what_leaks_goes_and_nothing_else(documents, texts, threshold, seed):
    """A document goes if and only if a kept one of an earlier split is near enough."""
    batch = documents(*texts)
    stage = SPLIT.model_copy(update={"leakage_threshold": threshold})
    found, figures = decided(stage, batch, seed=seed)
    sets = {id: shingles(text) for id, text in zip(batch[ID].to_pylist(), texts, strict=True)}
    row_of = dict(zip(sets, found, strict=True))
    stays = {id for id, row in row_of.items() if not row["reason"]}
    highest = 0.0
    for id, row in row_of.items():
        before = SPLITS[: SPLITS.index(row["split"])]
        near = {e: jaccard(sets[id], sets[e]) for e in stays if row_of[e]["split"] in before}
        if row["reason"]:
            assert row["reason"] == "leak"
            alike = texts[list(sets).index(id)] == texts[list(sets).index(row["evidence"])]
            assert row["score"] == (1.0 if alike else max(near.values()))
            assert row["score"] >= threshold
        else:
            highest = max(highest, max(near.values(), default=0.0))
    assert highest < threshold
    assert figures["highest_left"] <= round(highest, 6)
    if highest >= 0.4:
        assert figures["highest_left"] == pytest.approx(highest, abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(corpora(), st.randoms(use_true_random=False))
def test_how_the_corpus_is_cut_and_ordered_decides_nothing(documents, texts, random):
    """Any order of the documents, in any parts, has every document decided in the same way."""
    batch = documents(*texts)
    plain = SPLIT.decide(in_memory(batch, SPLIT.observes()))
    order = list(range(batch.num_rows))
    random.shuffle(order)
    first = random.randint(0, batch.num_rows)
    sizes = [0, first, batch.num_rows - first]
    shuffled = SPLIT.decide(cut(SPLIT, batch.take(pa.array(order)), sizes))
    assert shuffled.to_pylist() == plain.take(pa.array(order)).to_pylist()
    assert SPLIT.metrics(shuffled) == SPLIT.metrics(plain)


def names(stage, batch, **known):
    """Return the split of each document."""
    return [row["split"] for row in decided(stage, batch, **known)[0]]


def test_a_document_never_moves(documents):
    """Its split is that of its id and the seed, whoever else is there and whatever it says."""
    many = documents(*[f"text {i}" for i in range(300)])
    there = names(SPLIT, many, seed=3)
    assert names(SPLIT, many.slice(100, 50), seed=3) == there[100:150]
    other = documents(*["quite another text"] * 300)
    assert names(SPLIT, other, seed=3) == there
    assert names(SPLIT, many, seed=4) != there
    assert names(SPLIT.model_copy(update={"seed": 3}), many, seed=4) == there


def test_the_test_split_stays_when_a_validation_split_comes(documents):
    """More validation takes from train alone; more test keeps those that were in it."""
    many = documents(*["x"] * 2000)
    plain = Split(test=0.1, leakage_threshold=None)
    few, more = (names(plain.model_copy(update={"validation": v}), many) for v in (0, 0.2))
    pairs = set(zip(few, more, strict=True))
    assert pairs == {("test", "test"), ("train", "train"), ("train", "validation")}
    larger = names(plain.model_copy(update={"test": 0.2}), many)
    assert ("test", "train") not in set(zip(few, larger, strict=True))


def test_splits_have_about_their_shares():
    """Draws are uniform, for keys that differ in any of their bytes."""
    keys = np.arange(100_000, dtype=np.uint64)
    for upper, lower in ((keys, keys * 0), (keys * 0, keys), (keys << np.uint64(44), keys * 0)):
        drawn = position_of_key(upper, lower, 7)
        assert len(np.unique(drawn)) == len(keys)
        assert np.bincount(drawn >> np.uint64(60)) / len(keys) == pytest.approx(1 / 16, rel=0.05)


def test_draws_are_part_of_the_promise():
    """A build of another version has the same documents in its test split."""
    found = position_of_key(np.array([1, 2], np.uint64), np.array([3, 4], np.uint64), 17)
    assert [hex(value) for value in found.tolist()] == DRAWN


DRAWN = ["0x77b545d38e25ac92", "0x192131ee9b0bb756"]


def test_no_share_no_search(documents):
    """Without a test split nothing is observed and nothing goes."""
    batch = documents("the same text", "the same text", "the same text")
    assert Split(test=0).observes() == ()
    found, figures = decided(Split(test=0), batch)
    assert [row["reason"] for row in found] == [None] * 3
    assert [row["split"] for row in found] == ["train"] * 3
    assert figures == {}


def test_what_is_in_two_splits_is_told_without_a_threshold(documents):
    """Nobody is taken for a leak, and how many would be, word for word, is told all the same."""
    batch = documents(*["The same text!", "the same text"] * 10, "another", "!!!", "!!!!")
    found, figures = decided(Split(test=0.5, leakage_threshold=None), batch)
    assert [row["reason"] for row in found] == [None] * 23
    trained = [row["split"] for row in found[:20]].count("train")
    assert 0 < trained < 20
    assert figures == {"overlap": trained}


def test_the_removed_count_for_nothing(documents):
    """A test document that an earlier stage removed gives nothing away."""
    texts = ["the very same words are here"] * 40
    stage, batch = Split(test=0.3), documents(*texts)
    found, _ = decided(stage, batch)
    test = np.array([row["split"] == "test" for row in found])
    assert [row["reason"] for row in found] == [None if one else "leak" for one in test]
    left, figures = decided(stage, batch, alive=~test)
    assert [row["reason"] for row in left] == [None] * 40
    assert figures["compared"] == 0


def test_validation_leaves_for_test_and_train_for_both(documents):
    """A leak is removed from the later split; one that has left gives nothing away itself."""
    base = [f"w{i}" for i in range(40)]
    near, far = [*base[:28], *"abcdefgh"], [*base[:14], *"ijkl", *"abcdefgh"]
    texts = {"test": base, "validation": near, "train": far}
    assert jaccard(shingles(" ".join(base)), shingles(" ".join(near))) >= 0.5
    ids = [f"id-{i}" for i in range(60)]
    blank = documents(*["x"] * 60, id=ids)
    place = names(SPLIT, blank)
    chosen = [ids[place.index(name)] for name in SPLITS]
    batch = documents(*[" ".join(texts[name]) for name in SPLITS], id=chosen)
    found, _ = decided(SPLIT, batch)
    assert [row["reason"] for row in found] == [None, "leak", None]
    assert found[1]["evidence"] == chosen[0]


def test_a_crowd_of_copies_is_not_compared_pair_by_pair(documents):
    """Thousands of copies across a split cost a bounded number of comparisons each."""
    batch = documents(*["the very same words are everywhere in here"] * 3000)
    found, figures = decided(Split(test=0.2), batch)
    assert {row["split"] for row in found if not row["reason"]} == {"test"}
    assert figures["compared"] <= LEADERS * 3000


def test_a_text_without_words_is_in_one_split(documents):
    """Copies of it across splits are leaks, though they share no shingle."""
    found, figures = decided(SPLIT, documents(*["?!"] * 30, *["--"] * 30))
    for some in (found[:30], found[30:]):
        assert {row["split"] for row in some} == set(SPLITS)
        assert {row["split"] for row in some if not row["reason"]} == {"test"}
        assert {row["score"] for row in some if row["reason"]} == {1.0}
    assert figures["overlap"] == 0


def test_the_figures_say_what_is_left(documents):
    """The highest Jaccard of a pair across splits that was compared and stays."""
    common = [f"c{i}" for i in range(40)]
    texts = [" ".join([*common, *(f"own{k}x{i}" for i in range(24))]) for k in range(40)]
    _, figures = decided(Split(test=0.3), documents(*texts))
    left = jaccard(shingles(texts[0]), shingles(texts[1]))
    assert 0.3 < left < 0.5
    assert figures["highest_left"] == pytest.approx(left, abs=1e-6)
    assert figures["recall_at_threshold"] == figures["recall"]["0.5"] == 0.999999
    assert (figures["bands"], figures["rows"]) == (64, 2)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 0.95, 1.0])
@pytest.mark.parametrize("count", [4, 80])
def test_the_highest_left_is_the_highest_whatever_the_threshold(documents, threshold, count):
    """What is far under the threshold is measured too, alone as in a crowd of one template."""
    common = [f"c{i}" for i in range(60)]
    texts = [" ".join([*common, *(f"own{k}x{i}" for i in range(24))]) for k in range(count)]
    texts += [" ".join(f"other{k}x{i}" for i in range(50)) for k in range(40)]
    texts += [f"{texts[-1]} with {k} words {k} that differ" for k in range(4)]
    found, figures = decided(Split(test=0.5, leakage_threshold=threshold), documents(*texts))
    stays = [
        (row["split"], shingles(text))
        for row, text in zip(found, texts, strict=True)
        if not row["reason"]
    ]
    pairs = combinations(stays, 2)
    highest = max(jaccard(a, b) for (one, a), (other, b) in pairs if one != other)
    assert figures["highest_left"] == pytest.approx(highest, abs=1e-6)
    assert figures["recall_of_highest"] >= 0.9999


@pytest.mark.parametrize(
    "budget", [{"MIN_PAIR_BUDGET": 500, "PAIRS_PER_DOCUMENT": 1}, {"MEETINGS_PER_DOCUMENT": 1}]
)
def test_measuring_ends_when_its_work_is_spent(documents, monkeypatch, budget):
    """Of texts about equally like not all are compared for one figure, which says so."""
    every = [" ".join(f"of{k}x{i}" for i in range(9)) for k in range(40)]
    texts = [
        " ".join(every[i] for i in sorted(random.Random(k).sample(range(40), 24)))
        for k in range(150)
    ]
    stage = Split(test=0.3, leakage_threshold=0.95)
    whole, figures = decided(stage, documents(*texts))
    assert "highest_left_at_least" not in figures
    for name, most in budget.items():
        monkeypatch.setattr(f"corpus.similarity.highest_remaining.{name}", most)
    found, told = decided(stage, documents(*texts))
    assert found == whole
    assert told["compared"] < figures["compared"]
    assert 0.4 < told["highest_left"] <= figures["highest_left"]
    assert told["highest_left_at_least"]
    assert "recall_of_highest" not in told
    if "MIN_PAIR_BUDGET" in budget:
        assert told["compared"] <= 500


def test_the_figures_do_not_trust_the_removals(documents, monkeypatch):
    """A leak that was not removed shows in what is left, so the build is not published."""
    monkeypatch.setattr("corpus.similarity.compared_pairs.select_kept", lambda edges, kept: None)
    texts = ["the same twelve words stand in every one of these many documents here"] * 40
    texts = [f"{text} but {k}" for k, text in enumerate(texts)]
    _, figures = decided(Split(test=0.3), documents(*texts))
    assert figures["highest_left"] >= 0.5


def test_the_example_runs(documents):
    """The YAML at the top of the module makes a stage that decides."""
    example = textwrap.dedent(split.__doc__.split("\n\n")[1])
    settings_of = yaml.safe_load(example)["stages"][0]
    stage = Split.model_validate_json(json.dumps(settings_of), strict=True)
    assert stage == Split()
    assert set(names(stage, documents("a", "b"))) <= set(SPLITS)


ALONE = Split(leakage_threshold=None)
DAY = 86_400_000_000


def dated(documents, days, **columns):
    """Return documents with these dates, in days since 1970; None for none."""
    dates = [None if day is None else day * DAY for day in days]
    return documents(*(["x"] * len(days)), date=dates, **columns)


def again(stage, figures):
    """Return the stage with the boundaries that a build stated, as a config would say them."""
    told = json.dumps(stage.model_dump(mode="json") | {"boundaries": figures["boundaries"]})
    return type(stage).model_validate_json(told, strict=True)


def test_a_count_is_met_exactly_and_its_boundary_can_be_pinned(documents):
    """So many documents are tested; pinned, those that come later move nobody."""
    stage = ALONE.model_copy(update={"test": 20, "validation": 30})
    few = documents(*["x"] * 200)
    found, figures = decided(stage, few)
    counts = [[row["split"] for row in found].count(name) for name in SPLITS]
    assert counts == [20, 30, 150]
    more = documents(*["x"] * 400)
    pinned = names(again(stage, figures), more)
    assert pinned[:200] == [row["split"] for row in found]
    assert 5 < pinned[200:].count("test") < 40
    assert names(stage, more)[:200] != pinned[:200]


def test_more_than_there_are_takes_all(documents):
    """A count beyond the corpus leaves nothing to train on, and says where it ends."""
    stage = ALONE.model_copy(update={"test": 5})
    assert names(stage, documents("a", "b")) == ["test", "test"]
    assert names(stage, documents()) == []


def test_by_date_the_newest_are_tested(documents):
    """The newest share is tested, the next validates; what has no date is for training."""
    days = [*range(50), *[None] * 10]
    stage = ALONE.model_copy(update={"test": 0.1, "validation": 0.2, "by": "date"})
    found, figures = decided(stage, dated(documents, days))
    split = [row["split"] for row in found]
    assert split == ["train"] * 35 + ["validation"] * 10 + ["test"] * 5 + ["train"] * 10
    assert figures["boundaries"] == [
        {"stratum": [], "test": "1970-02-15T00:00:00Z", "validation": "1970-02-05T00:00:00Z"}
    ]
    later = dated(documents, [None, 60, 44, 45, 34, 35])
    pinned = names(again(stage, figures), later)
    assert pinned == ["train", "test", "validation", "test", "train", "validation"]
    by_hand = stage.model_copy(update={"boundaries": (split_boundary(test="1970-02-15"),)})
    assert names(by_hand, later) == ["train", "test", "train", "test", "train", "train"]


def split_boundary(**ends):
    """Return a boundary as a config may say it."""
    return split.Boundary(**ends)


def test_a_day_is_never_cut(documents):
    """Documents of one date stay together: some more or fewer than asked, whichever is nearer."""
    stage = ALONE.model_copy(update={"test": 10, "by": "date"})
    found = names(stage, dated(documents, [1] * 30 + [2] * 8 + [3] * 4))
    assert found == ["train"] * 30 + ["test"] * 12


@pytest.mark.parametrize("test", [0.3, 40])
def test_a_group_is_in_one_split(documents, test):
    """All documents of a group share their split; those without one go by their id."""
    stage = ALONE.model_copy(update={"test": test, "by": split.Group(group="site")})
    sites = [f"site{k % 30}" if k < 120 else None for k in range(160)]
    found = names(stage, documents(*["x"] * 160, site=sites))
    assert all(
        len({f for f, s in zip(found, sites, strict=True) if s == site}) == 1
        for site in sites
        if site
    )
    assert 20 < found.count("test") < 80
    assert {*found[120:]} == {"test", "train"}
    few = names(
        ALONE.model_copy(update={"test": 0.3, "by": stage.by}), documents("x", site=["site3"])
    )
    if test == 0.3:
        assert few == [found[3]]


@pytest.mark.parametrize("asked", [{"by": {"group": "publsher"}}, {"stratify": ["publsher"]}])
def test_a_column_that_nobody_fills_is_told(documents, asked):
    """A mistyped column would split by id what was to be split by group, and say nothing."""
    stage = Split.model_validate({"test": 0.2} | asked)
    batch = documents("one text", "and another")
    with pytest.raises(InputError, match="'split': column 'publsher' is empty in every document"):
        stage.decide(in_memory(batch, stage.observes()))


@pytest.mark.parametrize(("test", "tested"), [(0.1, [30, 9, 1, 0]), (40, [30, 9, 1, 0])])
def test_every_stratum_gets_its_share(documents, test, tested):
    """Of each value, and of those without one, the same share is tested, to a whole number."""
    sizes = {"en": 300, "de": 90, None: 10, "fi": 4}
    languages = [name for name, size in sizes.items() for _ in range(size)]
    stage = ALONE.model_copy(update={"test": test, "stratify": ("language",)})
    batch = documents(*["x"] * len(languages), language=languages)
    found, figures = decided(stage, batch)
    split = [row["split"] for row in found]
    here = {name: [s for s, l in zip(split, languages, strict=True) if l == name] for name in sizes}
    assert [here[name].count("test") for name in sizes] == tested
    assert [one["stratum"] for one in figures["boundaries"]] == [["de"], ["en"], ["fi"], [None]]
    assert names(again(stage, figures), batch) == split


def test_how_the_corpus_is_cut_decides_no_boundary(documents):
    """Strata and ranks are the same whatever the parts and the order of the documents."""
    stage = ALONE.model_copy(
        update={"test": 0.3, "stratify": ("language", "publisher"), "by": "date"}
    )
    batch = dated(
        documents,
        [k * 7 % 11 for k in range(60)],
        language=["en", "de", None] * 20,
        publisher=["A", "B"] * 30,
    )
    plain = stage.decide(in_memory(batch, stage.observes()))
    order = np.arange(60) * 7 % 60
    shuffled = stage.decide(cut(stage, batch.take(pa.array(order)), [0, 13, 47]))
    assert shuffled.to_pylist() == plain.take(pa.array(order)).to_pylist()
    assert stage.metrics(shuffled) == stage.metrics(plain)
    assert len(stage.metrics(plain)["boundaries"]) == 6


@pytest.mark.parametrize(
    ("wrong", "message"),
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
def test_a_wrong_setting_is_told(wrong, message):
    """What cannot be done is said when the config is read."""
    with pytest.raises(ValidationError, match=message):
        Split(**wrong)


def test_no_leak_is_left_in_real_news(shared_data):
    """On Reuters articles no train document has a Jaccard of 0.5 with a test document."""
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
    found, _ = decided(Split(test=0.05), batch, seed=17)
    owners = {}
    for k, row in enumerate(found):
        if row["split"] == "test":
            for shingle in shingles(rows[k]["text"]):
                owners.setdefault(shingle, set()).add(k)
    leaks = 0
    for k, row in enumerate(found):
        if row["split"] == "train":
            said = shingles(rows[k]["text"])
            near = {e for shingle in said for e in owners.get(shingle, ())}
            best = max((jaccard(said, shingles(rows[e]["text"])) for e in near), default=0)
            assert (row["reason"] == "leak") == (best >= 0.5)
            assert row["score"] == (best if best >= 0.5 else None)
            leaks += best >= 0.5
    assert leaks > 5
