"""The checks pass where all is well, and say what is wrong where it is not."""

from __future__ import annotations

import copy

import pytest

from corpus.auditing.measure.checks import checks, worst


@pytest.fixture
def sound(tiny_build):
    """Return a manifest and an audit of which every check passes."""
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


def answers(manifest, audit):
    """Return the status of each check by its id."""
    return {check["id"]: check["status"] for check in checks(audit, manifest)}


def test_where_all_is_well_every_check_passes(sound):
    """A sound corpus has no warning, and the chance of a pair is never rounded to certainty."""
    manifest, audit = sound
    assert set(answers(manifest, audit).values()) == {"pass"}
    near = next(check for check in checks(audit, manifest) if check["id"] == "near")
    assert near["reason"].endswith("a chance of over 0.9999")


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
        ("stages.0.facts.highest_left", 0.8, "near", "fail"),
        ("stages.1.facts.highest_left", 0.5, "leaks", "fail"),
        ("stages.1.facts", {"overlap": 3}, "leaks", "fail"),
        ("columns.0.missing", 1, "short", "fail"),
        ("close.personal", [{"kind": "IBAN", "documents": 1}], "personal", "warn"),
        ("close.characters.mojibake", 5, "characters", "warn"),
        ("close.lines.rows", [{"documents": 5}], "site_boilerplate", "warn"),
    ],
)
def test_what_is_wrong_is_said(sound, where, value, check, status):
    """Each limit that is crossed changes the answer to its own question."""
    manifest, audit = sound
    *path, last = where.split(".")
    into = manifest if where.split(".")[0] in manifest else audit
    if where == "columns.0.missing":
        into, path = audit, ["columns", str([c["name"] for c in audit["columns"]].index("text"))]
    for key in path:
        into = into[int(key) if key.isdigit() else key]
    into[last] = value
    assert answers(manifest, audit)[check] == status
    assert worst(checks(audit, manifest)) in ("warn", "fail")


@pytest.mark.parametrize(("key", "status"), [("text", "fail"), ("url", "warn")])
def test_what_splits_share_is_said(sound, key, status):
    """The same text in two splits is a fault; the same address is to be looked at."""
    manifest, audit = sound
    audit["same"][key] = {
        "exact": True,
        "documents": 9,
        "repeated": 1,
        "documents_across_splits": 2,
    }
    assert answers(manifest, audit)[f"same_{key}"] == status


def test_those_across_splits_are_no_part_of_those_that_repeat(sound):
    """Of a pair one repeats the other, but both share it: the second number may be the larger."""
    manifest, audit = sound
    shared = {"documents": 2000, "repeated": 29, "documents_across_splits": 30, "exact": True}
    audit["same"]["url"] = shared
    (check,) = (each for each in checks(audit, manifest) if each["id"] == "same_url")
    repeat = "29 of 2,000 repeat the url of another"
    assert check["reason"] == f"{repeat}; 30 documents share theirs with another split"


def test_what_was_compared_anew_is_judged_where_no_stage_did(sound):
    """Somebody else's corpus is judged by our comparison; without one, nothing is claimed."""
    _, audit = sound
    near = {"documents": 10, "duplicates": 5, "threshold": 0.8, "leaks": 1, "leak_threshold": 0.5}
    found = answers(None, audit | {"near": near})
    assert (found["near"], found["leaks"]) == ("warn", "fail")
    assert "near" not in answers(None, audit)
    alone = audit | {"splits": {"train": audit["splits"]["train"]}}
    assert answers(None, alone)["held_out"] == "warn"


def test_scores_that_nobody_gave_are_not_sure(sound):
    """Without scores nothing is said about how sure the languages are."""
    manifest, audit = sound
    for split in audit["splits"].values():
        split["scores"] = [0] * len(split["scores"])
    assert "doubtful" not in answers(manifest, audit)


def test_dates_that_are_all_impossible_are_told(sound):
    """The worst case is no case for silence."""
    manifest, audit = sound
    for split in audit["splits"].values():
        split |= {"months": {}, "implausible": 2}
    assert answers(manifest, audit)["dates"] == "warn"
