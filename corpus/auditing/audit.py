"""The audit of a corpus: its statistics, a page to read, and a summary for a terminal.

    found = corpus.audit("build/news")    # or any folder or file that can be read as a source
    print(found)                          # forty lines for a terminal
    found.statistics["documents"]         # audit.json
    found.write("audit")                  # audit/index.html and audit/audit.json

Light to import: what measures is imported when it is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from corpus.errors import ConfigError


@dataclass(frozen=True)
class Audit:
    """What was measured of a corpus."""

    name: str
    statistics: dict[str, Any]
    """audit.json."""

    manifest: dict[str, Any] | None = None
    """The manifest, where it is a build."""

    def __str__(self) -> str:
        """Return a summary for a terminal."""
        from corpus.auditing.summary import summary

        return summary(self.statistics, self.manifest, name=self.name)

    @property
    def status(self) -> str:
        """Return the worst answer of the checks: `pass`, `warn` or `fail`."""
        return str(self.statistics["status"])

    def page(self) -> str:
        """Return the audit page: one HTML file."""
        from corpus.auditing.page.page import page
        from corpus.auditing.report import Report

        return page(cast(Report, self.statistics), self.manifest, title=self.name)

    def write(self, folder: str | Path) -> Path:
        """Write the page and its numbers into a folder, made where missing; return the page.

        Raises ConfigError where the folder is a build's: its files are those that were built.
        """
        import json

        from corpus import storage

        folder = outside_of_builds(Path(folder))
        folder.mkdir(parents=True, exist_ok=True)
        told = json.dumps(self.statistics, indent=2, ensure_ascii=False) + "\n"
        storage.write(folder / "audit.json", told.encode())
        storage.write(folder / "index.html", self.page().encode())
        return folder / "index.html"


def outside_of_builds(folder: Path) -> Path:
    """Return the folder, where a page may be written; raises ConfigError where a build is there."""
    from corpus.builds.reader import build_around

    if (build := build_around(folder)) is not None:
        raise ConfigError(
            f"{folder}: this is in the build {build}, which stays as it was built; "
            "name a folder outside of it for the page"
        )
    return folder
