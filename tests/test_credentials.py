"""Credentials in paths and settings are recognised, and never shown."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.credentials import credential_in, is_secret_name, masked, refuse_credentials
from corpus.errors import ConfigError

SECRET = "CANARY9secret"


@pytest.mark.parametrize(
    "path",
    [
        "s3://KEY:{}@bucket/news/*.jsonl",
        "S3://KEY:{}@bucket",
        "s3a://KEY:{}@bucket/x",
        "s3:/KEY:{}@bucket/x",  # a slash is missing
        "s3://KEY:{}",  # the bucket is missing
        "s3://KEY:ab/{}+c=@bucket/x",  # a secret with a slash, as written by people
        "s3://KEY:12/{}@bucket/x",
        "s3://{}@bucket/x",
        "https://user:{}@host.example/a.jsonl",
        "https://{}@host.example/a.jsonl",
        "ftp://user:{}@host.example/a.jsonl",
        "abfs://:{}@account.dfs.core.windows.net/x",
        "hdfs://user:{}@host:8020/x",
        "hf://{}@datasets/owner/name",
        "s3://bucket/x?access_key=a&secret_key={}",
        "s3://bucket/x?region=eu&session_token={}",
        "s3://bucket/x?X-Amz-Signature={}",
        "s3://bucket/x?x%2Damz%2Dsecurity%2Dtoken={}",
        "s3://bucket/x?endpoint_override=http://u:{}@host",
        "s3://bucket/x?endpoint_override=http%3A%2F%2Fu%3A{}%40host",
        "https://account.blob.core.windows.net/c/x?sv=2024&sig={}",
        "https://api.example/x?apiKey={}",
        "https://api.example/x#access_token={}",
        "a mirror of s3://KEY:{}@bucket, see there",
    ],
)
def test_a_credential_is_refused_and_not_shown(path):
    """The message of a refused path has `***` in place of the credential, and a remedy."""
    with pytest.raises(
        ConfigError, match=r"\*\*\*.*: contains .* published .*; remove it"
    ) as error:
        refuse_credentials(path.format(SECRET))
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    "path",
    [
        "s3://bucket/news/*.jsonl?endpoint_override=127.0.0.1:9000&scheme=http&region=us-east-1",
        "gs://anonymous@bucket/x",  # public data, without an account
        "abfs://container@account.dfs.core.windows.net/x",
        "hdfs://user@host:8020/x",
        "hf://datasets/owner/name@main",
        "http://host:8080/@user/x",
        "http://[::1]:8080/x",
        "file:///C:/x",
        "s3://bucket/a:b@c",
        "data/index.html?token=7",  # the name of a saved page
        "https://a.example/?page=2&tokenizer=x&max_tokens=9&keyword=y",
        "data/hf_models/x",
        "editor@a.example",
    ],
)
def test_other_paths_are_not_refused(path):
    """A path without a credential is accepted, and shown unchanged."""
    refuse_credentials(path)
    assert masked(path) == path


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("s3a://K:S@b", "AWS_PROFILE"),
        ("gs://K:S@b", "GOOGLE_APPLICATION_CREDENTIALS"),
        ("hf://K@datasets/a", "hf auth login"),
    ],
)
def test_the_remedy_is_that_of_the_storage(path, remedy):
    """The message says where the client of this storage looks for credentials."""
    with pytest.raises(ConfigError, match=remedy):
        refuse_credentials(path)


@pytest.mark.parametrize("token", ["AKIA" + "Q7" * 8, "hf_" + "aB3" * 11, "ghp_" + "x9" * 18])
def test_an_access_token_is_recognised_by_its_form(token):
    """A token is a credential wherever it stands."""
    assert credential_in(f"https://host.example/{token}/x") == "an access token"
    assert token not in masked(f"by {token}.")


@given(st.text(max_size=60), st.text("abc:/?#@&=s3KEY*[].% ", max_size=60))
def test_what_is_masked_has_no_credential_left(before, text):
    """Masking leaves no credential, and masking again changes nothing."""
    shown = masked(before + "s3://" + text)
    assert credential_in(shown) == ""
    assert masked(shown) == shown


@pytest.mark.parametrize("unit", ["a", "s3:/", "s3://a:", "?a=", "://@", "AKIA", "&secret="])
def test_masking_takes_linear_time(unit):
    """Four times the text takes at most about four times the time."""

    def seconds(n: int) -> float:
        text = unit * n
        start = time.process_time()
        masked(text)
        return time.process_time() - start

    assert (
        min(seconds(40_000) for _ in range(3)) < 6 * min(seconds(10_000) for _ in range(3)) + 0.02
    )


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [("api_key", True), ("aws_secret_access_key", True), ("storage_options", True),
     ("hf_token", True), ("token", False), ("mask_token", False), ("key", False)],
)  # fmt: skip
def test_names_of_settings_that_hold_secrets(name, is_secret):
    """Only names that can mean nothing else are secret: a `mask_token` is a word."""
    assert is_secret_name(name) is is_secret
