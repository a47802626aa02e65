"""List the licences of what is installed with corpus, ask `pip-audit`, and look for pickles."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from importlib import metadata
from pathlib import Path

from reliability.builds import PROJECT, make_place, run_command
from reliability.figure import Effort, Figure, not_run

PICKLE = (b"\x80\x02", b"\x80\x03", b"\x80\x04\x95", b"\x80\x05\x95")
"""The first bytes of a pickle, by protocol."""
COPYLEFT = re.compile(r"\b(GPL|AGPL|GNU (Affero )?General Public)", re.IGNORECASE)


def requirements() -> list[str]:
    """Return the distributions that corpus needs, directly and indirectly, without extras."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    seen: set[str] = set()
    texts = list(project["dependencies"])
    while texts:
        text = texts.pop()
        name = re.split(r"[\s;<>=!~\[(]", text, maxsplit=1)[0].lower().replace("_", "-")
        if "extra ==" in text or name in seen:
            continue
        with contextlib.suppress(metadata.PackageNotFoundError):
            texts += metadata.requires(name) or ()
            seen.add(name)
    return sorted(seen)


def licence(name: str) -> str:
    """Return the licence that a distribution states."""
    about = metadata.metadata(name)
    classified = [
        value.rpartition(" :: ")[2]
        for value in about.get_all("Classifier") or ()
        if value.startswith("License :: ") and value.count("::") > 1
    ]
    names = ("License-Expression", "License")
    expression, text = ((about.get_all(name) or [""])[0] for name in names)
    stated = expression or " / ".join(classified) or text
    return stated.splitlines()[0][:60] if stated.strip() else "not stated"


def licences() -> Figure:
    """Return the figure of the licences."""
    found = {name: licence(name) for name in requirements()}
    missing = [name for name, its in found.items() if its == "not stated"]
    strict = [
        f"{name}: {its}"
        for name, its in found.items()
        if COPYLEFT.search(its) and " OR " not in its
    ]
    counts = Counter(found.values())
    notes = tuple(f"{its}: {n} packages" for its, n in sorted(counts.items(), key=lambda x: -x[1]))
    measured = f"{len(found)} packages; licence not stated: {len(missing)}; GPL: {len(strict)}"
    wrong = tuple(f"{name}: licence not stated" for name in missing) + tuple(strict)
    return Figure("licences listed", "all stated", measured, not missing, wrong, notes)


def advisories() -> Figure:
    """Return the figure of known vulnerabilities."""
    name, target = "pip-audit", "clean"
    if importlib.util.find_spec("pip_audit") is None:
        return not_run(name, target, "pip-audit is not installed")
    listed = "".join(f"{n}=={metadata.version(n)}\n" for n in requirements())
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip_audit",
            "--no-deps",
            "--disable-pip",
            "-f",
            "json",
            "-r",
            "/dev/stdin",
        ],
        input=listed,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if not ended.stdout.startswith("{"):
        return not_run(name, target, (ended.stderr.strip().splitlines() or ["no answer"])[-1][:200])
    packages = json.loads(ended.stdout)["dependencies"]
    if skipped := [package for package in packages if "skip_reason" in package]:
        reason = f"{len(skipped)} of {len(packages)} packages have no advisories to ask: "
        return not_run(name, target, reason + skipped[0]["skip_reason"])
    wrong = tuple(
        f"{package['name']} {package['version']}: {fault['id']}, mended in {fault['fix_versions']}"
        for package in packages
        for fault in package.get("vulns", ())
    )
    measured = f"{len(wrong)} advisories for {len(packages)} packages"
    return Figure(name, target, measured, not wrong, wrong)


def pickles(scratch: Path) -> Figure:
    """Return the figure of pickles in a build, its cache and the package."""
    place = make_place(scratch / "place")
    ended = run_command("build", str(place.config), cwd=place.folder)
    if ended.returncode:
        raise RuntimeError(ended.stderr)
    roots = (place.folder, PROJECT / "corpus")
    files = [path for root in roots for path in root.rglob("*") if path.is_file()]
    found = [path for path in files if _is_pickle(path)]
    measured = f"{len(found)} of {len(files):,} files"
    wrong = tuple(str(path) for path in found)
    name = "pickles on disk (build, scratch files, cache, package; not numba's own cache)"
    return Figure(name, "0", measured, not found, wrong)


def _is_pickle(path: Path) -> bool:
    with path.open("rb") as file:
        return path.suffix in (".pkl", ".pickle") or file.read(4).startswith(PICKLE)


def measure(effort: Effort) -> list[Figure]:
    """Return the figures of the installation."""
    quick = not_run("pip-audit", "clean", "the quick part asks no network")
    audit = quick if effort.quick else advisories()
    return [licences(), audit, pickles(effort.scratch)]
