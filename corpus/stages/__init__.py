"""Every stage that a config may name. To add one, write its file, then list it here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Union

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from corpus.errors import ConfigError, hint
from corpus.settings import LAZY
from corpus.stages.base import CorpusStage, DocumentStage, Stage, ThresholdStage
from corpus.stages.clean import Clean
from corpus.stages.containment import Containment
from corpus.stages.custom import load_stage
from corpus.stages.decontaminate import Decontaminate
from corpus.stages.deduplicate import Deduplicate
from corpus.stages.deduplicate_lines import DeduplicateLines
from corpus.stages.filter import Filter
from corpus.stages.language import Language
from corpus.stages.mix import Mix
from corpus.stages.own_mistakes import describe_error, is_own, place_of
from corpus.stages.quality import Quality
from corpus.stages.redact import Redact
from corpus.stages.site_boilerplate import SiteBoilerplate
from corpus.stages.split import Split
from corpus.stages.tokens import Tokens

STAGES: dict[str, type[Stage]] = {
    cls.model_fields["stage"].default: cls
    for cls in (
        Clean,
        SiteBoilerplate,
        Redact,
        Filter,
        Language,
        Quality,
        Deduplicate,
        DeduplicateLines,
        Containment,
        Decontaminate,
        Tokens,
        Split,
        Mix,
    )
}
"""The stages of the package, by their name in a config."""

AnyStage: Any = Annotated[Union[tuple(STAGES.values())], Field(discriminator="stage")]  # noqa: UP007
"""Any stage of the package; `stage` says which."""


RENAMED_STAGES = {"furniture": "site_boilerplate", "contained": "containment"}
"""Names of stages up to version 0.1, with their present names."""

NO_STAGE = "no_stage"
"""The error type for an unknown stage."""


class Custom(BaseModel):
    """A stage of your own, from a file beside the config or from an installed package."""

    model_config = ConfigDict(extra="allow") | LAZY

    use: str = Field(pattern=r"^[\w.]+:\w+$")
    """Module and class, such as `my_stages:DropShort`; all other keys are settings of the stage."""


def stage_class(settings: Any, folder: Path) -> type[Stage]:
    """Return the class of a stage in a config, given by `stage:`, `use:` or its bare name.

    Raises `ConfigError` if there is none.
    """
    named = settings if isinstance(settings, Mapping) else {"stage": settings}
    if "use" in named:
        if not isinstance(named["use"], str):
            raise ConfigError("must be a module and a class, 'my_stages:DropShort'")
        cls = load_stage(named["use"], folder)
        name = cls.model_fields["stage"].default
        if name in STAGES:
            raise ConfigError(
                f"{cls.__name__} is called {name!r}, like a stage of this package; rename it"
            )
        return cls
    name = named.get("stage")
    if not isinstance(name, str):
        raise ConfigError("must name a stage: `stage: clean`, or `use: module:Class`")
    if name in RENAMED_STAGES:
        raise ConfigError(f"stage {name!r} is now called {RENAMED_STAGES[name]!r}")
    if name not in STAGES:
        raise ConfigError(f"no stage {name!r}; {hint(name, STAGES)}")
    return STAGES[name]


def make_stage(settings: Any, folder: Path) -> Stage:
    """Return the stage that a config describes, by its bare name or its settings.

    Raises the errors of pydantic, each with its setting.
    """
    if isinstance(settings, Stage):
        return settings
    try:
        cls = stage_class(settings, folder)
    except ConfigError as error:
        raise PydanticCustomError(NO_STAGE, "{why}", {"why": str(error)}) from error
    named = {"stage": settings} if isinstance(settings, str) else settings
    fields = {key: value for key, value in named.items() if key != "use"}
    try:
        # As JSON: strict mode accepts a list for a tuple there, and no text for a number.
        return cls.model_validate_json(json.dumps(fields), strict=True, context={"folder": folder})
    except (ValueError, AssertionError):
        raise  # what validators raise about settings
    except (Exception, SystemExit) as error:
        if not is_own(cls):
            raise
        why = f"{place_of(cls, error)}: a validator raised {describe_error(error)}; correct it"
        raise PydanticCustomError(NO_STAGE, "{why}", {"why": why}) from error


__all__ = [
    "NO_STAGE",
    "RENAMED_STAGES",
    "STAGES",
    "AnyStage",
    "CorpusStage",
    "Custom",
    "DocumentStage",
    "Stage",
    "ThresholdStage",
    "load_stage",
    "make_stage",
    "stage_class",
]
