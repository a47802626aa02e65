"""No command shows a credential on the terminal, whatever it is given."""

from __future__ import annotations

import pytest

SECRET = "CANARY9secret"
URI = f"s3://KEY:{SECRET}@bucket/news"


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", URI),
        ("build", f"{URI}/c.yaml"),
        ("build", URI, "--limit", "3"),
        ("build", "c.yaml", "--set", f"sources.0.path={URI}"),
        ("build", "c.yaml", "--set", f"sources.0.token_secret={SECRET}"),
        ("build", "c.yaml", URI),
        ("check", URI),
        ("check", "c.yaml", "--set", f"card.homepage=https://u:{SECRET}@host.example"),
        ("init", "--from", URI, "project"),
        ("verify", URI),
        ("verify", "c.yaml", "--inputs", URI),
        ("audit", URI),
        ("audit", "c.yaml", "--tokenizer", URI),
        ("explain", URI, "1"),
        ("diff", URI, URI),
        (URI,),
        ("build", f"--{URI}"),
        ("build", "-v", URI),
    ],
)
def test_no_command_shows_a_credential(run, tmp_path, monkeypatch, arguments):
    """The command stops with a usage or config error, which has `***` in its place."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.yaml").write_text("name: c\nsources: [{path: in}]\n")
    code, out, err = run(*arguments)

    assert code in (2, 3, 4), err
    assert SECRET not in out + err
    assert [path.name for path in tmp_path.iterdir()] == ["c.yaml"]
