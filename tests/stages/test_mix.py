"""Mix: how often each training document is used."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from corpus.documents import ID
from corpus.errors import InputError
from corpus.mixture import sizes
from corpus.observations import in_memory
from corpus.stages import make_stage
from tests.conftest import make_documents

ENGLISH, GERMAN = 900, 100
LANGUAGES = ["en"] * ENGLISH + ["de"] * GERMAN


def corpus_of(languages=LANGUAGES, words=10, **columns):
    """Return documents with these languages and as many words each, or with a list of numbers."""
    counts = [words] * len(languages) if isinstance(words, int) else words
    texts = [" ".join(["word"] * n) for n in counts]
    return make_documents(*texts, language=languages, **columns)


def mixed(documents, *, alive=None, seed=0, **settings):
    """Return the decisions on each document, and the metrics of each group by its name."""
    stage = make_stage({"stage": "mix", "by": "language"} | settings, None)
    corpus = in_memory(documents, stage.observes(), seed=seed)
    if alive is not None:
        corpus = dataclasses.replace(corpus, alive=np.array(alive))
    decided = stage.decide(corpus)
    groups = {row["group"]: row for row in stage.metrics(decided)["mixture"]}
    return decided.to_pylist(), groups


def uses(documents, **settings):
    """Return how often each document is used, 0 if it is removed, by its id."""
    rows, _ = mixed(documents, **settings)
    ids = documents.column(ID).to_pylist()
    assert [row["epochs"] == 0 for row in rows] == [row["reason"] is not None for row in rows]
    return {id: row["epochs"] for id, row in zip(ids, rows, strict=True)}


# --- weights, temperature, budgets


def test_weights_are_shares_of_the_result():
    """Half of the result is of each language, and the result is as large as the corpus."""
    rows, groups = mixed(corpus_of(), weights={"en": 1, "de": 1}, max_epochs=10)
    assert groups["en"]["target"] == groups["de"]["target"] == 5000
    assert groups["de"]["reached"] == 5000  # 5 epochs: a whole number
    assert 4500 < groups["en"]["reached"] < 5500
    removed = [row for row in rows if row["reason"]]
    assert {(row["reason"], row["evidence"]) for row in removed} == {
        ("mixed_out", "language=en: 0.556 epochs")
    }
    assert removed[0]["score"] == pytest.approx(5 / 9)
    assert len(removed) == ENGLISH - groups["en"]["kept"]


def test_without_a_budget_the_shares_hold():
    """The result is smaller if a group may not be repeated often enough."""
    _, groups = mixed(corpus_of(), weights={"en": 1, "de": 1}, max_epochs=1)
    assert groups["en"]["target"] == groups["de"]["target"] == groups["de"]["reached"] == 1000
    assert not any(row["limited"] for row in groups.values())


def test_a_temperature_raises_the_share_of_small_groups():
    """The shares are proportional to size ^ temperature: 3 to 1 for sizes of 9 to 1."""
    _, groups = mixed(corpus_of(), temperature=0.5)
    assert groups["en"]["target"] == 7500
    assert groups["de"]["target"] == 2500
    assert 2000 < groups["de"]["reached"] < 3000


def test_a_temperature_of_1_changes_nothing():
    """Each document is used once; with a budget, each has the same chance."""
    assert set(uses(corpus_of(), temperature=1).values()) == {1}
    _, groups = mixed(corpus_of(), temperature=1, budget="2K")
    assert (groups["en"]["target"], groups["de"]["target"]) == (1800, 200)


def test_budgets_are_sizes_of_groups():
    """Each group has its size; groups that are not listed are removed, with 0 epochs."""
    documents = corpus_of([*LANGUAGES, "fr", None])
    rows, groups = mixed(documents, budgets={"en": "1.5K", "de": 1000, "fr": 0})
    assert groups["de"]["reached"] == 1000
    assert 1200 < groups["en"]["reached"] < 1800
    assert [row["evidence"] for row in rows[-2:]] == [
        "language=fr: 0 epochs",
        "language=(none): 0 epochs",
    ]


def test_a_group_that_is_too_small_is_reported():
    """A document is used at most max_epochs times; the metrics have what was reached."""
    used = uses(corpus_of(), budgets={"en": 9000, "de": 50_000}, max_epochs=2.5)
    assert set(used.values()) == {1, 2, 3}
    _, groups = mixed(corpus_of(), budgets={"en": 9000, "de": 50_000}, max_epochs=3)
    assert groups["de"] == {
        "group": "de", "documents": 100, "size": 1000, "target": 50_000, "limited": True,
        "kept": 100, "uses": 300, "reached": 3000,
    }  # fmt: skip
    assert not groups["en"]["limited"]


@pytest.mark.parametrize(
    ("unit", "size"), [("documents", 1000), ("words", 10_000), ("characters", 49_000)]
)
def test_sizes_are_numbers_of_a_unit(unit, size):
    """A size is a number of documents, words or characters."""
    _, groups = mixed(corpus_of(), temperature=1, unit=unit)
    assert sum(row["size"] for row in groups.values()) == size


def test_groups_can_have_several_columns():
    """The name of a group is its values, joined by a comma."""
    documents = corpus_of(["en", "en", "de"], publisher=["Wire", None, "Wire"])
    _, groups = mixed(
        documents, by=["language", "publisher"], weights={"de, Wire": 1, "en, Wire": 2}
    )
    assert sorted(groups) == ["de, Wire", "en, (none)", "en, Wire"]


def test_different_values_are_different_groups():
    """A comma, a quote or the text `(none)` in a value does not join two groups."""
    values = [
        ("en", "Wire, x"), ("en, Wire", "x"), ("en", None), ("en", "(none)"), ("a", 'b", "c'),
        ('a", "b', "c"), ("a", " b"), ("a ", "b"), ('"a"', "b"), ("a", "b"), ("", ""), (None, None),
    ]  # fmt: skip
    first, second = zip(*values, strict=True)
    documents = corpus_of(list(first), publisher=list(second))
    _, groups = mixed(documents, by=["language", "publisher"], temperature=1)
    assert len(groups) == len(values)
    assert {'en, "Wire, x"', '"en, Wire", x', "en, (none)", 'en, "(none)"'} < set(groups)
    alone = [None, "(none)", '"(none)"', "a, b", "a"]
    _, groups = mixed(corpus_of(alone), temperature=1)
    assert sorted(groups) == sorted(["(none)", '"(none)"', '"""(none)"""', "a, b", "a"])


# --- which documents


def test_only_training_documents_are_mixed():
    """Other documents are used once, and do not count."""
    splits = (["train"] * 9 + ["test"]) * 100
    documents = corpus_of(split=splits)
    rows, groups = mixed(documents, weights={"de": 1}, budget=1800)
    assert groups["de"]["documents"] == 90
    for row, split, language in zip(rows, splits, LANGUAGES, strict=True):
        expected = {"test": 1}.get(split, 2 if language == "de" else 0)
        assert row["epochs"] == expected


def test_a_larger_budget_keeps_what_a_smaller_one_uses():
    """No document is used less often if more is wanted."""
    results = [uses(corpus_of(), temperature=0.3, budget=n) for n in (500, 2000, 9000, 30_000)]
    for fewer, more in pairwise(results):
        assert all(more[id] >= n for id, n in fewer.items())


def test_another_document_changes_no_choice():
    """At the same number of epochs, the choice depends on the document alone."""
    documents = corpus_of(["en"] * 100)
    more = corpus_of(["en"] * 200)
    few, many = (uses(d, temperature=1, budget=n) for d, n in ((documents, 300), (more, 600)))
    assert 0 < sum(few.values()) < 100
    assert {id: many[id] for id in few} == few


def test_the_seed_decides_and_the_split_does_not():
    """Another seed chooses others, and so does the stage with another purpose than the split."""
    documents = corpus_of()
    settings = {"temperature": 1, "budget": 5000}
    first = uses(documents, **settings)
    assert first == uses(documents, seed=0, **settings)
    assert first != uses(documents, seed=1, **settings)
    assert uses(documents, seed=1, **settings) == uses(documents, **{"seed": 1} | settings)
    from corpus.stages.split import Split

    split = Split(test=0.5, leakage_threshold=None)
    decided = split.decide(in_memory(documents, split.observes()))
    is_test = [row["split"] == "test" for row in decided.to_pylist()]
    used_of_test = sum(n for n, here in zip(first.values(), is_test, strict=True) if here)
    assert 0.4 < used_of_test / sum(first.values()) < 0.6


rows = st.lists(
    st.tuples(
        st.sampled_from(["en", "de", "fr", None]),
        st.sampled_from(["train", "test", None]),
        st.integers(0, 5),
        st.integers(1, 9),
        st.booleans(),
    ),
    max_size=19,
).map(lambda rows: [("en", "train", 3, 1, True), *rows])


@given(rows, st.permutations(range(20)), st.sampled_from([0.0, 0.3, 1.0, 2.0]))
@settings(max_examples=30)
def test_order_and_removed_documents_do_not_matter(rows, order, temperature):
    """A document has the same result in any order, and without those that were removed before."""

    def decide(wanted):
        documents = make_documents(
            *("word " * row[2] for _, row in wanted),
            id=[f"d{i}" for i, _ in wanted],
            language=pa.array([row[0] for _, row in wanted], pa.string()),
            split=pa.array([row[1] for _, row in wanted], pa.string()),
            cluster_size=[row[3] for _, row in wanted],
            kind=["k"] * len(wanted),
        )
        decided, groups = mixed(
            documents,
            alive=[row[4] for _, row in wanted],
            by=["kind", "language"],
            temperature=temperature,
            repeat_clusters={2: 2, 6: 3},
        )
        alive = [(i, each) for (i, row), each in zip(wanted, decided, strict=True) if row[4]]
        return dict(alive), list(groups.items())

    numbered = list(enumerate(rows))
    expected = decide(numbered)
    assert decide([numbered[i] for i in order if i < len(rows)]) == expected
    assert decide([each for each in numbered if each[1][4]] or numbered) == expected


# --- clusters


def test_documents_with_duplicates_are_used_more_often():
    """The size of the cluster decides how often a document is used in one epoch."""
    documents = corpus_of(["en"] * 5, cluster_size=[1, 2, 4, 5, None])
    used = uses(documents, temperature=1, repeat_clusters={2: 2, 5: 3})
    assert list(used.values()) == [1, 2, 2, 3, 1]
    _, groups = mixed(documents, temperature=1, repeat_clusters={2: 2, 5: 3})
    assert (groups["en"]["size"], groups["en"]["reached"], groups["en"]["uses"]) == (50, 90, 9)


def test_repeats_of_clusters_never_exceed_the_maximum():
    """With more epochs, documents with many duplicates reach the maximum first."""
    documents = corpus_of(["en"] * 4, cluster_size=[1, 2, 5, 5])
    used = uses(documents, temperature=1, budget=160, repeat_clusters={2: 2, 5: 4})
    assert list(used.values()) == [4, 4, 4, 4]
    used = uses(documents, temperature=1, budget=140, repeat_clusters={2: 2, 5: 4})
    assert list(used.values()) == [2, 4, 4, 4]


# --- mistakes


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "set one of weights, temperature and budgets, not none"),
        ({"weights": {"en": 1}, "temperature": 1}, "not weights and temperature"),
        ({"weights": {"en": 0, "de": 0.0}}, "weights add up to 0"),
        ({"budgets": {"en": 0}}, "budgets add up to 0"),
        ({"budgets": {"en": 1}, "budget": 5}, "remove budget"),
        ({"temperature": 1, "by": ["a", "a"]}, "names a column twice"),
        ({"temperature": 1, "by": "split"}, "by cannot be the split"),
        ({"temperature": 1, "budget": "10X"}, "must be a number such as 5000, 250K"),
        ({"temperature": 1, "budget": "0"}, "greater than 0"),
        ({"temperature": -1}, "greater than or equal to 0"),
        ({"weights": {"en": -1}}, "greater than or equal to 0"),
        ({"temperature": 1, "repeat_clusters": {2: 5}}, "lower the one or raise the other"),
        ({"temperature": 1, "repeat_clusters": {1: 2}}, "greater than or equal to 2"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, message):
    """The message names the setting, the fault and the remedy."""
    with pytest.raises(ValidationError, match=message):
        make_stage({"stage": "mix", "by": "language"} | settings, None)


def test_a_group_that_no_document_has_is_an_error():
    """The message lists the groups, the largest first."""
    message = (
        r"no training document is in the group 'dee' of weights; .* 'en' \(900\), 'de' \(100\)"
    )
    with pytest.raises(InputError, match=message):
        mixed(corpus_of(), weights={"dee": 1, "en": 1})
    with pytest.raises(InputError, match="'fr' of budgets"):
        mixed(corpus_of(), budgets={"fr": 100})


def test_a_missing_column_is_an_error():
    """A column that no document has is probably misspelled."""
    with pytest.raises(InputError, match="column 'langauge' is empty in every document"):
        mixed(corpus_of(), by="langauge", temperature=1)
    with pytest.raises(InputError, match="set `cluster_size: true` in the stage `deduplicate`"):
        mixed(corpus_of(), temperature=1, repeat_clusters={2: 2})


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([5, None, 7], "of 3 training documents, 1 have none in the column 'token_count'"),
        ([5, -1, None], "1 have none and 1 have a number below 0 or a fraction"),
        ([5, 1.5, 7], "1 have a number below 0 or a fraction in the column .* stage `tokens`"),
    ],
)
def test_each_training_document_has_a_number_of_tokens(counts, message):
    """A document without one does not count as 0; those of other splits do not matter."""
    languages = ["en"] * len(counts)
    with pytest.raises(InputError, match=message):
        mixed(corpus_of(languages, token_count=counts), temperature=1, unit="tokens")
    splits = ["train" if count in (5, 7) else "test" for count in counts]
    documents = corpus_of(languages, token_count=counts, split=splits)
    _, groups = mixed(documents, temperature=1, unit="tokens")
    assert groups["en"]["size"] == sum(count for count in counts if count in (5, 7))


def test_a_column_of_the_sources_is_not_replaced():
    """If the sources have the column that the stage fills, the message says how to rename it."""
    with pytest.raises(InputError, match=r"`columns: \{epochs_before: epochs\}` in the source"):
        mixed(corpus_of(["en"] * 2, epochs=[None, 3]), temperature=1)


def test_a_mixture_without_documents_is_an_error():
    """A budget that no document fits is too small."""
    with pytest.raises(InputError, match=r"wanted size in words is 1, .* is 30; raise budget"):
        mixed(corpus_of(["en"] * 3), temperature=1, budget=1)


def test_too_many_groups_are_an_error(monkeypatch):
    """A column that is different in each document gives no groups."""
    monkeypatch.setattr(sizes, "MAX_GROUPS", 2)
    with pytest.raises(InputError, match="more than 2 different values of id"):
        mixed(corpus_of(["en"] * 3), by="id", temperature=1)


def test_documents_without_words_are_kept():
    """A group of size 0 is used once, and other groups are not affected."""
    used = uses(corpus_of(["en", "de"], words=[5, 0]), temperature=0)
    assert list(used.values()) == [1, 1]
    with pytest.raises(InputError, match="no training document is used"):
        mixed(corpus_of(["en", "de"], words=[1, 0]), budgets={"en": 1}, max_epochs=1e-6)
