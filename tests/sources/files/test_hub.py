"""Datasets of the Hub are downloaded once; every failure is a message within seconds."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from corpus.errors import EnvironmentFault, InputError
from corpus.sources import Source, find_files
from corpus.sources.files.remote import Remote
from tests.sources.conftest import parquet_bytes, read_all

ROWS = [{"text": "The lock gate opened at noon.", "tags": ["canal"]}, {"text": "It rained."}]
REVISION = "a" * 40
ETAG = "b" * 40


class FakeHub(BaseHTTPRequestHandler):
    """A Hub with one dataset, `me/set`, in one Parquet file."""

    protocol_version = "HTTP/1.1"
    status = 200
    share_sent = 1.0
    data = parquet_bytes(ROWS)
    card: dict[str, object] | None = None
    requests: list[str]

    def do_GET(self) -> None:
        """Answer as the Hub does."""
        path = self.path.partition("?")[0]
        self.requests.append(path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        file = {"type": "file", "path": "a.parquet", "size": len(self.data), "oid": ETAG}
        if self.status != 200:
            self.answer(b"{}", self.status)
        elif path.endswith("/a.parquet"):
            self.answer(self.data)
        elif "/tree/" in path:
            self.answer(json.dumps([file]).encode())
        elif "/paths-info/" in path:
            self.answer(json.dumps([file] if b"a.parquet" in body else []).encode())
        elif path.startswith("/api/datasets/me/set"):
            siblings = [{"rfilename": "a.parquet"}]
            info = {"id": "me/set", "sha": REVISION, "siblings": siblings, "tags": []}
            info |= {"cardData": self.card} if self.card else {}
            self.answer(json.dumps(info).encode())
        else:
            self.answer(b"{}", 404)

    do_HEAD = do_POST = do_GET  # noqa: N815  names of `http.server`

    def answer(self, data: bytes, status: int = 200) -> None:
        """Send an answer, or only the beginning of a file."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", f'"{ETAG}"')
        self.send_header("X-Repo-Commit", REVISION)
        if status == 404:
            kind = "EntryNotFound" if "/resolve/" in self.path else "RepoNotFound"
            self.send_header("X-Error-Code", kind)
        self.end_headers()
        if self.command != "HEAD":
            sent = data[: int(self.share_sent * len(data))] if data is self.data else data
            self.wfile.write(sent)
            self.close_connection = len(sent) < len(data)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def use(monkeypatch, folder: Path, address: str) -> None:
    """Make the libraries use this server, and an empty cache."""
    import datasets.config
    from huggingface_hub import constants

    for module in (constants, datasets.config):
        monkeypatch.setattr(module, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", f"http://{address}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder / "hub"))
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", f"http://{address}/{TEMPLATE}")
    monkeypatch.setattr("datasets.config.HF_ENDPOINT", f"http://{address}")
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", folder / "datasets")
    monkeypatch.setattr("datasets.config.DOWNLOADED_DATASETS_PATH", folder / "downloads")


TEMPLATE = "{repo_id}/resolve/{revision}/{filename}"


@pytest.fixture
def hub(tmp_path, monkeypatch) -> Iterator[type[FakeHub]]:
    """Start a fake Hub, and return its class, whose `status` can be changed."""

    class Hub(FakeHub):
        """A Hub of this test alone."""

    Hub.requests = []

    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        use(monkeypatch, tmp_path, f"127.0.0.1:{server.server_address[1]}")
        yield Hub
        server.shutdown()


DATASET = Source(path="hf://datasets/me/set", remote=Remote(timeout=1, retries=0))


def test_a_dataset_is_downloaded_once(hub, capfd):
    """The first build downloads it, silently; the next one does not use the network."""
    result = read_all("hf://datasets/me/set")
    assert result.column("text") == [row["text"] for row in ROWS]
    assert result.column("tags") == [["canal"], None]
    assert set(result.column("source")) == {"me/set/train/00000.arrow"}
    assert f"/api/datasets/me/set/revision/{REVISION}" in hub.requests
    hub.requests.clear()

    assert read_all("hf://datasets/me/set").documents == result.documents
    assert hub.requests == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, InputError, "no such dataset, or no access.*hf auth login"),
        (403, InputError, "no such dataset, or no access.*hf auth login"),
        (404, InputError, "no such dataset on the Hub"),
        (500, EnvironmentFault, "the Hub cannot be reached, or fails"),
    ],
)
def test_the_status_of_the_hub_decides_whose_fault_it_is(hub, status, kind, words):
    """Not found and no access are exit 3, a Hub that fails is exit 4."""
    hub.status = status
    with pytest.raises(kind, match=f"^hf://datasets/me/set: {words}"):
        find_files(DATASET, None)


def test_half_a_file_is_a_fault_of_the_network(hub, monkeypatch):
    """A download that breaks off is exit 4, and no dataset is left in the cache."""
    monkeypatch.setattr("time.sleep", lambda _: None)  # between the tries of the library
    hub.share_sent = 0.5
    with pytest.raises(EnvironmentFault, match="cannot be reached, or fails"):
        find_files(DATASET, None)
    hub.share_sent = 1.0
    assert len(find_files(DATASET, None).files) == 1


def test_a_subset_that_does_not_exist_is_an_error(hub):
    """A name of a subset that the dataset does not have is exit 3, with the names it has."""
    with pytest.raises(InputError, match="default"):
        find_files(Source(path="hf://datasets/me/set/german"), None)


@pytest.mark.parametrize("listens", [True, False])
def test_a_hub_that_does_not_answer_is_a_fault_of_the_network(tmp_path, monkeypatch, listens):
    """A refused connection, and a server that never answers, are exit 4 within seconds."""
    began = time.monotonic()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if listens:
            listener.listen()
        use(monkeypatch, tmp_path, f"127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(EnvironmentFault, match="cannot be reached, or fails"):
            find_files(DATASET, None)
    assert time.monotonic() - began < 10


def test_no_address_that_a_dataset_names_is_opened(hub):
    """A dataset whose card names files at other addresses is refused before they are asked for."""
    elsewhere = {"configs": [{"config_name": "default", "data_files": "http://127.0.0.1:9/x"}]}
    hub.card = elsewhere
    with pytest.raises(InputError, match=r"me/set: its card names files elsewhere .*127\.0\.0\.1"):
        find_files(DATASET, None)
    assert not any("resolve" in path for path in hub.requests)
