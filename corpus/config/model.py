"""The config: one YAML file that says what to read, what to do with it, and where to write it.

    name: news
    seed: 17
    sources:
      - path: data/raw/**/*.txt
        constants: {publisher: bne IntelliNews}
    stages:
      - clean                          # a bare name takes the defaults
      - stage: deduplicate
        threshold: 0.8
      - use: my_stages:DropShort       # a stage of your own, in a file beside the config
    output:
      path: build/news
    card:
      license: cc-by-4.0

`corpus.config.load.load_config` reads one. Relative paths are relative to the config file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    PlainValidator,
    PrivateAttr,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from corpus.card.settings import Card
from corpus.credentials import refuse_credentials
from corpus.documents import RESERVED
from corpus.settings import Settings, Size
from corpus.sources.settings import Source, may_have_pages
from corpus.stages import STAGES, AnyStage, Custom, Stage, ThresholdStage, make_stage
from corpus.stages.custom import used
from corpus.stages.own_mistakes import is_own
from corpus.terminal import safe

DEFAULT_STAGES = ("clean", "site_boilerplate", "language", "deduplicate", "split")
"""The stages of a config that names none; `site_boilerplate` only if a source may hold pages."""

SLUG = r"^[a-z0-9](?:[a-z0-9._-]{0,94}[a-z0-9])?$"


def _slug(value: str) -> str:
    if not re.fullmatch(SLUG, value):
        raise ValueError(
            "must be lower-case letters and digits, with - _ . between them, "
            f"at most 96 characters, such as 'news-2023', not {safe(value)!r}"
        )
    return value


def _folder(value: str) -> str:
    if forbidden := re.search(r"[\[\]*?]|[^\x20-\U0010ffff]", value):
        raise ValueError(
            f"must not contain {forbidden.group()!r}, which `datasets` cannot load; choose another"
        )
    if value.startswith("~"):
        raise ValueError("must not begin with '~': write the full path")
    return value


class Output(Settings):
    """Where to write the corpus, and in what shape."""

    path: Annotated[str, Field(min_length=1), AfterValidator(_folder)] | None = None
    """The folder to build. A finished build replaces it. Default: `build/` and the name."""

    shard_size: Annotated[Size, Field(gt=0, le=1_000_000_000)] = 256_000_000
    """Maximum size of a shard of several documents, in bytes of uncompressed text: `256MB`. Most
    have between half of it and all of it."""

    max_columns: Annotated[int, Field(ge=0, le=10_000)] = 1000
    """Maximum number of extra columns. If the sources have more, the columns in the fewest
    documents become one column `other_columns`: a JSON object with their names and values. Of
    columns in equally many documents, all or none do."""

    signals: bool = False
    """Also write what the stages measured of each document, such as its number of words, into
    columns of the shards."""

    configs: Literal["none", "language"] = "none"
    """With `language`, each language can be loaded separately. Each row is still stored once."""


def _stage(value: Any, info: ValidationInfo) -> Stage:
    return make_stage(value, Path((info.context or {}).get("folder", ".")))


_StageSetting = Annotated[
    SerializeAsAny[Stage],
    PlainValidator(_stage, json_schema_input_type=AnyStage | Literal[tuple(STAGES)] | Custom),
]


def default_stages(settings: dict[str, Any]) -> tuple[Any, ...]:
    """Return the stages of a config that names none: texts need one pass less than pages."""
    sources = settings.get("sources")
    listed = sources if isinstance(sources, list | tuple) else ()
    entries = [s.model_dump() if isinstance(s, Source) else s for s in listed]
    pages = any(
        may_have_pages(s.get("path"), s.get("format"), s.get("content"))
        for s in entries
        if isinstance(s, dict)
    )
    return tuple(name for name in DEFAULT_STAGES if pages or name != "site_boilerplate")


class Config(Settings):
    """Everything a build needs to know."""

    name: Annotated[str, AfterValidator(_slug), Field(json_schema_extra={"pattern": SLUG})]
    """Name of the corpus: a slug such as `news-2023`."""

    seed: Annotated[int, Field(ge=0, lt=1 << 63)] = 0
    """Seed of the hash functions and of the split. The same seed gives the same corpus."""

    as_of: date | None = None
    """Date of the corpus. A later date read from a page is wrong and is discarded."""

    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    """What to read."""

    stages: Annotated[
        tuple[_StageSetting, ...],
        Field(validate_default=True, default_factory=default_stages),
    ]
    """What to do with the documents, in this order. Default: `clean`, `site_boilerplate` (if a
    source may have pages), `language`, `deduplicate`, `split`."""

    output: Output = Output()
    """Where to write the corpus."""

    card: Card = Card()
    """Facts for the dataset card that cannot be measured."""

    on_error: Annotated[float, Field(ge=0, le=1)] = 0.001
    """Maximum share of unreadable records. If more records are unreadable, nothing is built."""

    cache: bool = True
    """Keep the results for each input for the next build, in the folder `.corpus-cache` beside the
    output. All builds in the same folder share it. Without it, a build also begins without what an
    earlier one kept."""

    cache_size: Size = 20_000_000_000
    """Maximum size of the cache after a build. The results that were not used for the longest time
    are deleted; those of the build itself are always kept."""

    _folder: Path = PrivateAttr(default=Path())
    _path: Path | None = PrivateAttr(default=None)

    @property
    def folder(self) -> Path:
        """Return the folder that relative paths start from: the folder of the config file."""
        return self._folder

    @property
    def path(self) -> Path | None:
        """Return the file that the config was read from; None for a config made in Python."""
        return self._path

    @property
    def destination(self) -> Path:
        """Return the folder to build."""
        return Path(os.path.normpath(self._folder / str(self.output.path)))

    def as_trial(self) -> Config:
        """Return the config with `-trial` after its output path, for a build of a few records."""
        output = self.output.model_copy(update={"path": f"{self.output.path}-trial"})
        return self.model_copy(update={"output": output})

    def model_post_init(self, context: Any) -> None:
        """Store file and folder, and fill in the output path."""
        if self.as_of is not None:  # stages that set no date of their own take this one
            self.__dict__["stages"] = tuple(
                stage.model_copy(update={"as_of": self.as_of})
                if getattr(stage, "as_of", self) is None
                else stage
                for stage in self.stages
            )
        self._refuse_credentials()
        origin = context or {}
        self._folder, self._path = Path(origin.get("folder", Path.cwd())), origin.get("path")
        if self.output.path is None:
            # Not a validator: in strict mode, it would have to turn JSON lists into tuples.
            self.__dict__["output"] = self.output.model_copy(update={"path": f"build/{self.name}"})

    def _refuse_credentials(self) -> None:
        """Raise `ConfigError` if a setting contains a credential: the config is published."""
        values: list[Any] = [self.model_dump(mode="json", by_alias=True)]
        while values:
            value = values.pop()
            if isinstance(value, str):
                refuse_credentials(value)
            elif isinstance(value, list | dict):
                values += value if isinstance(value, list) else [*value, *value.values()]

    @field_validator("stages")
    @classmethod
    def _split_once(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        splits = [i for i, stage in enumerate(stages) if stage.stage == "split"]
        _refuse("second_split", dict.fromkeys(splits[1:], "a second split; keep one"))
        return stages

    @field_validator("stages")
    @classmethod
    def _redacted_after_clean(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """Refuse `redact` before `clean`, which decodes what the other cannot see in markup."""
        names = [stage.stage for stage in stages]
        last = max((i for i, name in enumerate(names) if name == "clean"), default=0)
        early = [i for i, name in enumerate(names[:last]) if name == "redact"]
        why = (
            "redact must come after clean: in markup, it would not find an address such as "
            "`ada&#64;example.org`, and clean would remove placeholders such as <EMAIL>"
        )
        _refuse("redact_before_clean", dict.fromkeys(early, why))
        return stages

    @field_validator("stages")
    @classmethod
    def _counted_last(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """Refuse a stage that changes what the stages `tokens` and `mix` have counted."""
        earlier: set[str] = set()
        faults: dict[int, str] = {}
        for i, stage in enumerate(stages):
            if "mix" in earlier and (
                stage.stage in ("split", "tokens") or stage.reasons or stage.changes_text
            ):
                faults[i] = "mix counts the training documents that are left; move it before mix"
            elif "tokens" in earlier and stage.stage == "tokens":
                faults[i] = "tokens are counted once; keep one of these stages"
            elif "tokens" in earlier and stage.changes_text:
                faults[i] = "changes texts after tokens has counted them; move it before tokens"
            earlier.add(stage.stage)
        _refuse("after_counting", faults)
        return stages

    @field_validator("stages")
    @classmethod
    def _texts_last_changed_before(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """Refuse a stage that changes texts after the split has searched them for leaks."""
        searched, late = False, []
        for i, stage in enumerate(stages):
            if searched and stage.changes_text:
                late.append(i)
            searched |= stage.stage == "split" and bool(getattr(stage, "leakage_threshold", None))
        why = "changes texts after split has searched them for leaks; move it before split"
        _refuse("text_after_split", dict.fromkeys(late, why))
        return stages

    @field_validator("stages")
    @classmethod
    def _required_columns_filled(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """Refuse a stage that needs a column, such as the language, that no earlier one fills."""
        filled, faults = set[str](), {}
        for i, stage in enumerate(stages):
            if is_own(type(stage)):
                break  # it may fill any column for the stages after it
            required = stage.required_columns() if isinstance(stage, ThresholdStage) else {}
            for column, remedy in required.items():
                if column.name in RESERVED - filled:  # a source cannot fill it
                    faults[i] = remedy
            filled.update(stage.adds.names)
        _refuse("column_missing", faults)
        return stages

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON, defaults included; loaded again, they mean the same."""
        dumped = self.model_dump(mode="json", by_alias=True)
        for settings, stage in zip(dumped["stages"], self.stages, strict=True):
            if use := used(stage):
                settings["use"] = use
        return dumped


def _refuse(kind: str, stages: Mapping[int, str]) -> None:
    """Raise `ValidationError` with a fault for each of these stages, by its number, if any."""
    faults = [
        InitErrorDetails(type=PydanticCustomError(kind, why), loc=(i,), input=None)
        for i, why in stages.items()
    ]
    if faults:
        raise ValidationError.from_exception_data("Config", faults)
