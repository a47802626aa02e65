"""What two builds do not share: settings, inputs, counts and documents, side by side.

    found = diff("build/news", "build/news-0.7")
    if found:                    # false where they are equal
        print(found)             # for people; found.told is the same as JSON

Everything is compared but the clock: run.json is no part of a build.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.builds.reader import audit_of, manifest_of

FORMAT = 1

Audit = dict[str, Any]
"""What a build counted of itself: `audit/audit.json`."""


@dataclass(frozen=True)
class Difference:
    """What two builds do not share; false where they are equal."""

    told: dict[str, Any]
    """Everything, as JSON."""

    def __bool__(self) -> bool:
        """Return whether there is any difference."""
        parts = ("settings", "versions", "code", "inputs", "counts", "columns", "files")
        return any(self.told[part] for part in parts) or any(
            change["documents"] for change in self.told["documents"].values()
        )

    def __str__(self) -> str:
        """Return the difference for people: a few dozen lines, none for equal builds."""
        from corpus.auditing.compare.diff_lines import lines

        return "\n".join(lines(self.told)) if self else ""


def diff(a: str | Path, b: str | Path) -> Difference:
    """Return what the builds in two folders do not share.

    Raises InputError where one is no build.
    """
    from corpus.auditing.compare.changes import changes

    left, right = (_opened(Path(path)) for path in (a, b))
    one, other = left[1], right[1]
    audits = [audit_of(*side) for side in (left, right)]
    settings = [_flat(manifest["config"]) | _beside(manifest) for manifest in (one, other)]
    return Difference(
        {
            "format": FORMAT,
            "builds": [_named(manifest) for manifest in (one, other)],
            "settings": _unequal(*settings),
            "versions": _unequal(one["versions"], other["versions"]),
            "code": _code(one, other),
            "inputs": _inputs(one, other),
            "unaudited": [side for side, audit in zip("ab", audits, strict=True) if not audit],
            "counts": _unequal(*_counts((one, other), audits)),
            "lengths": _lengths(audits),
            "columns": _unequal(_columns(one), _columns(other)),
            "documents": changes(left, right),
            "files": _files(one, other),
        }
    )


def _opened(folder: Path) -> tuple[Path, dict[str, Any]]:
    return folder, manifest_of(folder)


def _named(manifest: dict[str, Any]) -> dict[str, Any]:
    return {key: manifest[key] for key in ("name", "identity", "corpus")}


def _beside(manifest: dict[str, Any]) -> dict[str, Any]:
    return {key: manifest.get(key) for key in ("name", "seed", "as_of", "limit")}


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Return settings by their addresses; a stage has its name there: `stages.clean.min_words`."""
    if isinstance(value, dict):
        found: dict[str, Any] = {}
        for key, held in value.items():
            found |= _flat(held, f"{path}.{key}" if path else str(key))
        return found
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        found, seen = {}, Counter[str]()
        for number, one in enumerate(value):
            name = str(one.get("stage", number))
            seen[name] += 1
            again = f"[{seen[name]}]" if seen[name] > 1 else ""
            found |= _flat(one, f"{path}.{name}{again}")
        return found
    return {path: value}


def _unequal(a: dict[str, Any], b: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what has another value in b than in a; None where there is none."""
    return [
        {"name": name, "a": a.get(name), "b": b.get(name)}
        for name in sorted(a.keys() | b.keys())
        if a.get(name) != b.get(name)
    ]


def _code(a: dict[str, Any], b: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what both have, a stage or reading, and whose code is another: hashes of it."""
    rows = _unequal(a.get("code") or {}, b.get("code") or {})
    return [row for row in rows if row["a"] is not None and row["b"] is not None]


def _inputs(a: dict[str, Any], b: dict[str, Any]) -> dict[str, list[str]]:
    """Return which files of the sources came, went, or changed; nothing where none did."""
    left, right = (
        {(one["config"], one["source"]): one["sha256"] for one in manifest["inputs"]}
        for manifest in (a, b)
    )
    found = {
        "came": sorted(name for _, name in right.keys() - left.keys()),
        "went": sorted(name for _, name in left.keys() - right.keys()),
        "changed": sorted(key[1] for key in left.keys() & right.keys() if left[key] != right[key]),
    }
    return found if any(found.values()) else {}


def _counts(
    manifests: Sequence[dict[str, Any]], audits: Sequence[Audit | None]
) -> list[dict[str, int]]:
    """Return every count of each build by its name; the audits' only where both have one."""
    told = [_of_manifest(manifest) for manifest in manifests]
    whole = [_of_audit(audit) for audit in audits if audit is not None]
    if len(whole) < len(told):  # a count that one lacks is no 0
        return told
    return [counts | more for counts, more in zip(told, whole, strict=True)]


def _of_manifest(manifest: dict[str, Any]) -> dict[str, int]:
    """Return the counts of records, splits and removals."""
    told = {key: manifest["counts"][key] for key in ("read", "rejected", "removed", "kept")}
    told |= {f"split {name}": n for name, n in manifest["counts"]["splits"].items()}
    for row in manifest["funnel"]:
        told[f"removed by {row['stage']}: {row['reason']}"] = row["documents"]
    return told


def _of_audit(audit: Audit) -> dict[str, int]:
    """Return the counts of words, characters, tokens and languages."""
    n = max(audit["documents"], 1)
    told = {key: audit[key] for key in ("words", "characters", "tokens")}
    told |= {"characters each": round(audit["characters"] / n), "in doubt": audit["doubtful"]}
    return told | {
        f"language {row['name']}": row["documents"] for row in audit["languages"]["rows"]
    }


def _lengths(audits: Sequence[Audit | None]) -> dict[str, Any]:
    """Return how many documents of each length both builds have; nothing where they are the same.

    `edges` are the lower ends of the bins in characters, from the first that is used to the last.
    """
    if not all(audits):
        return {}
    edges = audits[0]["lengths"]["edges"]  # type: ignore[index]
    counts = [
        [sum(n) for n in zip(*(s["lengths"] for s in audit["splits"].values()), strict=True)]
        for audit in audits
        if audit
    ]
    used = [i for i, n in enumerate(zip(*counts, strict=True)) if any(n)]
    if counts[0] == counts[1] or not used:
        return {}
    shown = slice(used[0], used[-1] + 1)
    return {"edges": edges[shown], "a": counts[0][shown], "b": counts[1][shown]}


def _columns(manifest: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["type"] for one in manifest["columns"]}


def _files(a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    """Return the files that the builds do not have byte for byte in common."""
    left, right = (
        {name: held["sha256"] for name, held in manifest["files"].items()} for manifest in (a, b)
    )
    names = sorted(left.keys() | right.keys())
    return [name for name in names if left.get(name) != right.get(name)]
