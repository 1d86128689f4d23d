"""The model that draws, as the pages see it: its folder and its entry in the catalog."""

from __future__ import annotations

from pathlib import Path

from stimage.errors import ModelError
from stimage.models import catalog, library
from stimage.models.catalog import Entry
from stimage.models.folder import ModelFolder, folder_of
from stimage.ui.service import get_service


def model_in_use() -> tuple[ModelFolder, Entry]:
    """Return folder and entry of the model in use; its name alone where it can't be opened.

    What is wrong with it is said by the job that fails.
    """
    name = get_service().status().name
    try:
        return library.find(name)
    except ModelError:
        try:
            entry = catalog.entry(name)
        except ModelError:
            entry = Entry(name=name, title=Path(name).name)
        return folder_of(entry.name), entry
