"""Call remote file systems, so that every failure is a message within seconds.

pyarrow's S3 and Google clients wait in C, where neither a signal nor a time limit of Python
reaches them. So each call has the time limits of the client, and runs in a thread that is left
behind if it takes longer than all its tries together.

    no network, no such host, refused, no answer, the server fails    EnvironmentFault (exit 4)
    no such bucket, no access                                         InputError (exit 3)
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlencode

from pydantic import Field

from corpus.errors import CorpusError, EnvironmentFault, InputError
from corpus.left_behind import LEFT_BEHIND
from corpus.settings import Settings
from corpus.sources.files.passing_faults import PassingFault

R = TypeVar("R")

_OPTION = "corpus_"
"""The prefix of our own options in the query of a URI, which no file system sees."""

_MAX_DETAIL = 300

_REFUSED = (
    r"ACCESS_DENIED|access denied|\b403\b|\b401\b|Forbidden|Unauthorized|Permission denied"
    r"|INVALID_ACCESS_KEY|SIGNATURE_DOES_NOT_MATCH|InvalidAccessKeyId|credential"
)
_MISSING = r"NO_SUCH_BUCKET|NoSuchBucket|\b404\b|RESOURCE_NOT_FOUND|does not exist|NotFound"


class Remote(Settings):
    """How long to wait for a remote file system."""

    timeout: float = Field(10, gt=0, le=3600)
    """Maximum number of seconds to wait for a connection, and for each answer."""

    retries: int = Field(2, ge=0, le=100)
    """How often a request that fails is sent again."""

    @property
    def seconds(self) -> float:
        """The maximum number of seconds for one call, with all its tries."""
        return self.timeout * (self.retries + 1) + 1


class Address(NamedTuple):
    """A URI without our own options, and what they say."""

    uri: str
    remote: Remote


def with_options(uri: str, remote: Remote) -> str:
    """Return a URI that carries these settings in its query; the default settings are left out."""
    options = remote.model_dump(exclude_defaults=True)
    if not options:
        return uri
    query = urlencode({_OPTION + name: value for name, value in options.items()})
    return f"{uri}{'&' if '?' in uri else '?'}{query}"


def address_of(uri: str) -> Address:
    """Return a URI that may carry settings as one without them, and the settings."""
    base, mark, query = uri.partition("?")
    if _OPTION not in query:
        return Address(uri, Remote())
    parts = query.split("&")
    others = "&".join(part for part in parts if not part.startswith(_OPTION))
    own = dict(parse_qsl("&".join(part for part in parts if part.startswith(_OPTION))))
    settings = {name.removeprefix(_OPTION): value for name, value in own.items()}
    return Address(f"{base}{mark if others else ''}{others}", Remote.model_validate(settings))


def call_remote(function: Callable[[], R], uri: str, *, reads: bool = False) -> R:
    """Return the result of a call to a remote file system; raises a fault with the URI if it fails.

    The call runs in a thread that is left behind if it takes too long. A call that `reads` a file
    has no arguments that may be wrong, so whatever it raises is a fault of the network.
    """
    address = address_of(uri)
    results: list[R] = []
    errors: list[BaseException] = []

    def call() -> None:
        try:
            results.append(function())
        except BaseException as error:  # noqa: BLE001  raised again by the caller
            errors.append(error)

    thread = threading.Thread(target=call, name=LEFT_BEHIND, daemon=True)
    thread.start()
    thread.join(address.remote.seconds)
    if results:
        return results[0]
    if not errors:
        raise EnvironmentFault(
            f"{shown(address.uri)}: no answer within {address.remote.seconds:.0f} s; check the "
            "network, or set a longer `remote: {timeout: ...}` for the source"
        )
    raise _named(errors[0], address.uri, reads=reads)


def _named(error: BaseException, uri: str, *, reads: bool) -> BaseException:
    """Return the error of a remote file system as the error that a user sees.

    Not every file system raises `OSError`: an answer that is cut short may be any exception.
    """
    if isinstance(error, CorpusError | MemoryError | ImportError):
        return error
    if not isinstance(error, Exception) or (isinstance(error, ValueError) and not reads):
        return error
    detail = " ".join(str(error).split())[:_MAX_DETAIL]
    place = shown(uri)
    if isinstance(error, FileNotFoundError) or re.search(_MISSING, detail):
        return InputError(f"{place}: not found ({detail}); check the name of bucket and file")
    if isinstance(error, PermissionError) or re.search(_REFUSED, detail, re.IGNORECASE):
        return InputError(f"{place}: no access ({detail}); check your credentials for this bucket")
    return PassingFault(
        f"{place}: the server cannot be reached, or fails ({detail}); check the network and try "
        "again: the build continues where it stopped"
    )


def shown(uri: str) -> str:
    """Return a URI without its query and without the password in it."""
    return re.sub(r"://[^/@]*@", "://", uri.partition("?")[0])


class RemoteFile(io.RawIOBase):
    """A file of a remote file system: reads bytes at any position.

    A failure while it is read is a fault of the network, not damage of the file.
    """

    def __init__(self, open_file: Callable[[], Any], uri: str) -> None:
        super().__init__()
        self._uri = uri
        self._file = call_remote(open_file, uri)

    def readable(self) -> bool:
        """Return that the file can be read."""
        return True

    def seekable(self) -> bool:
        """Return that the position can be changed."""
        return True

    def tell(self) -> int:
        """Return the position in bytes."""
        return int(self._file.tell())

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Change the position, and return it."""
        return int(call_remote(lambda: self._file.seek(offset, whence), self._uri, reads=True))

    def size(self) -> int:
        """Return the size in bytes."""
        return int(call_remote(self._file.size, self._uri, reads=True))

    def read(self, size: int | None = -1) -> bytes:
        """Return that many bytes, fewer only at the end of the file; all with -1."""
        n = None if size is None or size < 0 else size
        return bytes(call_remote(lambda: self._file.read(n), self._uri, reads=True))

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer, and return the number of bytes."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file."""
        if not self.closed and hasattr(self, "_file"):
            self._file.close()
        super().close()


def open_filesystem(root: str) -> tuple[Any, str]:
    """Return the file system of a URI, with its time limits, and the path in it."""
    from pyarrow import fs

    uri, remote = address_of(root)
    scheme = uri.partition("://")[0]
    if scheme == "s3" and "region=" not in uri and "endpoint_override=" not in uri:
        uri = _with_region(uri)
    try:
        system, path = fs.FileSystem.from_uri(uri)
    except ValueError as error:
        if "Unrecognized filesystem type" not in str(error):
            raise
        raise InputError(
            f"{shown(uri)}: {scheme}:// is not a file system; download the files, or use s3://, "
            "gs:// or hf://datasets/"
        ) from None
    if scheme == "s3":
        limits: dict[str, Any] = {
            "connect_timeout": remote.timeout,
            "request_timeout": remote.timeout,
            "retry_strategy": fs.AwsStandardS3RetryStrategy(max_attempts=remote.retries + 1),
        }
        return fs.S3FileSystem(**(_options(system) | limits)), path
    if scheme in ("gs", "gcs"):
        from datetime import timedelta

        limits = {"retry_time_limit": timedelta(seconds=remote.seconds - 1)}
        return fs.GcsFileSystem(**(_options(system) | limits)), path
    return system, path


def _options(system: Any) -> dict[str, Any]:
    """Return the options of a pyarrow file system: the arguments that make it again."""
    return {name: value for name, value in system.__reduce__()[1][0].items() if value != ""}


def _with_region(uri: str) -> str:
    """Return the URI of an S3 bucket with its region, which the environment or Amazon knows."""
    import os

    from pyarrow import fs

    bucket = shown(uri).partition("://")[2].partition("/")[0]
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    region = region or fs.resolve_s3_region(bucket)
    return f"{uri}{'&' if '?' in uri else '?'}region={region}"
