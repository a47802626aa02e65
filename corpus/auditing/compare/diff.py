"""Compare two builds: settings, inputs, counts and documents, side by side.

    difference = corpus.diff("build/news", "build/news-0.7")
    if difference:                   # false if the builds are equal
        print(difference)            # for people
        difference.as_dict()         # the same for programs

Everything is compared except `run.json`, which has what may differ between equal builds.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from corpus.auditing.compare.types import BuildName, Differences, Lengths, Unequal
from corpus.auditing.report import Report
from corpus.builds.exchange import read_unreplaced
from corpus.builds.reader import audit_of, manifest_of
from corpus.markup import html

FORMAT = 1
COMPARED = ("settings", "versions", "code", "inputs", "counts", "columns", "files")
"""The lists that are empty if two builds are equal."""

Manifest = dict[str, Any]


@dataclass(frozen=True, repr=False)
class Difference:
    """The differences between two builds; false if the builds are equal."""

    differences: Differences
    """Everything that differs, as plain JSON."""

    def as_dict(self) -> dict[str, Any]:
        """Return everything that differs as a plain dict, ready for JSON."""
        return cast("dict[str, Any]", self.differences)

    def __bool__(self) -> bool:
        """Return whether there is any difference."""
        return bool(self._counts())

    def _counts(self) -> dict[str, int]:
        """Return the number of differences of each kind that has any."""
        differences = self.as_dict()
        counts = {part: len(differences[part]) for part in COMPARED}
        changes = differences["documents"].values()
        counts["documents"] = sum(change["documents"] for change in changes)
        return {part: n for part, n in counts.items() if n}

    def __str__(self) -> str:
        """Return the differences as text: a few dozen lines, none for equal builds."""
        from corpus.auditing.compare.diff_lines import diff_lines

        return "\n".join(diff_lines(self.differences)) if self else ""

    def __repr__(self) -> str:
        """Return the number of differences: `<Difference: settings 1, documents 12>`."""
        counts = ", ".join(f"{part} {n:,}" for part, n in self._counts().items())
        return f"<Difference: {counts or 'none'}>"

    def _repr_html_(self) -> str:
        """Return the differences as text in HTML, for a notebook."""
        return f"<pre>{html(str(self) or 'no difference', lines=True)}</pre>"


def diff(a: str | os.PathLike[str], b: str | os.PathLike[str]) -> Difference:
    """Return the differences between the builds in two folders.

    Raises InputError if one of them is not a build.
    """
    folders = Path(a), Path(b)
    return read_unreplaced(folders, lambda: _diff(*folders))


def _diff(*folders: Path) -> Difference:
    from corpus.auditing.compare.changes import find_changes

    manifests = [manifest_of(folder) for folder in folders]
    left, right = zip(folders, manifests, strict=True)
    in_a, in_b = manifests
    audits = [cast("Report | None", audit_of(*side)) for side in (left, right)]
    settings = [_flatten(manifest["config"]) | _top_level(manifest) for manifest in manifests]
    return Difference(
        {
            "format": FORMAT,
            "builds": [_build_name(manifest) for manifest in manifests],
            "settings": _unequal(*settings),
            "versions": _unequal(in_a["versions"], in_b["versions"]),
            "code": _code(in_a, in_b),
            "inputs": _inputs(in_a, in_b),
            "unaudited": [side for side, audit in zip("ab", audits, strict=True) if not audit],
            "counts": _unequal(*_counts(manifests, audits)),
            "lengths": _lengths(audits),
            "columns": _unequal(_columns(in_a), _columns(in_b)),
            "documents": find_changes(left, right),
            "files": _files(in_a, in_b),
        }
    )


def _build_name(manifest: Manifest) -> BuildName:
    name, identity, version = (manifest[key] for key in ("name", "identity", "corpus"))
    return {"name": name, "identity": identity, "corpus": version}


def _top_level(manifest: Manifest) -> dict[str, Any]:
    return {key: manifest.get(key) for key in ("name", "seed", "as_of", "limit")}


def _flatten(value: Any, path: str = "") -> dict[str, Any]:
    """Return settings by path; a stage is addressed by its name: `stages.clean.min_words`."""
    if isinstance(value, dict):
        flat: dict[str, Any] = {}
        for key, inner in value.items():
            flat |= _flatten(inner, f"{path}.{key}" if path else str(key))
        return flat
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        flat, occurrences = {}, Counter[str]()
        for number, item in enumerate(value):
            name = str(item.get("stage", number))
            occurrences[name] += 1
            suffix = f"[{occurrences[name]}]" if occurrences[name] > 1 else ""
            flat |= _flatten(item, f"{path}.{name}{suffix}")
        return flat
    return {path: value}


def _unequal(a: dict[str, Any], b: dict[str, Any]) -> list[Unequal]:
    """Return the values that differ; None where a build does not have one."""
    return [
        {"name": name, "a": a.get(name), "b": b.get(name)}
        for name in sorted(a.keys() | b.keys())
        if a.get(name) != b.get(name)
    ]


def _code(a: Manifest, b: Manifest) -> list[Unequal]:
    """Return the hashes of code that both builds have, such as a stage, and that differ."""
    rows = _unequal(a.get("code") or {}, b.get("code") or {})
    return [row for row in rows if row["a"] is not None and row["b"] is not None]


def _inputs(a: Manifest, b: Manifest) -> dict[str, list[str]]:
    """Return the source files that are only in b, only in a, or changed; empty if none are."""
    left, right = (
        {(row["config"], row["source"]): row["sha256"] for row in manifest["inputs"]}
        for manifest in (a, b)
    )
    changes = {
        "came": sorted(name for _, name in right.keys() - left.keys()),
        "went": sorted(name for _, name in left.keys() - right.keys()),
        "changed": sorted(key[1] for key in left.keys() & right.keys() if left[key] != right[key]),
    }
    return changes if any(changes.values()) else {}


def _counts(manifests: Sequence[Manifest], audits: Sequence[Report | None]) -> list[dict[str, int]]:
    """Return every count of each build by name; those of the audits only if both have one."""
    counts = [_manifest_counts(manifest) for manifest in manifests]
    reports = [audit for audit in audits if audit is not None]
    if len(reports) < len(counts):  # a missing count is not 0
        return counts
    return [c | _audit_counts(report) for c, report in zip(counts, reports, strict=True)]


def _manifest_counts(manifest: Manifest) -> dict[str, int]:
    """Return the counts of records, splits and removals."""
    counts = {key: manifest["counts"][key] for key in ("read", "rejected", "removed", "kept")}
    counts |= {f"split {name}": n for name, n in manifest["counts"]["splits"].items()}
    for row in manifest["funnel"]:
        counts[f"removed by {row['stage']}: {row['reason']}"] = row["documents"]
    return counts


def _audit_counts(report: Report) -> dict[str, int]:
    """Return the counts of words, characters, tokens and languages."""
    counts = {
        "words": report["words"],
        "characters": report["characters"],
        "tokens": report["tokens"],
        "characters each": round(report["characters"] / max(report["documents"], 1)),
        "in doubt": report["doubtful"],
    }
    languages = report["languages"]["rows"]
    return counts | {f"language {row['name']}": row["documents"] for row in languages}


def _lengths(audits: Sequence[Report | None]) -> Lengths | dict[str, Any]:
    """Return the histograms of document lengths; empty if they are equal.

    `edges` are the lower edges of the bins in characters, from the first used bin to the last.
    """
    reports = [audit for audit in audits if audit]
    if len(reports) < len(audits):
        return {}
    counts = [
        [sum(n) for n in zip(*(s["lengths"] for s in report["splits"].values()), strict=True)]
        for report in reports
    ]
    used = [i for i, n in enumerate(zip(*counts, strict=True)) if any(n)]
    if counts[0] == counts[1] or not used:
        return {}
    bins = slice(used[0], used[-1] + 1)
    edges = reports[0]["lengths"]["edges"]
    return {"edges": edges[bins], "a": counts[0][bins], "b": counts[1][bins]}


def _columns(manifest: Manifest) -> dict[str, str]:
    return {column["name"]: column["type"] for column in manifest["columns"]}


def _files(a: Manifest, b: Manifest) -> list[str]:
    """Return the files that are missing from a build, or not the same byte for byte."""
    left, right = (
        {name: entry["sha256"] for name, entry in manifest["files"].items()} for manifest in (a, b)
    )
    names = sorted(left.keys() | right.keys())
    return [name for name in names if left.get(name) != right.get(name)]
