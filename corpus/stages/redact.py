"""Replace personal data with a fixed form, and credentials.

    stages:
      - stage: clean
      - stage: redact
        types:
          email: {}
          ip: {replace: mask}
          phone: {regions: [DE, AT, CH]}
          national_id: {countries: [DE, FR], placeholder: "<ID>"}
        replace: placeholder

Without `types`, every type is replaced: e-mail addresses, telephone numbers, IP addresses, IBANs,
payment card numbers, national identification numbers, user names in URLs, and API keys. Names and
postal addresses have no fixed form, and are kept.

`ledger/redacted.parquet` lists what was replaced in the documents of the build: the document, the
type, where it began and how many characters it had in the text before, but never the text. Audit
and card count it by type and language.

The stage belongs after `clean`, which looks at addresses to tell boilerplate from articles, and
before `deduplicate`, so that texts that differ only in what is replaced are duplicates.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import pyarrow as pa
from pydantic import (
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    field_validator,
    model_serializer,
)

from corpus.documents import (
    AUTHOR,
    PUBLISHER,
    REDACTED,
    REDACTED_TYPE,
    RESERVED,
    TEXT,
    TITLE,
    URL,
    column,
    optional,
)
from corpus.errors import hint
from corpus.privacy.columns import redact_column
from corpus.privacy.detect import DEFAULT_REGIONS, Wanted
from corpus.privacy.kinds import TYPES, Type
from corpus.privacy.national_ids import COUNTRIES
from corpus.privacy.redact import Redacted, Rule, redact_texts
from corpus.privacy.replace import Method, check_placeholder
from corpus.privacy.values import Found
from corpus.settings import Settings
from corpus.stages.base import DocumentStage


class Options(Settings):
    """What to do with one type."""

    replace: Method | None = None
    """What replaces it; if not set, `replace` of the stage."""
    placeholder: str | None = None
    """The text of its placeholder: letters in `<>`, `[]` or `{}`; if not set, such as `<EMAIL>`."""

    @field_validator("placeholder")
    @classmethod
    def _is_plain(cls, placeholder: str | None) -> str | None:
        return placeholder if placeholder is None else check_placeholder(placeholder)


class PhoneOptions(Options):
    """What to do with telephone numbers."""

    regions: tuple[str, ...] = DEFAULT_REGIONS
    """Regions (ISO 3166, two letters) whose numbers are recognised without a country code, such as
    `030 901820`. Numbers with a country code are recognised for every country."""

    @field_validator("regions")
    @classmethod
    def _are_known(cls, regions: tuple[str, ...]) -> tuple[str, ...]:
        from corpus.privacy.phone_tables import known_regions

        return _check_codes(regions, known_regions(), "region")


class NationalIdOptions(Options):
    """What to do with national identification numbers."""

    countries: tuple[str, ...] = Field(COUNTRIES, min_length=1)
    """Countries (ISO 3166, two letters) whose numbers are recognised."""

    @field_validator("countries")
    @classmethod
    def _are_known(cls, countries: tuple[str, ...]) -> tuple[str, ...]:
        return _check_codes(countries, COUNTRIES, "country")


def _check_codes(codes: tuple[str, ...], known: Any, what: str) -> tuple[str, ...]:
    """Return the codes, sorted; raises `ValueError` if one is unknown."""
    for code in codes:
        if code not in known:
            remedy = hint(code, sorted(known)) or "use codes of ISO 3166, such as DE and GB"
            raise ValueError(f"no {what} {code!r} is known; {remedy}")
    return tuple(sorted(set(codes)))


class TypeOptions(Settings):
    """The types to look for, each with its options; `{}` for none."""

    email: Options | None = None
    """E-mail addresses."""
    phone: PhoneOptions | None = None
    """Telephone numbers."""
    ip: Options | None = None
    """IPv4 and IPv6 addresses."""
    iban: Options | None = None
    """Numbers of bank accounts (IBAN)."""
    card: Options | None = None
    """Payment card numbers."""
    national_id: NationalIdOptions | None = None
    """National identification numbers."""
    url_credentials: Options | None = None
    """User names and passwords in URLs."""
    api_key: Options | None = None
    """API keys, access tokens and private keys."""

    @model_serializer(mode="wrap")
    def _named_alone(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Return the types that are named: null for another one would be refused."""
        return {type: options for type, options in serialize(self).items() if options is not None}


Types = Annotated[
    Annotated[Annotated[tuple[Type, ...], Field(min_length=1)], Tag("names")]
    | Annotated[TypeOptions, Tag("options")],
    Discriminator(
        lambda value: "options" if isinstance(value, dict | TypeOptions) else "names",
    ),
]
"""Names of types, or types with options."""


_OUR_TEXTS = (TEXT, TITLE, AUTHOR, PUBLISHER, URL)
"""The columns of every document that can be redacted; the others identify or date it."""


class Redact(DocumentStage):
    """Replace personal data with a fixed form, and credentials."""

    adds: ClassVar[pa.Schema] = pa.schema([(REDACTED, REDACTED_TYPE)])

    stage: Literal["redact"] = "redact"

    types: Types = TYPES
    """What to look for: names, `[email, phone]`, or names with options,
    `{email: {}, phone: {regions: [DE]}}`."""
    replace: Method = "placeholder"
    """`placeholder` writes `<EMAIL>`; `mask` writes `*` for each letter and digit; `surrogate`
    writes a fake value of the same type, equal for equal values; `keep` only lists and counts."""
    columns: tuple[str, ...] = (TEXT, TITLE, AUTHOR)
    """Columns in which to look, also within lists and objects. A number is searched as its text. A
    missing column is skipped; the build reports columns of the sources that no document has."""

    @field_validator("columns")
    @classmethod
    def _can_be_redacted(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        for name in columns:
            if name in RESERVED and name not in _OUR_TEXTS:
                raise ValueError(
                    f"{name} cannot be redacted; list columns of the sources, or some of "
                    f"{', '.join(_OUR_TEXTS)}"
                )
        return columns

    @field_validator("types")
    @classmethod
    def _has_a_type(cls, types: Any) -> Any:
        if not isinstance(types, TypeOptions):
            return types
        if not types.model_fields_set:
            raise ValueError("names no type: list at least one")
        for name in TYPES:
            if name in types.model_fields_set and getattr(types, name) is None:
                raise ValueError(f"{name} has no options: write `{name}: {{}}`, or leave it out")
        return types

    def named_columns(self) -> tuple[str, ...]:
        """Return the columns of the sources in which to look."""
        return tuple(name for name in self.columns if name not in RESERVED)

    def kernels(self) -> None:
        """Compile the kernel, and load the tables that the checks need."""
        self.redact_texts(
            pa.array(["+49 30 901820, 078-05-1121, ada@example.org"], pa.large_string())
        )

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents with replaced values, and a list of them in `_redacted`."""
        spans: dict[int, list[dict[str, Any]]] = {}
        for name in self.columns:
            documents, found = redact_column(documents, name, self.redact_texts)
            for row, places in found.items():
                spans.setdefault(row, []).extend(self._spans(places))
        earlier = optional(documents, REDACTED, REDACTED_TYPE)
        if spans and earlier.null_count < len(earlier):
            rows = earlier.to_pylist()
            lists = [[*(rows[i] or ()), *spans.get(i, ())] or None for i in range(len(rows))]
            return column(documents, REDACTED, lists, REDACTED_TYPE)
        if spans:
            earlier = pa.array([spans.get(i) for i in range(len(earlier))], REDACTED_TYPE)
        return column(documents, REDACTED, earlier, REDACTED_TYPE)

    def redact_texts(self, texts: pa.Array) -> dict[int, Redacted]:
        """Return the new text, and what was found, of each text with personal data, by row."""
        return redact_texts(texts, self._wanted(), self._rules())

    def _options(self) -> dict[Type, Options]:
        """Return the types to look for, with their options."""
        if not isinstance(self.types, TypeOptions):
            return {type: _DEFAULT_OPTIONS.get(type, Options()) for type in self.types}
        named = {type: getattr(self.types, type) for type in TYPES}
        return {type: options for type, options in named.items() if options is not None}

    def _rules(self) -> dict[Type, Rule]:
        """Return what to do with each type."""
        return {
            type: Rule(options.replace or self.replace, options.placeholder)
            for type, options in self._options().items()
        }

    def _wanted(self) -> Wanted:
        options = self._options()
        phone, national_id = options.get("phone"), options.get("national_id")
        return Wanted(
            tuple(options),
            phone.regions if isinstance(phone, PhoneOptions) else (),
            national_id.countries if isinstance(national_id, NationalIdOptions) else (),
            tuple(type for type, rule in self._rules().items() if rule.method == "keep"),
        )

    def _spans(self, places: list[Found]) -> list[dict[str, Any]]:
        """Return the rows of the ledger of what was found in a column of one document."""
        rules = self._rules()
        return [
            {
                "column": place.path,
                "type": type,
                "begin": begin,
                "characters": end - begin,
                "replaced_by": rules[type].method,  # type: ignore[index]
            }
            for place in places
            for type, begin, end in place.matches
        ]


_DEFAULT_OPTIONS: dict[Type, Options] = {
    "phone": PhoneOptions(),
    "national_id": NationalIdOptions(),
}
