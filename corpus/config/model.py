"""The config: one YAML file that says what to read, what to do to it, and where to put it.

    name: news
    seed: 17
    sources:
      - path: data/raw/**/*.txt
        constants: {publisher: bne IntelliNews}
    stages:
      - clean                          # a bare name takes the defaults
      - stage: deduplicate
        threshold: 0.8
      - use: my_stages:DropShort       # a stage of your own, beside the config
    output:
      path: build/news
    card:
      license: cc-by-4.0

`load_config` reads one, with overrides (`stages.deduplicate.threshold=0.7`), and reports every
mistake at once with its place. Relative paths are relative to the file.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
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
from corpus.config.mistakes import Mistake, Mistakes, Place
from corpus.config.overrides import override
from corpus.config.pydantic_errors import in_our_words
from corpus.config.yaml_positions import Node, read
from corpus.errors import ConfigError
from corpus.settings import Settings, Size
from corpus.sources.settings import Source, may_have_pages
from corpus.stages import STAGES, AnyStage, Custom, Stage, make_stage
from corpus.stages.custom import used
from corpus.terminal import safe

DEFAULT_STAGES = ("clean", "site_boilerplate", "language", "deduplicate", "split")
"""What is done to the documents where a config does not say; `site_boilerplate` where there are pages."""

SLUG = r"^[a-z0-9](?:[a-z0-9._-]{0,94}[a-z0-9])?$"


def _slug(value: str) -> str:
    if not re.fullmatch(SLUG, value):
        raise ValueError(
            "must be lower-case letters, digits and - _ . between them, "
            f"96 at the most, such as 'news-2023', not {safe(value)!r}"
        )
    return value


def _folder(value: str) -> str:
    if found := re.search(r"[\[\]*?]|[^\x20-\U0010ffff]", value):
        raise ValueError(
            f"must not hold {found.group()!r}: such a path cannot be loaded again; choose another"
        )
    if value.startswith("~"):
        raise ValueError("must not begin with '~': write the folder out")
    return value


class Output(Settings):
    """Where the corpus goes, and in what shape."""

    path: Annotated[str, Field(min_length=1), AfterValidator(_folder)] | None = None
    """The folder to build, replaced whole when a build is done; else `build/` and the name."""

    shard_size: Annotated[Size, Field(gt=0, le=1_000_000_000)] = 256_000_000
    """How much text goes into one file, uncompressed: `256MB`."""

    configs: Literal["none", "language"] = "none"
    """With `language`, each language can be loaded by itself; each row is still stored once."""


def _stage(value: Any, info: ValidationInfo) -> Stage:
    return make_stage(value, Path((info.context or {}).get("folder", ".")))


_StageSetting = Annotated[
    SerializeAsAny[Stage],
    PlainValidator(_stage, json_schema_input_type=AnyStage | Literal[tuple(STAGES)] | Custom),
]


def _by_default(said: dict[str, Any]) -> tuple[Any, ...]:
    """Return the stages of a config that names none: texts alone need one pass less than pages."""
    sources = said.get("sources")
    listed = sources if isinstance(sources, list | tuple) else ()
    settings = [s.model_dump() if isinstance(s, Source) else s for s in listed]
    pages = any(
        may_have_pages(s.get("path"), s.get("format"), s.get("content"))
        for s in settings
        if isinstance(s, dict)
    )
    return tuple(name for name in DEFAULT_STAGES if pages or name != "site_boilerplate")


class Config(Settings):
    """Everything a build has to know."""

    name: Annotated[str, AfterValidator(_slug), Field(json_schema_extra={"pattern": SLUG})]
    """What to call the corpus: a slug such as `news-2023`."""

    seed: Annotated[int, Field(ge=0, lt=1 << 63)] = 0
    """Chooses the hash functions and the split. The same seed gives the same corpus."""

    as_of: date | None = None
    """The day of the corpus: a document dated later is dated wrongly."""

    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    """What to read."""

    stages: Annotated[
        tuple[_StageSetting, ...],
        Field(validate_default=True, default_factory=_by_default),
    ]
    """What to do to the documents, in this order."""

    output: Output = Output()
    """Where the corpus goes."""

    card: Card = Card()
    """What the dataset card says that cannot be measured."""

    on_error: Annotated[float, Field(ge=0, le=1)] = 0.001
    """The share of records that may be unreadable; more, and nothing is built."""

    cache: bool = True
    """Keep what was made of each input, in a dot-folder beside the output, for the next build."""

    _folder: Path = PrivateAttr(default=Path())
    _path: Path | None = PrivateAttr(default=None)

    @property
    def folder(self) -> Path:
        """Return the folder that relative paths are relative to: the config file's own."""
        return self._folder

    @property
    def path(self) -> Path | None:
        """Return the file the config was read from, None where it was made in Python."""
        return self._path

    @property
    def destination(self) -> Path:
        """Return the folder to build."""
        return Path(os.path.normpath(self._folder / str(self.output.path)))

    def model_post_init(self, context: Any) -> None:
        """Remember file and folder, and fill in where the output goes."""
        if self.as_of is not None:  # what a stage knows nothing else of, the config tells it
            self.__dict__["stages"] = tuple(
                stage.model_copy(update={"as_of": self.as_of})
                if getattr(stage, "as_of", self) is None
                else stage
                for stage in self.stages
            )
        said = context or {}
        self._folder, self._path = Path(said.get("folder", Path.cwd())), said.get("path")
        if self.output.path is None:
            # No validator before: it would make objects of JSON, where strictness wants tuples.
            self.__dict__["output"] = self.output.model_copy(update={"path": f"build/{self.name}"})

    @field_validator("stages")
    @classmethod
    def _split_once(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        splits = [i for i, stage in enumerate(stages) if stage.stage == "split"]
        if len(splits) > 1:
            fault = PydanticCustomError("second_split", "a second split; a document is split once")
            raise ValidationError.from_exception_data(
                "Config", [InitErrorDetails(type=fault, loc=(i,), input=None) for i in splits[1:]]
            )
        return stages

    @field_validator("stages")
    @classmethod
    def _texts_last_changed_before(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """Refuse a stage that changes texts behind a split that has looked for leaks in them."""
        looked, late = False, []
        for i, stage in enumerate(stages):
            if looked and stage.changes_text:
                late.append(i)
            looked |= stage.stage == "split" and bool(getattr(stage, "leakage_threshold", None))
        if late:
            fault = PydanticCustomError(
                "text_after_split",
                "changes texts after split has looked for leaks in them; put it before split",
            )
            raise ValidationError.from_exception_data(
                "Config", [InitErrorDetails(type=fault, loc=(i,), input=None) for i in late]
            )
        return stages

    def to_json(self) -> dict[str, Any]:
        """Return the settings, defaults filled in, as JSON; read as a file they mean the same."""
        made = self.model_dump(mode="json", by_alias=True)
        for settings, stage in zip(made["stages"], self.stages, strict=True):
            if use := used(stage):
                settings["use"] = use
        return made


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> Config:
    """Return the config in a YAML file, with overrides such as `seed=3` or `stages.split.test=0.1`.

    Raises `Mistakes`, a `ConfigError`, with the place of every mistake in it.
    """
    origin = os.fspath(path)
    text = _text(origin)
    texts = {origin: text}
    node, mistakes = read(text, origin)
    if node is None:
        says = "the file is empty; `corpus init` writes a config to start from"
        raise Mistakes([Mistake(Place(origin, 1, 1), "", says)])
    if not isinstance(node.value, dict):
        says = "a config is settings with names, `name: news`"
        raise Mistakes([Mistake(node.place, "", says)], texts)
    if "stages" not in node.value:
        stages = [Node(name, node.place) for name in _by_default(node.plain())]
        node.value["stages"] = Node(stages, node.place)
    mistakes += [found for said in overrides if (found := override(node, said))]
    file = Path(os.path.abspath(origin))  # noqa: PTH100  resolving would follow links
    folder = file.parent
    try:
        config = Config.model_validate_json(
            json.dumps(node.plain()), strict=True, context={"folder": folder, "path": file}
        )
    except ValidationError as error:
        mistakes += in_our_words(error, node, Config, folder)
    else:
        mistakes += _dangers(config, node)
    if mistakes:
        raise Mistakes(mistakes, texts)
    return config


def _text(origin: str) -> str:
    """Return the text of a file, or raise `Mistakes` that say why it cannot be had."""

    def fail(says: str, line: int = 0, column: int = 0) -> Mistakes:
        return Mistakes([Mistake(Place(origin, line, column), "", says)])

    try:
        raw = Path(origin).read_bytes()
    except FileNotFoundError:
        raise fail("no such file; `corpus init` writes a config to start from") from None
    except IsADirectoryError:
        raise fail("a folder, not a config; name the YAML file in it") from None
    except (OSError, ValueError) as error:
        raise fail(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise fail("no UTF-8 from here on; save the file as UTF-8", line, column) from None


def _dangers(config: Config, node: Node) -> list[Mistake]:
    """Return a mistake where a build would replace the folder that holds the config."""
    target = Path(os.path.abspath(config.destination))  # noqa: PTH100
    if not config.folder.is_relative_to(target):
        return []
    output = node.step("output")
    written = output.step("path") if output else None
    says = "a build replaces its folder whole, and this one holds the config; choose another"
    return [Mistake((written or node).place, "output.path", says)]


__all__ = ["Card", "Config", "ConfigError", "Output", "Source", "load_config"]
