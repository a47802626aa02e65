"""The audit of a corpus: its statistics, a page to read, and a summary for the terminal.

    audit = corpus.audit("build/news")    # or any folder or file that can be read as a source
    print(audit)                          # a summary of about forty lines
    audit.statistics["documents"]         # the content of audit.json
    audit.write("audit")                  # audit/index.html and audit/audit.json

This module is quick to import; what measures is imported when it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from corpus.auditing.report import Report, Status
from corpus.errors import ConfigError
from corpus.markup import html, json_text


@dataclass(frozen=True, repr=False)
class Audit:
    """The audit of a corpus."""

    name: str
    statistics: Report
    """The content of audit.json."""

    manifest: dict[str, Any] | None = None
    """The manifest, if the corpus is a build."""

    def __str__(self) -> str:
        """Return a summary for the terminal."""
        from corpus.auditing.summary import summary

        return summary(self.statistics, self.manifest, name=self.name)

    def __repr__(self) -> str:
        """Return the name and size: `<Audit news: 74 documents, 2 warnings>`."""
        from corpus.terminal import safe

        results = ", ".join(self._problems()) or "all checks pass"
        return f"<Audit {safe(self.name)}: {self.statistics['documents']:,} documents, {results}>"

    def _repr_html_(self) -> str:
        """Return the key figures and the checks as HTML tables, for a notebook."""
        report = self.statistics
        figures = [
            ("documents", f"{report['documents']:,}"),
            ("words", f"{report['words']:,}"),
            ("characters", f"{report['characters']:,}"),
            ("bytes", f"{report['bytes']:,}"),
            *((f"split {name}", f"{s['documents']:,}") for name, s in report["splits"].items()),
        ]
        checks = [(c["status"], c["question"], c["reason"]) for c in report["checks"]]
        checks.sort(key=lambda row: ("fail", "warn", "pass").index(row[0]))
        return f"<h4>{html(self.name)}</h4>\n{_html_table(figures)}\n{_html_table(checks)}"

    def _problems(self) -> Iterator[str]:
        """Yield the number of failures and of warnings, if there are any."""
        statuses = [check["status"] for check in self.statistics["checks"]]
        for status, noun in (("fail", "failure"), ("warn", "warning")):
            if n := statuses.count(cast("Status", status)):
                yield f"{n} {noun}{'' if n == 1 else 's'}"

    @property
    def status(self) -> Status:
        """Return the worst status of the checks: `pass`, `warn` or `fail`."""
        return self.statistics["status"]

    def page(self) -> str:
        """Return the audit page: one HTML file."""
        from corpus.auditing.page.page import page

        return page(self.statistics, self.manifest, title=self.name)

    def write(self, folder: str | Path) -> Path:
        """Write the page and audit.json into a folder, created if missing; return the page.

        Raises ConfigError if the folder is inside a build: a build is never changed.
        """
        from corpus import storage

        folder = require_outside_builds(Path(folder))
        storage.write(folder / "audit.json", json_text(self.statistics).encode())
        storage.write(folder / "index.html", self.page().encode())
        return folder / "index.html"


def _html_table(rows: Sequence[Sequence[str]]) -> str:
    cells = ("".join(f"<td>{html(cell)}</td>" for cell in row) for row in rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def require_outside_builds(folder: Path) -> Path:
    """Return the folder if it is not inside a build; raise ConfigError if it is."""
    from corpus.builds.reader import build_around

    if (build := build_around(folder)) is not None:
        raise ConfigError(
            f"{folder}: this folder is in the build {build}, and a build is never changed; "
            "name a folder outside it for the page"
        )
    return folder
