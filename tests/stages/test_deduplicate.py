"""Tests of the stage `deduplicate`: removals, evidence, and independence of order."""

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


def decided(stage, batch, **changes):
    """Return the decisions on a batch, one dict for each document, and the metrics."""
    corpus = dataclasses.replace(in_memory(batch, stage.observes()), **changes)
    decisions = stage.decide(corpus)
    assert decisions.num_rows == batch.num_rows
    return decisions.to_pylist(), stage.metrics(decisions)


def kept(stage, batch, **changes):
    """Return the ids of the kept documents."""
    rows, _ = decided(stage, batch, **changes)
    return {id for id, row in zip(batch[ID].to_pylist(), rows, strict=True) if not row["reason"]}


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
    """Return texts with exact and near duplicates, some without words, and dates."""
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
        dates[-1] = 0  # a column without any value is refused
    return texts, dates


def expected(batch, threshold, policy):
    """Return the ids to keep, by comparing each document with all that are kept so far."""
    rows = sorted(batch.to_pylist(), key=lambda row: (policy(row), content(row[TEXT]), row[KEY]))
    kept_rows = []
    for row in rows:
        words = shingles(row[TEXT])
        contents = {content(other[TEXT]) for other in kept_rows}
        is_near = (jaccard(words, shingles(other[TEXT])) >= threshold for other in kept_rows)
        if content(row[TEXT]) not in contents and not any(is_near):
            kept_rows.append(row)
    return {row[ID] for row in kept_rows}


POLICIES = {
    "longest": lambda row: -len(row[TEXT]),
    "newest": lambda row: (row[DATE] is None, -(row[DATE] or EPOCH).timestamp()),
    "oldest": lambda row: (row[DATE] is None, (row[DATE] or EPOCH).timestamp()),
}
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@settings(deadline=None, derandomize=True, max_examples=120)
@given(corpora(), st.sampled_from(sorted(POLICIES)), st.sampled_from([0.5, 0.8, 1.0]))
def test_the_result_equals_comparing_all_pairs(documents, corpus, keep, threshold):
    """In keep order, a document is removed if and only if a kept document is similar enough."""
    texts, dates = corpus
    batch = documents(*texts, date=dates)
    stage = Deduplicate(keep=keep, threshold=threshold)
    rows, _ = decided(stage, batch)
    kept_ids = expected(batch, threshold, POLICIES[keep])
    text_of = dict(zip(batch[ID].to_pylist(), texts, strict=True))
    assert kept(stage, batch) == kept_ids
    for text, row in zip(texts, rows, strict=True):
        if row["reason"]:
            assert row["evidence"] in kept_ids
            other = text_of[row["evidence"]]
            assert (row["reason"] == "exact_duplicate") == (content(text) == content(other))
            exact = row["reason"] == "exact_duplicate"
            assert row["score"] == (1.0 if exact else jaccard(shingles(text), shingles(other)))
            assert row["score"] >= threshold


@settings(deadline=None, max_examples=60)
@given(corpora(), st.randoms(use_true_random=False))
def test_order_and_parts_do_not_matter(documents, corpus, random):
    """Each document gets the same decision in any order and any parts."""
    batch = documents(*corpus[0], date=corpus[1])
    stage = Deduplicate(keep="newest")
    in_order = stage.decide(in_memory(batch, stage.observes()))
    order = list(range(batch.num_rows))
    random.shuffle(order)
    first = random.randint(0, batch.num_rows)
    sizes = [first, 0, batch.num_rows - first]
    shuffled = stage.decide(view_in_parts(stage, batch.take(pa.array(order)), sizes))
    assert shuffled.to_pylist() == in_order.take(pa.array(order)).to_pylist()
    assert stage.metrics(shuffled) == stage.metrics(in_order)


@settings(deadline=None, max_examples=60)
@given(corpora())
def test_deduplicating_twice_removes_nothing_more(documents, corpus):
    """Every kept document is kept by a second run."""
    batch = documents(*corpus[0], date=corpus[1])
    stage = Deduplicate()
    kept_ids = kept(stage, batch)
    again = batch.filter(pa.array([id in kept_ids for id in batch[ID].to_pylist()]))
    assert kept(stage, again) == kept_ids


def test_removed_documents_do_not_matter(documents):
    """A document that an earlier stage removed does not remove another one."""
    batch = documents(LONG, LONG + " more", LONG.upper())
    assert kept(Deduplicate(), batch) == {"doc-1"}
    alive = np.array([True, False, False])
    assert "doc-0" in kept(Deduplicate(), batch, alive=alive)
    rows, metrics = decided(Deduplicate(), batch, alive=np.zeros(3, np.bool_))
    assert [row["reason"] for row in rows] == [None] * 3
    assert metrics["compared"] == 0


def test_exact_copies_of_a_near_duplicate_name_the_kept_document(documents):
    """The evidence is always a kept document, with the exact Jaccard similarity to it."""
    rows, _ = decided(Deduplicate(), documents(LONG, f"{LONG} more more", LONG.title()))
    score = jaccard(shingles(LONG), shingles(f"{LONG} more more"))
    near = {"reason": "near_duplicate", "evidence": "doc-1", "score": score}
    assert rows == [near, {"reason": None, "evidence": None, "score": None}, near]


def test_the_cluster_size_counts_the_documents_that_name_the_kept_one(documents):
    """A kept document counts itself, its copies and its near duplicates, but not references."""
    batch = documents("other words", LONG, LONG, LONG + " end", "other words", "alone")
    stage = Deduplicate(cluster_size=True)
    rows = decided(stage, batch)[0]
    removed = [row["evidence"] for row in rows if row["reason"]]
    assert len(removed) == 3
    for id, row in zip(batch.column(ID).to_pylist(), rows, strict=True):
        assert row["cluster_size"] == 1 + removed.count(id)
    assert stage.adds.names == ["cluster_size"]
    assert not Deduplicate().adds.names
    own = documents("a", "b", cluster_size=[1, 2])
    with pytest.raises(InputError, match="fills the column 'cluster_size', and the sources have"):
        decided(stage, own)


def test_texts_without_words_have_only_exact_duplicates(documents):
    """A text without words is removed only for an identical text."""
    rows, _ = decided(Deduplicate(), documents("!!!", "!!!", "!!", "", " "))
    reasons = [row["reason"] for row in rows]
    assert sorted(reasons[:2], key=str) == [None, "exact_duplicate"]
    assert reasons[2:] == [None] * 3


@pytest.mark.parametrize(
    ("keep", "kept_id"),
    [
        ("longest", "doc-3"),
        ("newest", "doc-1"),
        ("oldest", "doc-0"),
        ({"highest": "score"}, "doc-2"),
        ({"prefer": {"publisher": ["Second", "First"]}}, "doc-1"),
    ],
)
def test_the_preferred_copy_is_kept(documents, keep, kept_id):
    """The policy's best copy is kept; a missing value comes last."""
    day = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    batch = documents(
        *[LONG + end for end in ("", ".", "..", "...")],
        date=[day, day + dt.timedelta(1), None, None],
        score=[1.5, None, 2.0, float("nan")],
        publisher=["First", "Second", "Third", None],
    )
    assert kept(Deduplicate(keep=keep), batch) == {kept_id}


def test_apply_marks_removed_documents(documents):
    """A removed document is marked with its reason, the kept id and the Jaccard similarity."""
    batch, stage = documents(LONG, f"{LONG}!", "something else"), Deduplicate()
    marked = stage.apply(batch, stage.decide(in_memory(batch, stage.observes()))).to_pylist()
    marks = [(row["_reason"], row["_evidence"], row["_score"]) for row in marked]
    assert marks == [("exact_duplicate", "doc-1", 1.0), (None, None, None), (None, None, None)]


def test_the_metrics_include_recall(documents):
    """The metrics have bands, rows, recall, and the highest remaining similarity."""
    texts = [" ".join([*WORDS, *WORDS[:last]]) for last in (2, 5)]
    other = " ".join([*WORDS, "other"])
    _, metrics = decided(Deduplicate(threshold=0.9), documents(*texts, other))
    highest = max(jaccard(shingles(texts[1]), shingles(text)) for text in (texts[0], other))
    assert {key: value for key, value in metrics.items() if not isinstance(value, dict)} == {
        "bands": 16,
        "rows": 8,
        "recall_at_threshold": 0.999877,
        "compared": 2,
        "highest_left": pytest.approx(highest, abs=1e-6),
    }
    assert metrics["recall"]["0.9"] == 0.999877


def test_the_example_of_the_module_works(documents):
    """The YAML in the module's docstring makes a stage that works."""
    example = textwrap.dedent(deduplicate.__doc__.split("\n\n")[1])
    settings_of = yaml.safe_load(example)["stages"][0]
    stage = Deduplicate.model_validate_json(json.dumps(settings_of), strict=True)
    assert stage == Deduplicate(cluster_size=True)
    assert kept(stage, documents(LONG, LONG.upper())) != set()


@pytest.mark.parametrize(
    ("config", "message"),
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
def test_wrong_settings_are_refused(config, message):
    """A setting that cannot work is refused when the config is read."""
    with pytest.raises(ValidationError, match=message):
        Deduplicate(**config)


def test_a_stage_can_be_pickled():
    """A stage and its observations are unchanged by pickling."""
    stage = Deduplicate(keep={"prefer": {"publisher": ["a"]}})
    assert pickle.loads(pickle.dumps((stage, stage.observes()))) == (stage, stage.observes())


def test_tasks_can_be_pickled(documents):
    """Tasks that were pickled give the same result."""
    batch, stage = documents(LONG, f"{LONG} more", "else"), Deduplicate()

    def pickled_map(function, tasks):
        return [pickle.loads(pickle.dumps(function))(pickle.loads(pickle.dumps(t))) for t in tasks]

    remote = stage.decide(
        dataclasses.replace(view_in_parts(stage, batch, [1, 2]), parallel_map=pickled_map)
    )
    assert remote.to_pylist() == stage.decide(view_in_parts(stage, batch, [1, 2])).to_pylist()
    assert remote["reason"].to_pylist() == ["near_duplicate", None, None]


def test_synthetic_duplicates_of_real_news_are_found(shared_data):
    """On 5,000 edited news texts, each removal has a kept duplicate at the threshold or above."""
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
    decisions, metrics = decided(Deduplicate(), batch)
    sets = {id: shingles(row["text"]) for id, row in zip(ids, rows, strict=True)}
    for id, decision in zip(ids, decisions, strict=True):
        if decision["reason"]:
            assert jaccard(sets[id], sets[decision["evidence"]]) == decision["score"] >= 0.8
    assert sum(decision["reason"] is None for decision in decisions) == 3257
    assert metrics["compared"] < 4 * len(rows)


def other_documents(documents, paths, *texts, **columns):
    """Return a loader of reference documents in two parts; it appends the requested paths."""
    batch = documents(*texts, id=[f"other-{k}" for k in range(len(texts))], **columns)

    def reference_documents(path, observations):
        paths.append(path)
        parts = [batch.slice(0, 1), batch.slice(1)]
        observed = [compute_observations(part, observations) for part in parts]
        return CorpusView(observed, partial(fetch, parts), np.ones(len(texts), np.bool_))

    return reference_documents


def test_duplicates_of_reference_documents_are_removed(documents):
    """Duplicates of a reference document are removed and name it; others are decided as usual."""
    paths = []
    reference_documents = other_documents(
        documents, paths, "nothing like it", "!!!", f"{LONG} more"
    )
    stage = Deduplicate(against="earlier/build")
    batch = documents(LONG, "else is said here", LONG.upper(), "!!!", "else is said here")
    decided_rows, _ = decided(stage, batch, reference_documents=reference_documents)
    assert stage.reads() == ("earlier/build",) == tuple(paths)
    score = jaccard(shingles(LONG), shingles(f"{LONG} more"))
    removal = {"reason": "seen_elsewhere", "evidence": "other-2", "score": score}
    assert [decided_rows[0], decided_rows[2]] == [removal, removal]
    assert decided_rows[3]["reason"] is None
    assert sorted((decided_rows[k]["reason"] for k in (1, 4)), key=str) == [None, "exact_duplicate"]
    without_reference, _ = decided(Deduplicate(), batch)
    assert [decided_rows[k] for k in (1, 3, 4)] == [without_reference[k] for k in (1, 3, 4)]


def test_only_documents_of_one_scope_are_compared(documents):
    """Documents are compared only within a language; null is a language of its own."""
    texts = [LONG, f"{LONG} more", LONG, LONG, f"{LONG} more", LONG]
    languages = ["en", "en", "de", None, None, "fi"]
    batch = documents(*texts, language=languages)
    kept_ids = kept(Deduplicate(within=("language",)), batch)
    assert kept_ids == {"doc-1", "doc-2", "doc-4", "doc-5"}
    assert len(kept(Deduplicate(), batch)) == 1


@pytest.mark.parametrize(
    ("columns", "removed_ids"),
    [({"language": ["en", None]}, {"doc-0"}), ({}, {"doc-0", "doc-1", "doc-2"})],
)
def test_scopes_apply_to_reference_documents(documents, columns, removed_ids):
    """Reference documents count in their language, or in all if none of them has one."""
    reference_documents = other_documents(documents, [], f"{LONG} more", "quite another", **columns)
    batch = documents(LONG, LONG, LONG, language=["en", "de", None])
    stage = Deduplicate(within=("language",), against="benchmark.jsonl")
    assert (
        kept(stage, batch, reference_documents=reference_documents)
        == {"doc-0", "doc-1", "doc-2"} - removed_ids
    )


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        ("newest", "column 'date' is empty"),
        ("oldest", "column 'date' is empty"),
        ({"highest": "scroe"}, "column 'scroe' has no number"),
        ({"highest": "title"}, "column 'title' has no number"),
        ({"prefer": {"publsher": ["AFP"]}}, "column 'publsher' is empty"),
    ],
)
def test_a_keep_column_without_values_is_an_error(documents, keep, message):
    """A misspelled column is an error; otherwise the copy with the lowest hash would be kept."""
    stage = Deduplicate.model_validate({"keep": keep})
    batch = documents("one text", "and another", title=["no number", None], score=[1, 2])
    with pytest.raises(InputError, match=f"stage 'deduplicate': {message}"):
        stage.decide(in_memory(batch, stage.observes()))


def test_preferred_values_that_never_occur_are_an_error(documents):
    """It is an error if none of the preferred values occurs, but not if one of them is absent."""
    publishers = ["AFP", "Reuters", "AFP", None]
    batch = documents("one text", "and another", "a third", "a last one", publisher=publishers)
    stage = Deduplicate.model_validate({"keep": {"prefer": {"publisher": ["AFPP", "Reuter"]}}})
    message = r"no document has a value of keep\.prefer \('AFPP', 'Reuter'\) .* 'AFP', 'Reuters'"
    with pytest.raises(InputError, match=message):
        stage.decide(in_memory(batch, stage.observes()))
    stage = Deduplicate.model_validate({"keep": {"prefer": {"publisher": ["AFPP", "AFP"]}}})
    assert len(kept(stage, batch)) == 4


def test_scopes_apply_in_large_buckets(documents):
    """Scopes also apply in a bucket that is too large to compare pair by pair."""
    body = " ".join(f"w{i}" for i in range(60))
    texts = [f"{body} {' '.join(f'own{k}x{i}' for i in range(30))}" for k in range(150)]
    batch = documents(*texts, *texts, language=["en"] * 150 + ["de"] * 150)
    stage = Deduplicate(within=("language",))
    assert len(kept(stage, batch)) == 300
    near = documents(*texts, *(f"{t} more" for t in texts), language=["en", "de"] * 150)
    assert len(kept(stage, near)) == 150


def test_the_metrics_list_clusters_and_near_misses(documents):
    """The metrics have the sizes of clusters, and the pairs just below the threshold."""
    base = [f"b{i}" for i in range(60)]
    texts = [" ".join(base)] * 3 + [" ".join([*base, "more"])] + ["two of them"] * 2 + ["alone"]
    near_miss = " ".join([*base[:52], *(f"m{i}" for i in range(6))])
    batch = documents(*texts, near_miss)
    _, metrics = decided(Deduplicate(), batch)
    assert metrics["clusters"] == {
        "clusters": 2,
        "sizes": {"2 to 3": 1, "4 to 7": 1},
        "largest": [{"id": "doc-3", "documents": 4}, metrics["clusters"]["largest"][1]],
    }
    score = round(jaccard(shingles(texts[3]), shingles(near_miss)), 6)
    assert 0.7 < score < 0.8
    nearest = [{"id": "doc-3", "other": "doc-7", "score": score}]
    assert metrics["near_misses"] == {"pairs": 1, "nearest": nearest}
