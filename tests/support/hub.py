"""A small local server that speaks the hub's protocol, and breaks off when it is told to."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stimage.importing import download
from stimage.importing.download import Download
from stimage.importing.hub import files_of_model
from stimage.models.catalog import Entry
from stimage.progress import Report

ENTRY = Entry(name="tiny-hub", title="Tiny", source="us/gone", mirrors=("us/tiny",), license="MIT")
UNET = "unet/diffusion_pytorch_model.safetensors"
LARGE = 10_000  # bytes; larger files are kept as LFS, with their SHA-256


class Hub:
    """Serves each repository in `repositories`: hub id -> folder."""

    def __init__(self, repositories: dict[str, Path]) -> None:
        self.repositories = repositories
        self.requests: list[tuple[str, str]] = []  # path, Range
        self.break_after: int | None = None  # bytes of one file, once
        self.busy = 0  # answers of 503 before the next right one
        self.portal = ""  # what answers with a page in its place: "all", or the end of a path
        self.listing: tuple[int, bytes] | None = None  # status and body in place of a listing
        self.spoiled = ""  # the end of a path whose last byte is sent wrong
        self.pause = 0.0  # seconds before each 64 kB
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.answer(self)

            def log_message(self, *_args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.split("?")[0]
        self.requests.append((path, handler.headers.get("Range", "")))
        if self.busy:
            self.busy -= 1
            handler.send_error(503)
        elif self.portal == "all" or (self.portal and path.endswith(self.portal)):
            self._say(handler, 200, b"<!DOCTYPE html><html><body>Please log in</body></html>")
        elif self.listing and path.startswith("/api/"):
            self._say(handler, *self.listing)
        elif match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/revision/main", path):
            self._list(handler, match[1])
        elif match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/0123abcd/(.+)", path):
            handler.send_response(302)
            handler.send_header("Location", f"/cdn/{match[1]}/{match[2]}")
            handler.end_headers()
        elif match := re.fullmatch(r"/cdn/([^/]+/[^/]+)/(.+)", path):
            self._send(handler, self.repositories[match[1]] / match[2])
        else:
            handler.send_error(404)

    def _list(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        if name not in self.repositories:
            handler.send_error(404)
            return
        siblings = []
        folder = self.repositories[name]
        for file in sorted(f for f in folder.rglob("*") if f.is_file()):
            content = file.read_bytes()
            entry: dict = {"rfilename": file.relative_to(folder).as_posix(), "size": len(content)}
            if len(content) > LARGE:
                entry["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            siblings.append(entry)
        self._say(handler, 200, json.dumps({"sha": "0123abcd", "siblings": siblings}).encode())

    def _say(self, handler: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
        handler.send_response(status)
        if body.startswith(b"<"):
            handler.send_header("Content-Type", "text/html; charset=utf-8")
        handler.end_headers()
        handler.wfile.write(body)

    def _send(self, handler: BaseHTTPRequestHandler, file: Path) -> None:
        content = file.read_bytes()
        if self.spoiled and file.as_posix().endswith(self.spoiled):
            content = content[:-1] + bytes([content[-1] ^ 1])
        wanted = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        start = int(wanted[1]) if wanted else 0
        handler.send_response(206 if wanted else 200)
        handler.send_header("Content-Length", str(len(content) - start))
        handler.end_headers()
        rest = content[start:]
        broken = self.break_after is not None and len(content) > LARGE
        if broken:
            rest, self.break_after = rest[: self.break_after], None
        try:
            for begin in range(0, len(rest), 65536):
                time.sleep(self.pause)
                handler.wfile.write(rest[begin : begin + 65536])
        except (BrokenPipeError, ConnectionResetError):
            return
        if broken:
            handler.close_connection = True
            handler.connection.close()


@contextlib.contextmanager
def serving(repository: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Let a hub serve `repository` as the mirror of `ENTRY`; models are kept in `models`."""
    server = Hub({"us/tiny": repository})
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("STIMAGE_MODELS", str(models))
    monkeypatch.setattr(download, "FIRST_WAIT", 0)
    yield server
    server.close()


def fetch(
    folder: Path,
    report: Report = lambda _what, _share: None,
    stop: threading.Event | None = None,
) -> str:
    """Download the files of `ENTRY` into a folder; return its source."""
    return Download(report, stop or threading.Event()).run(
        (ENTRY.source, *ENTRY.mirrors), folder, files_of_model
    )


def assert_same_files(folder: Path, repository: Path) -> None:
    """Check that what was fetched is what is served, and nothing unfinished is left."""
    for path in (UNET, "vae/diffusion_pytorch_model.safetensors", "tokenizer/tokenizer.json"):
        assert (folder / path).read_bytes() == (repository / path).read_bytes()
    assert not list(folder.rglob("*.part"))
