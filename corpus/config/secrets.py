"""Refuse the secrets in a config: the card, the manifest and the audit would publish them."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.config.mistakes import Mistake
from corpus.config.yaml_positions import Node, dotted
from corpus.credentials import HIDDEN, is_secret_name, masked, refusal

PUBLISHED = (
    "a config is published with the corpus, so it must not contain a secret; remove it, and read "
    "it from the environment"
)

Path = tuple[str | int, ...]


def hide_secrets(config: Node) -> list[Mistake]:
    """Return a mistake for each secret in a config, and put `***` in its place.

    So no other message can show it. A secret is a text with a credential, such as a URI with a
    password, or a setting with a name such as `api_key`.
    """
    return list(_hide(config, ()))


def _hide(node: Node, path: Path) -> Iterator[Mistake]:
    if isinstance(node.value, str):
        if fault := refusal(node.value):
            node.value = masked(node.value)
            yield Mistake(node.place, dotted(path), fault)
    elif isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from _hide(child, (*path, index))
    elif isinstance(node.value, dict):
        stage = node.step("stage")
        if path[:1] == ("stages",) and len(path) == 2 and stage is not None:
            path = (*path, str(stage.value))  # stages[0].containment, as people write it
        for name, child in list(node.value.items()):
            if _is_secret(path, name, child):
                node.value[name] = Node(HIDDEN, child.place)
                if path[:1] != ("stages",):  # no such setting, and that would be a second mistake
                    del node.value[name]
                yield Mistake(child.place, dotted((*path, name)), PUBLISHED)
            else:
                yield from _hide(child, (*path, name))


def _is_secret(path: Path, name: str, child: Node) -> bool:
    """Return whether a setting has the name of a secret.

    The names of columns are free, and `redact` has types that are called `api_key` and
    `url_credentials`: their options are a mapping, a secret is a text.
    """
    if "columns" in path or "constants" in path:
        return False
    if path[2:] == ("redact", "types") and isinstance(child.value, dict):
        return False
    return is_secret_name(name) and child.value not in (None, HIDDEN, "")
