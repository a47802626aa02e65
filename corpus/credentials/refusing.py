"""Refuse texts that contain credentials, and show texts without them."""

from __future__ import annotations

from corpus.credentials.forms import HIDDEN, find_credentials
from corpus.errors import ConfigError

_REMEDIES = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or AWS_PROFILE",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS in the environment",
    "hf": "log in with `hf auth login`, or set HF_TOKEN in the environment",
}
_ALIASES = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}
_OTHER_REMEDY = "give it in the environment, or in a profile of the storage's own client"


def credential_in(text: str) -> str:
    """Return what kind of credential a text contains, in words; "" if it contains none."""
    return next((credential.what for credential in find_credentials(text)), "")


def masked(text: str) -> str:
    """Return a text with `***` in place of each credential; other texts unchanged."""
    shown, done = [], 0
    for begin, end, _ in sorted(find_credentials(text)):
        if begin >= done:  # not inside of the one before
            shown += [text[done:begin], HIDDEN]
        done = max(done, end)
    return "".join([*shown, text[done:]])


def refusal(text: str) -> str:
    """Return why a path or setting is refused, with the remedy; "" if it has no credential."""
    what = credential_in(text)
    if not what:
        return ""
    scheme = text.partition(":")[0].strip().lower()
    remedy = _REMEDIES.get(_ALIASES.get(scheme, scheme), _OTHER_REMEDY)
    return f"contains {what}, which would be published with the corpus; remove it, and {remedy}"


def refuse_credentials(path: str) -> None:
    """Raise `ConfigError` if a path contains a credential; the message does not show it."""
    if fault := refusal(path):
        raise ConfigError(f"{masked(path)}: {fault}")
