"""The model that draws, as the pages see it: its folder and its entry in the catalog."""

from __future__ import annotations

import contextlib
from pathlib import Path

from stimage.errors import ModelError
from stimage.models import catalog, library
from stimage.models.catalog import Entry
from stimage.models.folder import MAX_NAME, ModelFolder, folder_of
from stimage.ui.service import get_service


def model_in_use() -> tuple[ModelFolder, Entry]:
    """Return folder and entry of the model in use; what is wrong with it stands in its `error`."""
    source = get_service().status().name
    try:
        return library.find(source)
    except ModelError as error:
        problem = error.message
    installed = {entry.name: entry for entry in library.installed()}
    if source in installed:
        return folder_of(source), installed[source]
    with contextlib.suppress(ModelError):
        entry = catalog.entry(source)  # it is not downloaded
        return folder_of(entry.name), entry
    name = Path(source).name or source
    return ModelFolder(Path(source)), Entry(name=name, title=name[:MAX_NAME], error=problem)
