"""What the buttons of the models page do. Each checks again that the visitor may do it.

What is to be said stands beside the button that was pressed: `model_problem` in the session is
a model's name, or "" for the import, and a sentence.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from stimage.errors import ModelError, StimageError
from stimage.models import catalog, library
from stimage.models.catalog import Entry
from stimage.service.tasks import Report, Transfers, Work
from stimage.ui.access import is_owner, may_upload
from stimage.ui.markdown import plain
from stimage.ui.models import texts as model_texts
from stimage.ui.models.in_use import model_in_use
from stimage.ui.service import DEFAULT_MODEL, get_studio


@st.cache_resource(show_spinner=False)
def get_transfers() -> Transfers:
    """Return the downloads and imports of this process."""
    return Transfers()


def listed() -> dict[str, Entry]:
    """Return every model by the name that `use` takes: known, imported, and the owner's."""
    found = {entry.name: entry for entry in (*catalog.entries(), *library.installed())}
    for source in (DEFAULT_MODEL, os.environ.get("STIMAGE_MODEL", ""), get_studio().model):
        with contextlib.suppress(ModelError):
            _, entry = library.find(source)
            if entry not in found.values():
                found[source] = entry
    return found


def can_draw(source: str) -> bool:
    """Whether a model from `listed` lies on this computer."""
    try:
        library.find(source)
    except ModelError:
        return False
    return True


def use(source: str) -> None:
    """Let a model from `listed` draw from now on, unless it cannot fit."""
    if not is_owner():
        return
    _, current = model_in_use()
    loaded = get_studio().model_state == "ready"
    with _problems_said_at(source):
        _, entry = library.find(source)
        library.check_memory(entry, freed_mib=current.memory_mib if loaded else 0)
        get_studio().use_model(source)


def download(entry: Entry) -> None:
    """Begin to fetch a model of the catalogue."""

    def work(report: Report, cancelled: threading.Event) -> str:
        from stimage.importing.hub import download_model

        return download_model(entry, report, cancelled)

    if is_owner() and entry in catalog.entries():
        _start(f"Downloading {entry.title}", work, entry.name)


def import_path() -> None:
    """Begin to import what lies at the path in the box."""
    text = st.session_state.get("model_path", "").strip().strip("\"'")
    if not is_owner():
        return
    if not text:
        st.session_state.model_problem = "", model_texts.PATH_EMPTY
        return
    source = Path(text).expanduser()

    def work(report: Report, cancelled: threading.Event) -> str:
        from stimage.importing.importer import import_model

        return import_model(source, on_progress=report, cancelled=cancelled)

    _start(f"Importing {source.name}", work)


def import_upload(upload: UploadedFile) -> None:
    """Begin to import a file that came through the browser; its name is only a title."""

    def work(report: Report, cancelled: threading.Event) -> str:
        from stimage.importing.importer import import_model

        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "upload"
            with file.open("wb") as out:
                shutil.copyfileobj(upload, out)
            title = Path(upload.name).stem[:80]
            name = library.free_name(title)
            facts = {"title": title}
            return import_model(file, name, facts=facts, on_progress=report, cancelled=cancelled)

    if may_upload():
        _start(f"Importing {upload.name[:80]}", work)


def remove(entry: Entry) -> None:
    """Delete a model that does not draw now."""
    if not is_owner():
        return
    with _problems_said_at(entry.name):
        if entry == model_in_use()[1]:
            raise ModelError("This model draws now. Choose another one first.", code="in_use")
        library.remove(entry.name)
        st.toast(model_texts.removed(plain(entry.title)))


def stop() -> None:
    """Stop the download or import that runs."""
    last = get_transfers().last
    if is_owner() and last is not None:
        last.cancelled.set()


def _start(title: str, work: Work, model: str = "") -> None:
    with _problems_said_at(model):
        get_transfers().start(title, work, model)


@contextlib.contextmanager
def _problems_said_at(place: str) -> Iterator[None]:
    st.session_state.model_problem = place, ""
    try:
        yield
    except StimageError as error:
        st.session_state.model_problem = place, str(error)
