"""A config with a secret is refused, wherever the secret is, and no message shows it."""

from __future__ import annotations

import pytest

import corpus
from corpus.config.load import load_config
from corpus.config.mistakes import Mistakes
from corpus.config.model import Config
from corpus.errors import ConfigError
from corpus.sources.settings import Source

SECRET = "CANARY9secret"
URI = f"s3://KEY:{SECRET}@bucket/news"


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        (f"sources: [{{path: '{URI}'}}]", "c.yaml:2:18: sources[0].path: contains a user name"),
        (
            f"sources: [{{path: in, storage_options: {{key: a, secret: {SECRET}}}}}]",
            "sources[0].storage_options: a config is published",
        ),
        (
            f"sources: [{{path: in, aws_secret_access_key: {SECRET}}}]",
            "sources[0].aws_secret_access_key: a config is published",
        ),
        (f"sources: [{{path: in, constants: {{from: '{URI}'}}}}]", "sources[0].constants.from"),
        (f"sources: [{{path: in, constants: {{'{URI}': x}}}}]", "contains a user name"),
        (f"sources: [in, '{URI}']", "sources[1]: contains a user name"),
        (
            f"sources: [{{path: in}}]\nstages: [{{stage: containment, against: '{URI}'}}]",
            "stages[0].containment.against: contains a user name",
        ),
        (
            f"sources: [{{path: in}}]\nstages: [{{use: 'mine:Mine', api_key: {SECRET}}}]",
            "api_key: a config is published",
        ),
        (f"sources: [{{path: in}}]\noutput: {{path: '{URI}'}}", "output.path: contains"),
        (
            f"sources: [{{path: in}}]\ncard: {{homepage: 'https://u:{SECRET}@host.example'}}",
            "card.homepage: contains",
        ),
        (f"sources: [{{path: in}}]\ncard: {{pretty_name: 'from {URI}'}}", "card.pretty_name"),
    ],
)
def test_a_secret_in_a_file_is_a_mistake_with_its_place(tmp_path, settings, place):
    """The mistake names file, line and setting; neither it nor the line with a caret shows it."""
    (tmp_path / "c.yaml").write_text(f"name: c\n{settings}\n")
    with pytest.raises(ConfigError) as error:
        load_config(tmp_path / "c.yaml")

    shown = str(error.value)
    if isinstance(error.value, Mistakes):
        shown += error.value.with_carets()
    assert place in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    "override",
    [
        f"sources.0.path={URI}",
        f"sources.0.storage_options={{secret: {SECRET}}}",
        f"sources.0.secret_key={SECRET}",
        f"sources.0.path=s3://bucket?secret_key={SECRET}",
        f"nothing.0.path={URI}",
        f"{URI}",
    ],
)
def test_a_secret_in_an_override_is_not_shown(override):
    """The place of a mistake in an override is the option, without the secret."""
    with pytest.raises(Mistakes, match="--set") as error:
        load_config({"name": "c", "sources": [{"path": "in"}]}, [override])
    assert SECRET not in error.value.with_carets()


@pytest.mark.parametrize(
    "other", ["", "sources: {", "nam: x", "name: c\nname: d", "seed: \x01", f"x: [{URI}"]
)
def test_other_mistakes_do_not_show_the_line_of_a_secret(tmp_path, other):
    """A line with a secret is not quoted, whatever the mistake is."""
    (tmp_path / "c.yaml").write_text(f"sources: [{{path: '{URI}', formt: x}}]\n{other}\n")
    with pytest.raises(Mistakes) as error:
        load_config(tmp_path / "c.yaml")
    assert SECRET not in error.value.with_carets()


@pytest.mark.parametrize(
    "call",
    [
        lambda uri: Source(path=uri),
        lambda uri: Config(name="c", sources=(Source(path="in"),), card={"homepage": uri}),
        lambda uri: corpus.load_config({"name": "c", "sources": [{"path": uri}]}),
        lambda uri: corpus.load_config(f"{uri}/c.yaml"),
        corpus.guess_config,
        corpus.check,
        corpus.build,
        corpus.audit,
        corpus.verify,
        lambda uri: corpus.explain(uri, "1"),
        lambda uri: corpus.diff(uri, uri),
        lambda uri: corpus.init("project", uri),
    ],
)
def test_every_function_refuses_a_uri_with_credentials(call, tmp_path, monkeypatch):
    """From Python, the error is a `ConfigError` that does not show them."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as error:
        call(URI)
    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None


def test_columns_and_constants_may_have_any_name():
    """The name of a column is not a secret: only what a setting is called tells that it is one."""
    source = {"path": "in", "columns": {"text": "password"}, "constants": {"secret": "Ministry"}}
    assert load_config({"name": "c", "sources": [source]}).sources[0].constants


@pytest.mark.parametrize("name", ["api_key", "url_credentials"])
@pytest.mark.parametrize("options", ["{}", "{replace: mask}"])
def test_a_type_of_redact_is_no_secret(tmp_path, name, options):
    """`redact` looks for keys under names that secrets have: the options of a type are settings."""
    types = f"{{{name}: {options}}}"
    (tmp_path / "c.yaml").write_text(
        f"name: c\nsources: [{{path: in}}]\nstages: [{{stage: redact, types: {types}}}]\n"
    )
    (stage,) = load_config(tmp_path / "c.yaml").stages
    assert name in stage.model_dump()["types"]


@pytest.mark.parametrize(
    "stage",
    [
        f"{{stage: redact, types: {{api_key: {SECRET}}}}}",
        f"{{stage: redact, types: {{api_key: {{api_key: {SECRET}}}}}}}",
        f"{{stage: redact, types: {{api_key: {{placeholder: '{URI}'}}}}}}",
        f"{{stage: redact, api_key: {{value: {SECRET}}}}}",
        f"{{use: 'mine:Mine', types: {{api_key: {{value: {SECRET}}}}}}}",
    ],
)
def test_a_secret_beside_the_types_of_redact_is_refused(tmp_path, stage):
    """Only a mapping that is the options of a type is accepted; what stands in it is looked at."""
    (tmp_path / "c.yaml").write_text(f"name: c\nsources: [{{path: in}}]\nstages: [{stage}]\n")
    with pytest.raises(Mistakes, match="published with the corpus") as error:
        load_config(tmp_path / "c.yaml")
    assert SECRET not in error.value.with_carets()
