"""What the buttons of the models page do. Each checks again that the visitor may do it.

What is to be said stands beside the button that was pressed: `models_problem` of the visit is a
model's name, or "" for the import, and a message.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import streamlit as st

from stimage.config import DEFAULT_MODEL, config
from stimage.errors import Message, ModelError, StimageError
from stimage.i18n import text
from stimage.models import catalog, library
from stimage.models.catalog import Entry
from stimage.models.folder import is_plain_name
from stimage.models.requirements import check_memory
from stimage.paths import typed_path
from stimage.progress import Report
from stimage.service.api import ModelState
from stimage.service.tasks import TaskKind, Tasks, Work
from stimage.ui.access import is_owner
from stimage.ui.markdown import plain
from stimage.ui.models.in_use import model_in_use
from stimage.ui.service import get_service
from stimage.ui.state import VisitState

ADDRESS = re.compile(r"\b(https?|s?ftp|s3|hf)://", re.I)


@functools.cache
def get_tasks() -> Tasks:
    """Return the downloads and imports of this process."""
    return Tasks()


def listed() -> dict[str, Entry]:
    """Return every model by the name that `use` takes: known, imported, and the owner's."""
    found = {entry.name: entry for entry in (*catalog.entries(), *library.installed())}
    others = {get_service().status().name: model_in_use()[1]}
    for source in (DEFAULT_MODEL, config().model):
        with contextlib.suppress(ModelError):
            _, others[source] = library.find(source)
    return found | {
        source: entry for source, entry in others.items() if entry not in found.values()
    }


def key_of(source: str) -> str:
    """Return what the elements of a model's card are called: of a path, a visitor learns nothing.

    Two models may have one name, the one in the models folder and the owner's own.
    """
    if is_plain_name(source):
        return source
    return hashlib.sha256(os.fsencode(source)).hexdigest()[:12]


def can_draw(source: str) -> bool:
    """Whether a model from `listed` is installed on this computer."""
    try:
        library.find(source)
    except ModelError:
        return False
    return True


def use(source: str, visit: VisitState) -> None:
    """Let a model from `listed` draw from now on, unless it cannot fit."""
    if not is_owner():
        return
    _, current = model_in_use()
    loaded = get_service().status().state == ModelState.READY
    with _problems_said_at(source, visit):
        _, entry = library.find(source)
        check_memory(entry, freed_mib=current.memory_mib if loaded else 0)
        get_service().use_model(source)


def download(entry: Entry, visit: VisitState) -> None:
    """Begin to fetch a model of the catalog."""

    def work(report: Report, cancelled: threading.Event) -> str:
        from stimage.importing.hub import download_model

        return download_model(entry, report, cancelled)

    if is_owner() and entry in catalog.entries():
        with _problems_said_at(entry.name, visit):
            get_tasks().start(TaskKind.DOWNLOAD, entry.title, work, entry.name)


def import_path(visit: VisitState) -> None:
    """Begin to import what lies at the path in the box."""
    typed = str(st.session_state.get("model_path") or "")
    if not is_owner():
        return
    source = typed_path(typed)
    if source == Path():
        visit.models_problem = "", Message("models.path_empty")
        return
    if ADDRESS.search(typed) and not source.exists():
        visit.models_problem = "", Message("models.path_is_address")
        return

    def work(report: Report, cancelled: threading.Event) -> str:
        from stimage.importing.importer import import_model

        return import_model(source, on_progress=report, cancelled=cancelled)

    _start_import(source.name, work, visit)


def remove(entry: Entry, visit: VisitState) -> None:
    """Delete a model that does not draw now."""
    if not is_owner():
        return
    with _problems_said_at(entry.name, visit):
        if entry == model_in_use()[1] and entry.error is None:
            raise ModelError("model_in_use")
        library.remove(entry.name)
        st.toast(text("models.removed", title=plain(entry.title)))


def stop() -> None:
    """Stop the download or import that runs."""
    if is_owner():
        get_tasks().cancel()


def _start_import(label: str, work: Work, visit: VisitState) -> None:
    with _problems_said_at("", visit):
        get_tasks().start(TaskKind.IMPORT, label, work)


@contextlib.contextmanager
def _problems_said_at(place: str, visit: VisitState) -> Iterator[None]:
    visit.models_problem = place, None
    try:
        yield
    except StimageError as error:
        visit.models_problem = place, error.message
