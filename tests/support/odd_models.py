"""Model folders of small files alone, good ones and odd ones."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import strategies as st

from stimage.models.folder import PARTS, ModelFolder

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


def install(path: Path, record: object = None, unet: object = None) -> ModelFolder:
    """Write the small files of a model, as an import leaves them."""
    folder = ModelFolder(path)
    for part in PARTS:
        folder.part(part).mkdir(parents=True, exist_ok=True)
        folder.config_file(part).write_text("{}")
    folder.config_file("unet").write_text(json.dumps({"sample_size": 64} if unet is None else unet))
    folder.index.write_text("{}")
    folder.record_file.write_text(json.dumps({} if record is None else record))
    return folder
