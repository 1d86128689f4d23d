"""Fetch files of a repository of the Hugging Face hub, in pieces that survive a broken line.

Ours, because `huggingface_hub` 2.4 throws away what a stopped download had fetched, takes a file
with a flipped byte, and after a broken line fetches up to 10 MiB again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import threading
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated

import httpx
import msgspec

from stimage.errors import ModelError
from stimage.models.requirements import check_disk
from stimage.progress import Report, stop_if

HUB = "https://huggingface.co"
TRIES = 5  # in a row without a new byte
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0  # seconds between two of them
NOT_HERE = (401, 403, 404, 410, 451)  # how a hub says that a repository is gone or closed
Size = Annotated[int, msgspec.Meta(ge=0)]


class LargeFile(msgspec.Struct, frozen=True):
    """What the hub knows of a file that Git does not keep itself."""

    sha256: str
    size: Size


class HubFile(msgspec.Struct, frozen=True):
    """One file of a repository; the hub has a SHA-256 only of large ones."""

    path: str = msgspec.field(name="rfilename")
    bytes: Size | None = msgspec.field(name="size", default=None)
    lfs: LargeFile | None = None

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return (self.lfs.size if self.lfs else self.bytes) or 0


class Listing(msgspec.Struct, frozen=True):
    """The hub's answer about a repository: its revision and its files."""

    revision: str = msgspec.field(name="sha")
    files: list[HubFile] = msgspec.field(name="siblings")


Choose = Callable[[Mapping[str, HubFile]], list[HubFile]]


class Download:
    """One fetch of one repository into one folder: `run()`; another thread may set `cancelled`."""

    def __init__(self, report: Report, cancelled: threading.Event) -> None:
        """Report to `report(what, share)`; stop when `cancelled` is set."""
        self._report, self._cancelled = report, cancelled
        self._hub = (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")
        self._client = _client()

    def run(self, sources: Iterable[str], folder: Path, choose: Choose) -> str:
        """Fetch from the first of `sources` that has it; return that hub id @ its revision.

        Args:
            sources: hub ids, tried in order.
            folder: where the files go; unfinished ones end in ".part".
            choose: told what there is by path, returns what to fetch.

        Raises:
            ModelError: "proxy", "network", "gone", "file_gone", "checksum", "disk_full",
                "disk_full_meanwhile", "not_written", or what `choose` raises.
            Cancelled: when stopped.
        """
        with self._client:
            source, listing = self._listing(sources)
            files = choose({file.path: file for file in listing.files})
            if not all(file.size for file in files):  # then nobody could tell when one is whole
                raise ModelError("network")
            check_disk(2 * sum(file.size for file in files))
            try:
                _begin(folder, f"{source} {listing.revision}")
                self._fetch_all(f"{self._hub}/{source}/resolve/{listing.revision}", files, folder)
            except OSError as error:
                shutil.rmtree(folder, ignore_errors=True)  # it only fills the disk
                code = "disk_full_meanwhile" if error.errno == errno.ENOSPC else "not_written"
                raise ModelError(code) from error
        return f"{source}@{listing.revision}"

    def _listing(self, sources: Iterable[str]) -> tuple[str, Listing]:
        for source in sources:
            address = f"{self._hub}/api/models/{source}/revision/main?blobs=true"
            answer = self._patiently(address)
            if answer.status_code == httpx.codes.OK:
                return source, _read_listing(answer.content)
            if answer.status_code not in NOT_HERE:  # 407, say, is a proxy's answer
                raise ModelError("network")
        raise ModelError("gone")

    def _patiently(self, address: str) -> httpx.Response:
        for attempt in range(TRIES):
            self._stop_if_cancelled()
            try:
                answer = self._client.get(address)
            except (httpx.HTTPError, httpx.InvalidURL):
                answer = None
            if answer is not None and not _is_busy(answer.status_code):
                return answer
            self._wait(attempt)
        raise ModelError("network")

    def _fetch_all(self, address: str, files: list[HubFile], folder: Path) -> None:
        total, done = sum(file.size for file in files), 0
        for file in files:
            self._fetch(f"{address}/{file.path}", file, folder / file.path, done, total)
            done += file.size

    def _fetch(self, address: str, file: HubFile, target: Path, before: int, total: int) -> None:
        if target.is_file():
            return
        part = target.with_name(target.name + ".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
        failures = 0
        while (have := part.stat().st_size) < file.size:
            with contextlib.suppress(httpx.HTTPError, httpx.InvalidURL, _Busy):
                self._append(address, part, file, before, total)
            came = part.stat().st_size
            failures = 0 if came > have else failures + 1
            if failures >= TRIES:
                raise ModelError("network")
            if came < file.size:
                self._wait(failures)
        self._check(part, file)
        part.replace(target)

    def _append(self, address: str, part: Path, file: HubFile, before: int, total: int) -> None:
        """Fetch what is missing, or as much of it as comes; all of what has no checksum."""
        have = part.stat().st_size if file.lfs else 0
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with self._client.stream("GET", address, headers=headers) as answer:
            if _is_busy(answer.status_code) or (answer.is_success and _is_page(answer)):
                raise _Busy
            if answer.is_error:
                raise ModelError("file_gone", file=part.stem, status=answer.status_code)
            goes_on = answer.status_code == httpx.codes.PARTIAL_CONTENT
            with part.open("ab" if goes_on else "wb") as out:
                for chunk in answer.iter_bytes():
                    self._stop_if_cancelled()
                    out.write(chunk)
                    self._report("importing.downloading", (before + out.tell()) / max(total, 1))
                    if out.tell() > file.size:
                        return  # the checksum will say it

    def _check(self, part: Path, file: HubFile) -> None:
        with part.open("rb") as whole:
            digest = hashlib.file_digest(whole, "sha256").hexdigest()
        if part.stat().st_size != file.size or (file.lfs and file.lfs.sha256 != digest):
            part.unlink()
            raise ModelError("checksum", file=Path(file.path).name)

    def _wait(self, attempt: int) -> None:
        self._cancelled.wait(min(FIRST_WAIT * 2**attempt, LONGEST_WAIT))
        self._stop_if_cancelled()

    def _stop_if_cancelled(self) -> None:
        stop_if(self._cancelled, "download_cancelled")


def _begin(folder: Path, version: str) -> None:
    """Make the folder, or keep what it has if that is of the same version."""
    note = folder / "revision.txt"
    if note.is_file() and note.read_text() != version:
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    note.write_text(version)


class _Busy(Exception):
    """The hub asks to come back later."""


def _client() -> httpx.Client:
    """Return a client with the proxy and certificates that the environment names.

    Raises:
        ModelError: with code "proxy" where these can't be used.
    """
    proxies = urllib.request.getproxies()
    has_socks = proxies.get("all", "").startswith("socks")  # which httpx does not take
    proxy = proxies.get("https") if has_socks else None
    try:
        return httpx.Client(proxy=proxy, follow_redirects=True, timeout=httpx.Timeout(30.0))
    except (ValueError, ImportError, OSError, httpx.InvalidURL) as error:
        raise ModelError("proxy") from error


def _is_page(answer: httpx.Response) -> bool:
    """Whether a network or a mirror answered with a page of its own; no model has one."""
    kind: str = answer.headers.get("content-type", "")
    return kind.startswith("text/html")


def _is_busy(status: int) -> bool:
    return status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR


def _read_listing(answer: bytes) -> Listing:
    try:
        return msgspec.json.decode(answer, type=Listing)
    except msgspec.MsgspecError as error:  # the page of a firewall, say
        raise ModelError("network") from error
