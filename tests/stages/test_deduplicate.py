"""What the deduplicate stage takes out, and that nothing but the texts decides it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import pickle
import textwrap
from functools import partial
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from corpus.documents import DATE, ID, KEY, TEXT
from corpus.errors import InputError
from corpus.observations import CorpusView, compute_observations, in_memory
from corpus.stages import deduplicate
from corpus.stages.deduplicate import Deduplicate
from corpus.words.definition import content, jaccard, shingles

WORDS = [f"word{i}" for i in range(14)]
LONG = " ".join(WORDS * 3)


def decided(stage, batch, **known):
    """Return the decisions of a stage on a batch, one dict for each document, and its figures."""
    corpus = dataclasses.replace(in_memory(batch, stage.observes()), **known)
    found = stage.decide(corpus)
    assert found.num_rows == batch.num_rows
    return found.to_pylist(), stage.metrics(found)


def kept(stage, batch, **known):
    """Return the ids of those that stay."""
    found, _ = decided(stage, batch, **known)
    return {id for id, row in zip(batch[ID].to_pylist(), found, strict=True) if not row["reason"]}


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
    """Return texts that repeat each other exactly or nearly, some without words, and some dates."""
    word = st.sampled_from(WORDS)
    bases = draw(st.lists(st.lists(word, min_size=1, max_size=20), min_size=1, max_size=3))
    texts = []
    for _ in range(draw(st.integers(1, 12))):
        text = list(draw(st.sampled_from(bases)))
        for place, new in draw(st.lists(st.tuples(st.integers(0, 20), word), max_size=2)):
            text.insert(place % (len(text) + 1), new)
        joined = draw(st.sampled_from([" ", ", ", "\n"])).join(text)
        texts.append(draw(st.sampled_from([joined, joined.upper(), "?!", ""])))
    days = st.none() | st.integers(0, 3).map(lambda day: day * 86_400_000_000)
    dates = draw(st.lists(days, min_size=len(texts), max_size=len(texts)))
    if not any(date is not None for date in dates):
        dates[-1] = 0  # a column that nobody fills is refused
    return texts, dates


def expected(batch, threshold, policy):
    """Return who stays, by comparing each document with all that are kept so far."""
    rows = sorted(batch.to_pylist(), key=lambda row: (policy(row), content(row[TEXT]), row[KEY]))
    found = []
    for row in rows:
        words = shingles(row[TEXT])
        same = {content(other[TEXT]) for other in found}
        near = (jaccard(words, shingles(other[TEXT])) >= threshold for other in found)
        if content(row[TEXT]) not in same and not any(near):
            found.append(row)
    return {row[ID] for row in found}


POLICIES = {
    "longest": lambda row: -len(row[TEXT]),
    "newest": lambda row: (row[DATE] is None, -(row[DATE] or EPOCH).timestamp()),
    "oldest": lambda row: (row[DATE] is None, (row[DATE] or EPOCH).timestamp()),
}
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@settings(deadline=None, derandomize=True, max_examples=120)
@given(corpora(), st.sampled_from(sorted(POLICIES)), st.sampled_from([0.5, 0.8, 1.0]))
def test_who_goes_is_what_comparing_all_pairs_says(documents, corpus, keep, threshold):
    """In the order of keeping, a document goes if and only if one that is kept is near enough."""
    texts, dates = corpus
    batch = documents(*texts, date=dates)
    stage = Deduplicate(keep=keep, threshold=threshold)
    found, _ = decided(stage, batch)
    stays = expected(batch, threshold, POLICIES[keep])
    said = dict(zip(batch[ID].to_pylist(), texts, strict=True))
    assert kept(stage, batch) == stays
    for text, row in zip(texts, found, strict=True):
        if row["reason"]:
            assert row["evidence"] in stays
            other = said[row["evidence"]]
            assert (row["reason"] == "exact_duplicate") == (content(text) == content(other))
            exact = row["reason"] == "exact_duplicate"
            assert row["score"] == (1.0 if exact else jaccard(shingles(text), shingles(other)))
            assert row["score"] >= threshold


@settings(deadline=None, max_examples=60)
@given(corpora(), st.randoms(use_true_random=False))
def test_how_the_corpus_is_cut_and_ordered_decides_nothing(documents, corpus, random):
    """Any order of the documents, in any parts, has every document decided in the same way."""
    batch = documents(*corpus[0], date=corpus[1])
    stage = Deduplicate(keep="newest")
    plain = stage.decide(in_memory(batch, stage.observes()))
    order = list(range(batch.num_rows))
    random.shuffle(order)
    first = random.randint(0, batch.num_rows)
    sizes = [first, 0, batch.num_rows - first]
    shuffled = stage.decide(cut(stage, batch.take(pa.array(order)), sizes))
    assert shuffled.to_pylist() == plain.take(pa.array(order)).to_pylist()
    assert stage.metrics(shuffled) == stage.metrics(plain)


@settings(deadline=None, max_examples=60)
@given(corpora())
def test_what_is_kept_is_kept_again(documents, corpus):
    """Deduplicating once more removes nothing."""
    batch = documents(*corpus[0], date=corpus[1])
    stage = Deduplicate()
    stays = kept(stage, batch)
    again = batch.filter(pa.array([id in stays for id in batch[ID].to_pylist()]))
    assert kept(stage, again) == stays


def test_the_removed_count_for_nothing(documents):
    """A document that an earlier stage removed takes no other one away."""
    batch = documents(LONG, LONG + " more", LONG.upper())
    assert kept(Deduplicate(), batch) == {"doc-1"}
    alive = np.array([True, False, False])
    assert "doc-0" in kept(Deduplicate(), batch, alive=alive)
    nobody, figures = decided(Deduplicate(), batch, alive=np.zeros(3, np.bool_))
    assert [row["reason"] for row in nobody] == [None] * 3
    assert figures["compared"] == 0


def test_an_exact_copy_of_a_near_duplicate_is_told_whom_it_is_near(documents):
    """The evidence is always a document that is kept, with the Jaccard to that very one."""
    found, _ = decided(Deduplicate(), documents(LONG, f"{LONG} more more", LONG.title()))
    score = jaccard(shingles(LONG), shingles(f"{LONG} more more"))
    near = {"reason": "near_duplicate", "evidence": "doc-1", "score": score}
    assert found == [near, {"reason": None, "evidence": None, "score": None}, near]


def test_texts_without_words_are_near_nothing(documents):
    """They go only for the very same text."""
    found, _ = decided(Deduplicate(), documents("!!!", "!!!", "!!", "", " "))
    reasons = [row["reason"] for row in found]
    assert sorted(reasons[:2], key=str) == [None, "exact_duplicate"]
    assert reasons[2:] == [None] * 3


@pytest.mark.parametrize(
    ("keep", "stays"),
    [
        ("longest", "doc-3"),
        ("newest", "doc-1"),
        ("oldest", "doc-0"),
        ({"highest": "score"}, "doc-2"),
        ({"prefer": {"publisher": ["Second", "First"]}}, "doc-1"),
    ],
)
def test_the_copy_that_is_wanted_stays(documents, keep, stays):
    """Of four copies the policy's best one is kept; what is missing comes last."""
    day = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    batch = documents(
        *[LONG + end for end in ("", ".", "..", "...")],
        date=[day, day + dt.timedelta(1), None, None],
        score=[1.5, None, 2.0, float("nan")],
        publisher=["First", "Second", "Third", None],
    )
    assert kept(Deduplicate(keep=keep), batch) == {stays}


def test_the_decision_marks_the_documents(documents):
    """Applied, it marks each removal with its reason, the kept one's id and the exact Jaccard."""
    batch, stage = documents(LONG, f"{LONG}!", "something else"), Deduplicate()
    marked = stage.apply(batch, stage.decide(in_memory(batch, stage.observes()))).to_pylist()
    found = [(row["_reason"], row["_evidence"], row["_score"]) for row in marked]
    assert found == [("exact_duplicate", "doc-1", 1.0), (None, None, None), (None, None, None)]


def test_the_figures_say_how_surely_pairs_are_found(documents):
    """Bands, rows, recall at the threshold, and the highest Jaccard that is left."""
    texts = [" ".join([*WORDS, *WORDS[:last]]) for last in (2, 5)]
    other = " ".join([*WORDS, "other"])
    _, figures = decided(Deduplicate(threshold=0.9), documents(*texts, other))
    left = max(jaccard(shingles(texts[1]), shingles(text)) for text in (texts[0], other))
    assert {key: value for key, value in figures.items() if not isinstance(value, dict)} == {
        "bands": 16,
        "rows": 8,
        "recall_at_threshold": 0.999877,
        "compared": 2,
        "highest_left": pytest.approx(left, abs=1e-6),
    }
    assert figures["recall"]["0.9"] == 0.999877


def test_the_example_runs(documents):
    """The YAML at the top of the module makes a stage that decides."""
    example = textwrap.dedent(deduplicate.__doc__.split("\n\n")[1])
    settings_of = yaml.safe_load(example)["stages"][0]
    stage = Deduplicate.model_validate_json(json.dumps(settings_of), strict=True)
    assert stage == Deduplicate()
    assert kept(stage, documents(LONG, LONG.upper())) != set()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"threshold": 0}, "greater than 0"),
        ({"threshold": 1.5}, "less than or equal to 1"),
        ({"threshold": 0.02}, "128 hashes cannot find pairs at a threshold of 0.02"),
        ({"keep": "shortest"}, "longest"),
        ({"keep": {"highest": "a", "lowest": "b"}}, "Extra inputs"),
        ({"keep": {"prefer": {}}}, "at least 1 item"),
        ({"words": 0}, "greater than or equal to 1"),
        ({"treshold": 0.8}, "Extra inputs"),
    ],
)
def test_a_wrong_setting_is_told(wrong, message):
    """What cannot be done is said when the config is read."""
    with pytest.raises(ValidationError, match=message):
        Deduplicate(**wrong)


def test_a_stage_can_be_sent_to_a_worker():
    """A stage and its observations are plain values."""
    stage = Deduplicate(keep={"prefer": {"publisher": ["a"]}})
    assert pickle.loads(pickle.dumps((stage, stage.observes()))) == (stage, stage.observes())


def test_tasks_are_sent_to_workers(documents):
    """Everything that is mapped can be pickled, and says the same on the other side."""
    batch, stage = documents(LONG, f"{LONG} more", "else"), Deduplicate()

    def spread(function, tasks):
        return [pickle.loads(pickle.dumps(function))(pickle.loads(pickle.dumps(t))) for t in tasks]

    there = stage.decide(dataclasses.replace(cut(stage, batch, [1, 2]), parallel_map=spread))
    assert there.to_pylist() == stage.decide(cut(stage, batch, [1, 2])).to_pylist()
    assert there["reason"].to_pylist() == ["near_duplicate", None, None]


def test_real_duplicates_are_all_found(shared_data):
    """On 5,000 edited news texts no pair at the threshold is left, and none goes without one."""
    with pa.input_stream(shared_data / "near-duplicates/dev.jsonl.zst", compression="zstd") as file:
        rows = [json.loads(line) for line in file.read().splitlines()]
    ids = [str(row["id"]) for row in rows]
    batch = pa.record_batch(
        {
            ID: ids,
            KEY: pa.array([id.encode().rjust(16) for id in ids], pa.binary(16)),
            TEXT: pa.array([row["text"] for row in rows], pa.large_string()),
        }
    )
    found, figures = decided(Deduplicate(), batch)
    sets = {id: shingles(row["text"]) for id, row in zip(ids, rows, strict=True)}
    for id, row in zip(ids, found, strict=True):
        if row["reason"]:
            assert jaccard(sets[id], sets[row["evidence"]]) == row["score"] >= 0.8
    assert sum(row["reason"] is None for row in found) == 3257
    assert figures["compared"] < 4 * len(rows)


def other_documents(documents, paths, *texts, **columns):
    """Return a way to other documents, which are in two parts; the paths asked for are kept."""
    batch = documents(*texts, id=[f"other-{k}" for k in range(len(texts))], **columns)

    def reference_documents(path, observations):
        paths.append(path)
        parts = [batch.slice(0, 1), batch.slice(1)]
        observed = [compute_observations(part, observations) for part in parts]
        return CorpusView(observed, partial(fetch, parts), np.ones(len(texts), np.bool_))

    return reference_documents


def test_what_is_elsewhere_goes(documents):
    """Near copies of other documents go, with all that say the same, and name the one there."""
    paths = []
    reference_documents = other_documents(
        documents, paths, "nothing like it", "!!!", f"{LONG} more"
    )
    stage = Deduplicate(against="earlier/build")
    batch = documents(LONG, "else is said here", LONG.upper(), "!!!", "else is said here")
    found, _ = decided(stage, batch, reference_documents=reference_documents)
    assert stage.reads() == ("earlier/build",) == tuple(paths)
    score = jaccard(shingles(LONG), shingles(f"{LONG} more"))
    gone = {"reason": "seen_elsewhere", "evidence": "other-2", "score": score}
    assert [found[0], found[2]] == [gone, gone]
    assert found[3]["reason"] is None
    assert sorted((found[k]["reason"] for k in (1, 4)), key=str) == [None, "exact_duplicate"]
    plain, _ = decided(Deduplicate(), batch)
    assert [found[k] for k in (1, 3, 4)] == [plain[k] for k in (1, 3, 4)]


def test_only_documents_of_one_scope_are_compared(documents):
    """Copies of another language, and of none, stay; each language keeps one of its own."""
    texts = [LONG, f"{LONG} more", LONG, LONG, f"{LONG} more", LONG]
    languages = ["en", "en", "de", None, None, "fi"]
    batch = documents(*texts, language=languages)
    stays = kept(Deduplicate(within=("language",)), batch)
    assert stays == {"doc-1", "doc-2", "doc-4", "doc-5"}
    assert len(kept(Deduplicate(), batch)) == 1


@pytest.mark.parametrize(
    ("columns", "gone"),
    [({"language": ["en", None]}, {"doc-0"}), ({}, {"doc-0", "doc-1", "doc-2"})],
)
def test_scopes_hold_elsewhere_too(documents, columns, gone):
    """A copy elsewhere counts in its own language, or, where none there has one, in every one."""
    reference_documents = other_documents(documents, [], f"{LONG} more", "quite another", **columns)
    batch = documents(LONG, LONG, LONG, language=["en", "de", None])
    stage = Deduplicate(within=("language",), against="benchmark.jsonl")
    assert (
        kept(stage, batch, reference_documents=reference_documents)
        == {"doc-0", "doc-1", "doc-2"} - gone
    )


@pytest.mark.parametrize(
    ("keep", "told"),
    [
        ("newest", "column 'date' is empty"),
        ("oldest", "column 'date' is empty"),
        ({"highest": "scroe"}, "column 'scroe' has no number"),
        ({"highest": "title"}, "column 'title' has no number"),
        ({"prefer": {"publsher": ["AFP"]}}, "column 'publsher' is empty"),
    ],
)
def test_a_column_to_keep_by_that_nobody_fills_is_told(documents, keep, told):
    """A mistyped column would keep the copy with the lowest hash, and say nothing."""
    stage = Deduplicate.model_validate({"keep": keep})
    batch = documents("one text", "and another", title=["no number", None], score=[1, 2])
    with pytest.raises(InputError, match=f"'deduplicate': {told} in every document"):
        stage.decide(in_memory(batch, stage.observes()))


def test_values_to_prefer_that_nobody_has_are_told(documents):
    """A mistyped value would prefer nothing, and say nothing; one of several may well be absent."""
    publishers = ["AFP", "Reuters", "AFP", None]
    batch = documents("one text", "and another", "a third", "a last one", publisher=publishers)
    stage = Deduplicate.model_validate({"keep": {"prefer": {"publisher": ["AFPP", "Reuter"]}}})
    told = r"no document has a value of keep\.prefer \('AFPP', 'Reuter'\) .* 'AFP', 'Reuters'"
    with pytest.raises(InputError, match=told):
        stage.decide(in_memory(batch, stage.observes()))
    stage = Deduplicate.model_validate({"keep": {"prefer": {"publisher": ["AFPP", "AFP"]}}})
    assert len(kept(stage, batch)) == 4


def test_a_crowd_keeps_to_its_scope(documents):
    """Where a bucket is too large to compare pair by pair, scopes hold as well."""
    body = " ".join(f"w{i}" for i in range(60))
    texts = [f"{body} {' '.join(f'own{k}x{i}' for i in range(30))}" for k in range(150)]
    batch = documents(*texts, *texts, language=["en"] * 150 + ["de"] * 150)
    stage = Deduplicate(within=("language",))
    assert len(kept(stage, batch)) == 300
    near = documents(*texts, *(f"{t} more" for t in texts), language=["en", "de"] * 150)
    assert len(kept(stage, near)) == 150


def test_the_figures_tell_clusters_and_near_misses(documents):
    """How many are kept for others, of what sizes, and which pairs are just under the threshold."""
    base = [f"b{i}" for i in range(60)]
    texts = [" ".join(base)] * 3 + [" ".join([*base, "more"])] + ["two of them"] * 2 + ["alone"]
    miss = " ".join([*base[:52], *(f"m{i}" for i in range(6))])
    batch = documents(*texts, miss)
    _, figures = decided(Deduplicate(), batch)
    assert figures["clusters"] == {
        "clusters": 2,
        "sizes": {"2 to 3": 1, "4 to 7": 1},
        "largest": [{"id": "doc-3", "documents": 4}, figures["clusters"]["largest"][1]],
    }
    score = round(jaccard(shingles(texts[3]), shingles(miss)), 6)
    assert 0.7 < score < 0.8
    nearest = [{"id": "doc-3", "other": "doc-7", "score": score}]
    assert figures["near_misses"] == {"pairs": 1, "nearest": nearest}
