"""The result of a build: where it is, what it contains, and how to load it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from corpus.builds.summary import Counts, rows_of
from corpus.markup import html

if TYPE_CHECKING:
    from datasets import DatasetDict

    from corpus.auditing.audit import Audit
    from corpus.auditing.report import Report


@dataclass(frozen=True)
class Build:
    """A corpus on disk."""

    path: Path
    manifest: dict[str, Any]
    unchanged: bool = False
    """Whether nothing was done: the existing build is what the config and its inputs make."""

    @property
    def counts(self) -> Counts:
        """The number of documents read, kept, removed and rejected, and of each split."""
        return Counts(**{name: self.manifest["counts"][name] for name in Counts._fields})

    @cached_property
    def audit(self) -> Audit:
        """The statistics that the build measured of itself.

        Raises `InputError` if `audit/audit.json` was changed or deleted.
        """
        from corpus.auditing.audit import Audit
        from corpus.builds.reader import AUDIT_FILE, audit_of
        from corpus.errors import InputError

        statistics = audit_of(self.path, self.manifest)
        if statistics is None:
            raise InputError(f"{self.path / AUDIT_FILE}: missing; build again to restore it")
        return Audit(self.manifest["name"], cast("Report", statistics), self.manifest)

    def load(self, config: str | None = None) -> DatasetDict:
        """Return the splits as `datasets` loads them.

        `config` is a language of a build with `output: {configs: language}`.
        """
        import datasets

        return datasets.load_dataset(str(self.path), config)

    def __repr__(self) -> str:
        splits = ", ".join(f"{name} {n:,}" for name, n in self.counts.splits.items())
        return f"<Build {self.manifest['name']} in {self.path}: {splits}>"

    def _repr_html_(self) -> str:
        state = "unchanged" if self.unchanged else "built"
        head = f"<b>{html(self.manifest['name'])}</b> {state} in <code>{html(self.path)}</code>"
        cells = "".join(
            f"<tr><td>{html(row.stage)}</td><td>{html(row.reason)}</td>"
            f"<td style='text-align:right'>{row.documents:,}</td><td>{html(row.files)}</td></tr>"
            for row in rows_of(self.manifest)
        )
        names = "".join(f"<th>{name}</th>" for name in ("", "reason", "documents", "files"))
        return f"<p>{head}</p><table><thead><tr>{names}</tr></thead><tbody>{cells}</tbody></table>"
