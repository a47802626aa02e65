"""Every failure of a remote file system is a message within seconds."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import ValidationError

from corpus.errors import CorpusError, EnvironmentFault, InputError
from corpus.sources import File, Source, find_files, parquet
from corpus.sources.files.filesystems import open_file
from corpus.sources.files.remote import Remote, RemoteFile, address_of, call_remote, with_options

QUICK = Remote(timeout=1, retries=0)


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    """Keep the client from looking for credentials on a network."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def refusing() -> str:
    """Return an address that refuses connections."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def silent() -> Iterator[str]:
    """Return an address that accepts connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def answering() -> Iterator[tuple[str, list[int]]]:
    """Return the address of a server that answers every request with the status in a list."""
    status = [200]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status[0])
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815  names of `http.server`

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", status
        server.shutdown()


def find_remote(uri: str) -> CorpusError:
    """Return the error of listing the files of a remote source; it must come within seconds."""
    began = time.monotonic()
    with pytest.raises(CorpusError) as caught:
        find_files(Source(path=uri, remote=QUICK), None)
    assert time.monotonic() - began < 10
    assert "corpus_" not in str(caught.value)
    return caught.value


def s3(address: str, path: str = "news/*.jsonl") -> str:
    """Return the URI of a bucket on a server."""
    return f"s3://{path}?endpoint_override={address}&scheme=http&region=us-east-1"


def gs(address: str) -> str:
    """Return the URI of a Google bucket on a server."""
    return f"gs://anonymous@news/*.jsonl?endpoint_override={address}&scheme=http"


@pytest.mark.parametrize("uri_on", [s3, gs])
def test_a_server_that_refuses_is_a_fault_of_the_environment(refusing, uri_on):
    """A refused connection is exit 4, with the bucket and what to do."""
    error = find_remote(uri_on(refusing))
    assert isinstance(error, EnvironmentFault)
    assert "news" in str(error)
    assert "check the network" in str(error)


@pytest.mark.parametrize("uri_on", [s3, gs])
def test_a_server_that_never_answers_is_a_fault_of_the_environment(silent, uri_on):
    """A black hole is exit 4 after the time limit, and the message names the setting."""
    error = find_remote(uri_on(silent))
    assert isinstance(error, EnvironmentFault)


def test_a_name_that_does_not_resolve_is_a_fault_of_the_environment():
    """Without DNS, the message is exit 4."""
    assert isinstance(find_remote(s3("no-such-host.invalid")), EnvironmentFault)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (403, InputError, "no access"),
        (404, InputError, "not found|no such file"),
        (500, EnvironmentFault, "cannot be reached, or fails"),
        (503, EnvironmentFault, "cannot be reached, or fails"),
    ],
)
def test_the_status_of_a_server_decides_whose_fault_it_is(answering, status, kind, words):
    """No access and not found are exit 3; a server that fails is exit 4."""
    import re

    address, current = answering
    current[0] = status
    error = find_remote(s3(address))
    assert isinstance(error, kind), error
    assert re.search(words, str(error)), error


@pytest.mark.parametrize("uri", ["https://wire.example/a.jsonl", "ftp://wire.example/*.csv"])
def test_an_address_that_is_not_a_file_system_is_an_error(uri):
    """A web address is exit 3, and the message says what can be read."""
    with pytest.raises(InputError, match=r"is not a file system; download .* s3://"):
        find_files(Source(path=uri), None)


def test_a_call_that_takes_too_long_is_left_behind():
    """The time limit is kept although the call goes on, and the message names the setting."""
    uri = with_options("s3://news/a", Remote(timeout=0.05, retries=0))
    forever = threading.Event()
    began = time.monotonic()
    with pytest.raises(EnvironmentFault, match=r"s3://news/a: no answer .*`remote: \{timeout"):
        call_remote(forever.wait, uri)
    assert time.monotonic() - began < 5
    forever.set()


def test_options_travel_in_the_uri_and_do_not_show():
    """The settings of a source reach the workers in the query of its files' URIs."""
    remote = Remote(timeout=2.5, retries=7)
    for uri in ("s3://b/a.jsonl", "s3://b/a.jsonl?region=x&scheme=http"):
        assert address_of(with_options(uri, remote)) == (uri, remote)
        assert with_options(uri, Remote()) == uri
        assert address_of(uri) == (uri, Remote())


@pytest.mark.parametrize("wrong", [{"timeout": 0}, {"retries": -1}, {"patience": 3}])
def test_wrong_remote_settings_are_mistakes(wrong):
    """A time limit is positive, a number of retries is not negative, other names are unknown."""
    with pytest.raises(ValidationError):
        Remote(**wrong)


def test_a_remote_file_reads_at_any_position(tmp_path):
    """A file by its URI behaves like a local file."""
    (tmp_path / "a").write_bytes(b"0123456789")
    with open_file(f"file://{tmp_path}/a") as file:
        assert (file.read(3), file.tell(), file.seek(-2, 2), file.read()) == (b"012", 3, 8, b"89")
        assert file.seek(1) == 1
        assert file.readline() == b"123456789"
        assert (file.readable(), file.seekable(), file.size()) == (True, True, 10)
    with pytest.raises(InputError, match="not found"):
        open_file(f"file://{tmp_path}/b")


def test_a_connection_that_breaks_is_not_damage_of_the_file(monkeypatch):
    """A failure in the middle of a file stops the build; it is no reject."""
    from corpus.sources.files.streams import Stream

    uri = "s3://news/a.jsonl"

    class Broken:
        position = 0

        def size(self) -> int:
            return 1000

        def read(self, _: int) -> bytes:
            raise OSError("AWS Error NETWORK_CONNECTION: connection reset")

        def seek(self, offset: int, whence: int = 0) -> int:
            self.position = offset + (1000 if whence == 2 else 0)
            return self.position

        def tell(self) -> int:
            return self.position

        def close(self) -> None:
            """Close nothing."""

    def open_broken(path: str) -> RemoteFile:
        return RemoteFile(Broken, path)

    monkeypatch.setattr("corpus.sources.files.streams.open_file", open_broken)
    monkeypatch.setattr("corpus.sources.parquet.open_file", open_broken)
    with pytest.raises(EnvironmentFault, match="cannot be reached, or fails"):
        list(Stream(uri))
    with pytest.raises(EnvironmentFault, match="cannot be reached, or fails"):
        list(parquet.split_file(File("a.parquet", uri, 9, "parquet"), Source(path=uri)))
