"""Checks pass for a sound corpus, and name what is wrong with any other."""

from __future__ import annotations

import copy

import pytest

from corpus.auditing.measure.check_results import worst_status
from corpus.auditing.measure.checks import run_checks


@pytest.fixture
def sound(tiny_build):
    """Return a manifest and an audit that pass every check."""
    _, manifest, audit = tiny_build
    manifest, audit = copy.deepcopy(manifest), copy.deepcopy(audit)
    manifest["counts"] |= {"read": 12, "removed": 1, "rejected": 0}
    manifest["funnel"] = manifest["funnel"][:1]
    metrics = {"highest_left": 0.4, "recall_at_threshold": 0.99996}
    manifest["stages"] = [
        {"stage": "deduplicate", "threshold": 0.8, "metrics": metrics},
        {"stage": "split", "leakage_threshold": 0.5, "metrics": metrics},
    ]
    audit |= {"doubtful": 0, "same": {"url": audit["same"]["url"] | {"documents": 0}, "text": None}}
    audit["publishers"]["concentration"]["largest"] = 0.2
    audit["close"] |= {"personal": [], "characters": {"odd": [], "documents": 0, "mojibake": 0}}
    audit["close"]["lines"]["rows"] = []
    return manifest, audit


def statuses(manifest, audit):
    """Return the status of each check by its id."""
    return {check["id"]: check["status"] for check in run_checks(audit, manifest)}


def test_a_sound_corpus_passes_every_check(sound):
    """A sound corpus has no warning, and recall is never rounded up to 1."""
    manifest, audit = sound
    assert set(statuses(manifest, audit).values()) == {"pass"}
    near = next(check for check in run_checks(audit, manifest) if check["id"] == "near")
    assert near["reason"].endswith("a probability of over 0.9999")


@pytest.mark.parametrize(
    ("where", "value", "check", "status"),
    [
        ("documents", 0, "documents", "fail"),
        ("doubtful", 2, "doubtful", "warn"),
        ("counts.read", 13, "sums", "fail"),
        ("counts.rejected", 1, "rejected", "warn"),
        ("counts.rejected", 4, "rejected", "fail"),
        ("counts.kept", 1, "kept", "warn"),
        ("funnel.0.documents", 9, "one_reason", "warn"),
        ("as_of", "2023-06-01", "dates", "warn"),
        ("publishers.concentration.largest", 0.6, "concentrated_publishers", "warn"),
        ("stages.0.metrics.highest_left", 0.8, "near", "fail"),
        ("stages.1.metrics.highest_left", 0.5, "leaks", "fail"),
        ("stages.1.metrics", {"overlap": 3}, "leaks", "fail"),
        ("columns.0.missing", 1, "short", "fail"),
        ("close.personal", [{"kind": "IBAN", "documents": 1}], "personal", "warn"),
        ("close.characters.mojibake", 5, "characters", "warn"),
        ("close.lines.rows", [{"documents": 5}], "site_boilerplate", "warn"),
    ],
)
def test_a_crossed_limit_changes_the_status_of_its_check(sound, where, value, check, status):
    """Each limit that is crossed changes the status of its own check."""
    manifest, audit = sound
    *path, last = where.split(".")
    target = manifest if where.split(".")[0] in manifest else audit
    if where == "columns.0.missing":
        index = [column["name"] for column in audit["columns"]].index("text")
        target, path = audit, ["columns", str(index)]
    for key in path:
        target = target[int(key) if key.isdigit() else key]
    target[last] = value
    assert statuses(manifest, audit)[check] == status
    assert worst_status(run_checks(audit, manifest)) in ("warn", "fail")


@pytest.mark.parametrize(("key", "status"), [("text", "fail"), ("url", "warn")])
def test_values_shared_across_splits_are_reported(sound, key, status):
    """The same text in two splits fails; the same URL is a warning."""
    manifest, audit = sound
    audit["same"][key] = {
        "exact": True,
        "documents": 9,
        "repeated": 1,
        "documents_across_splits": 2,
    }
    assert statuses(manifest, audit)[f"same_{key}"] == status


def test_documents_across_splits_are_counted_separately(sound):
    """One document of a pair repeats the other, but both share: the second number may be larger."""
    manifest, audit = sound
    shared = {"documents": 2000, "repeated": 29, "documents_across_splits": 30, "exact": True}
    audit["same"]["url"] = shared
    (check,) = (each for each in run_checks(audit, manifest) if each["id"] == "same_url")
    repeat = "29 of 2,000 documents repeat the URL of another"
    assert check["reason"] == f"{repeat}; 30 documents share theirs with another split"


def test_without_a_stage_the_audit_s_own_comparison_is_used(sound):
    """An external corpus is judged by the audit's comparison; without one, nothing is claimed."""
    _, audit = sound
    near = {"documents": 10, "duplicates": 5, "threshold": 0.8, "leaks": 1, "leak_threshold": 0.5}
    result = statuses(None, audit | {"near": near})
    assert (result["near"], result["leaks"]) == ("warn", "fail")
    assert "near" not in statuses(None, audit)
    one_split = audit | {"splits": {"train": audit["splits"]["train"]}}
    assert statuses(None, one_split)["held_out"] == "warn"


def test_without_scores_there_is_no_check_of_them(sound):
    """Without language scores, nothing is claimed about how certain the languages are."""
    manifest, audit = sound
    for split in audit["splits"].values():
        split["scores"] = [0] * len(split["scores"])
    assert "doubtful" not in statuses(manifest, audit)


def test_dates_that_are_all_implausible_are_reported(sound):
    """If every date is implausible, the check of dates is still made."""
    manifest, audit = sound
    for split in audit["splits"].values():
        split |= {"months": {}, "implausible": 2}
    assert statuses(manifest, audit)["dates"] == "warn"


@pytest.mark.parametrize(("doubtful", "status"), [(0, "pass"), (1, "pass"), (2, "warn")])
def test_many_doubtful_extractions_are_a_warning_with_examples(sound, doubtful, status):
    """The check names up to three documents to explain, and advises nothing that loses text."""
    manifest, audit = sound
    lowest = [{"id": f"page-{n}", "score": 0.5} for n in range(4)]
    confidences = [20] + [0] * 19
    audit["extraction"] |= {"doubtful": doubtful, "confidences": confidences, "lowest": lowest}
    (check,) = [row for row in run_checks(audit, manifest) if row["id"] == "extraction"]
    assert check["status"] == status
    assert check["reason"].startswith(f"{doubtful} of 20 documents from pages")
    assert ("'page-0', 'page-1', 'page-2';" in check["reason"]) == (status == "warn")
    assert ("`keep: recall` in the stage clean keeps more" in check["reason"]) == (status == "warn")


def test_documents_that_are_not_pages_have_no_check_of_the_extraction(sound):
    """Texts that were not extracted are not judged."""
    manifest, audit = sound
    assert "extraction" not in statuses(manifest, audit)
