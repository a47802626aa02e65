"""Load a dataset of the Hugging Face Hub: from the cache of `datasets`, else from the network.

A cached dataset never uses the network. `HF_HUB_OFFLINE=1` forbids it for others, too. Before a
download, one request asks the Hub for the dataset and its revision, so that every fault is a
message within seconds.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from corpus.errors import CorpusError, EnvironmentFault, InputError
from corpus.sources.files.remote import Remote
from corpus.sources.files.streams import describe_error

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?", re.ASCII)
"""The name of a dataset of the Hub."""

_REFUSED_STATUS = (401, 403)
_MISSING_STATUS = (404, 410)
_SERVER_FAILS = 500
_UNREACHABLE = {"TransportError", "ConnectionError", "TimeoutError", "TimeoutException"}
"""Classes of errors of the network, in any of the libraries that may be used."""


def load_splits(name: str, subset: str | None, *, remote: Remote, download: bool) -> dict[str, Any]:
    """Return the splits of a dataset; raises InputError or EnvironmentFault if it is not there.

    Without `download`, only the cache is searched.
    """
    _check_name(name)
    from datasets import config

    offline = bool(config.HF_HUB_OFFLINE)
    with _quiet():
        try:
            return _load_cached(name, subset)
        except Exception as error:  # noqa: BLE001  `datasets` raises many types
            if offline or not download:
                raise InputError(_not_cached(name, subset, error, offline=offline)) from None
        try:
            return _download(name, subset, remote)
        except Exception as error:  # noqa: BLE001
            raise _named(error, name) from None


def _check_name(name: str) -> None:
    """Raise `InputError` if `datasets` would load something else than a dataset of the Hub.

    It takes a name for a folder of the working directory, if there is one, and then opens every
    address that the README in it names. Some names mean a format, and load the working directory.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{name}: no such folder, and not the name of a dataset, OWNER/NAME")
    if os.path.lexists(name):
        raise InputError(
            f"{name}: no such folder beside the config, but there is one in {os.getcwd()!r}; write "  # noqa: PTH109
            "its path relative to the config, or run the command in another folder"
        )
    from datasets import packaged_modules

    formats = getattr(packaged_modules, "_PACKAGED_DATASETS_MODULES", {})
    if name in formats:
        raise InputError(f"{name}: no such folder, and the name of a format, not of a dataset")


def _load_cached(name: str, subset: str | None) -> dict[str, Any]:
    import datasets
    from datasets import config

    was_offline = config.HF_HUB_OFFLINE
    config.HF_HUB_OFFLINE = True
    try:
        local_only = datasets.DownloadConfig(local_files_only=True)
        return dict(datasets.load_dataset(name, subset, download_config=local_only))
    finally:
        config.HF_HUB_OFFLINE = was_offline


def _download(name: str, subset: str | None, remote: Remote) -> dict[str, Any]:
    """Download a dataset in its present revision; no code of it is run."""
    import datasets
    from huggingface_hub import HfApi

    info = HfApi().dataset_info(name, timeout=remote.timeout)
    _refuse_other_addresses(name, info.card_data)
    revision = info.sha
    settings = datasets.DownloadConfig(max_retries=remote.retries)
    return dict(datasets.load_dataset(name, subset, revision=revision, download_config=settings))


def _refuse_other_addresses(name: str, card: Any) -> None:
    """Raise `InputError` if the card of a dataset names files at other addresses than its own."""
    values: list[Any] = [getattr(card, "configs", None)]
    while values:
        value = values.pop()
        if isinstance(value, dict | list):
            values += value.values() if isinstance(value, dict) else value
        elif isinstance(value, str) and "://" in value:
            raise InputError(
                f"hf://datasets/{name}: its card names files elsewhere ({value[:200]!r}), and no "
                "address that a dataset names is opened; download these files yourself"
            )


def _not_cached(name: str, subset: str | None, error: Exception, *, offline: bool) -> str:
    """Return that a dataset is not in the cache, and how to get it there."""
    why = f"{name}: this dataset is not in the local cache ({describe_error(error)})"
    call = f"datasets.load_dataset({name!r}{f', {subset!r}' if subset else ''})"
    if offline:
        return f"{why}, and HF_HUB_OFFLINE forbids the network; unset it, or load it before: {call}"
    return f"{why}; write hf://datasets/{name} to download it, or load it once: {call}"


def _named(error: Exception, name: str) -> Exception:
    """Return an error of the Hub, or of the way to it, as the error that a user sees."""
    causes = list(_causes(error))
    names = {cls.__name__ for cause in causes for cls in type(cause).__mro__}
    status = next((code for cause in causes if (code := _status(cause))), 0)
    detail = describe_error(error if status else causes[-1])
    place = f"hf://datasets/{name}"
    if any(isinstance(cause, CorpusError) for cause in causes):
        return error
    if "GatedRepoError" in names or status in _REFUSED_STATUS or "gated dataset" in str(error):
        return InputError(
            f"{place}: no such dataset, or no access; check the name. For a private or gated "
            "dataset, accept its conditions on its page and log in: `hf auth login`"
        )
    if status in _MISSING_STATUS or names & {"RepositoryNotFoundError", "DatasetNotFoundError"}:
        return InputError(f"{place}: no such dataset on the Hub; check owner and name")
    if status >= _SERVER_FAILS or names & _UNREACHABLE:
        return EnvironmentFault(
            f"{place}: the Hub cannot be reached, or fails ({detail}); check the network and try "
            "again, or use a copy on this machine"
        )
    if isinstance(error, OSError) and error.errno:
        return error  # the disk, or a permission
    return InputError(f"{place}: this dataset cannot be loaded ({describe_error(error)})")


def _causes(error: BaseException | None) -> Iterator[Exception]:
    """Yield an error, what caused it, and so on."""
    while isinstance(error, Exception):
        yield error
        error = error.__cause__ or error.__context__


def _status(error: BaseException) -> int:
    """Return the status of the Hub's answer, 0 if there is none."""
    status = getattr(getattr(error, "response", None), "status_code", 0)
    return status if isinstance(status, int) else 0


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the messages of the libraries; on a terminal, downloads show their progress."""
    from datasets import disable_progress_bars, enable_progress_bars
    from datasets.utils import are_progress_bars_disabled
    from datasets.utils import logging as datasets_logging
    from huggingface_hub.utils import logging as hub_logging

    verbosity, hub_verbosity = datasets_logging.get_verbosity(), hub_logging.get_verbosity()
    hides_bars = not sys.stderr.isatty() and not are_progress_bars_disabled()
    datasets_logging.set_verbosity_error()
    hub_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    if hides_bars:
        disable_progress_bars()
    try:
        yield
    finally:
        datasets_logging.set_verbosity(verbosity)
        hub_logging.set_verbosity(hub_verbosity)
        if hides_bars:
            enable_progress_bars()
