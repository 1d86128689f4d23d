"""Download a model of the catalog from the Hugging Face hub, and import it.

Only catalog entries are fetched, only the files a Stable Diffusion folder needs, and each is
compared with the SHA-256 the hub keeps. What has come stays for the next try.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from pathlib import Path

from stimage.errors import ModelError
from stimage.importing.download import Download, HubFile
from stimage.importing.importer import import_model
from stimage.models import catalog
from stimage.models.catalog import Entry
from stimage.models.folder import PARTS, TOKENIZER_FILES, WEIGHTS, ModelFolder, Record, folder_of
from stimage.models.requirements import models_root
from stimage.models.weights_files import complete_sets
from stimage.progress import Report

_REPOSITORY = ModelFolder(Path())  # a repository is laid out as a model folder is
CONFIGS = tuple(
    file.as_posix()
    for file in (
        _REPOSITORY.index,
        *(_REPOSITORY.config_file(part) for part in PARTS),
        *(_REPOSITORY.tokenizer / name for name in TOKENIZER_FILES),
    )
)
ENDINGS = (".fp16.safetensors", ".safetensors", ".fp16.bin", ".bin")  # the first that is there
OLD_STEMS = {"text_encoder": ("text_encoder/pytorch_model",)}  # its pickles have another name


def download_model(entry: Entry, report: Report, cancelled: threading.Event) -> str:
    """Fetch a model of the catalog and its tiny decoder, check it, and keep it for drawing.

    Returns:
        The name under which `load_pipeline` finds it.

    Raises:
        ModelError: with a sentence; what has come stays for the next try.
        Cancelled: when stopped.
    """
    folder = models_root() / f".{entry.name}.download"
    came_from = Download(report, cancelled).run(
        (entry.source, *entry.mirrors), folder, files_of_model
    )
    if entry.tiny_decoder:
        download_decoder(entry.tiny_decoder, report, cancelled)
    record = Record(
        title=entry.title,
        license=entry.license,
        catalog=entry.name,
        source=came_from,
    )
    name = import_model(folder, entry.name, record=record, on_progress=report, cancelled=cancelled)
    shutil.rmtree(folder)
    return name


def download_decoder(name: str, report: Report, cancelled: threading.Event) -> None:
    """Fetch a tiny decoder of the catalog, unless it is here."""
    target = folder_of(name)
    if target.decoder_config.is_file():
        return
    decoder = catalog.decoders()[name]
    folder = models_root() / f".{name}.download"
    Download(report, cancelled).run((decoder.source, *decoder.mirrors), folder, files_of_decoder)
    folder.replace(target.path)


def files_of_model(there: Mapping[str, HubFile]) -> list[HubFile]:
    """Return the files to fetch of a model: configs, and one file or all shards for each network.

    Raises:
        ModelError: with code "hub_without_weights" if a network has none.
    """
    configs = [there[path] for path in CONFIGS if path in there]
    parts = [_weights(part, _REPOSITORY.weights(part), there) for part in WEIGHTS]
    return configs + [file for part in parts for file in part]


def files_of_decoder(there: Mapping[str, HubFile]) -> list[HubFile]:
    """Return the files to fetch of a tiny decoder, which is one network.

    Raises:
        ModelError: with code "hub_without_weights" if it has none.
    """
    config = _REPOSITORY.decoder_config.as_posix()
    configs = [there[config]] if config in there else []
    return configs + _weights("vae", Path(WEIGHTS["vae"]), there)


def _weights(part: str, path: Path, there: Mapping[str, HubFile]) -> list[HubFile]:
    stems = (path.with_suffix("").as_posix(), *OLD_STEMS.get(part, ()))
    found = complete_sets(there)
    for name in (stem + ending for ending in ENDINGS for stem in stems):
        if name in found:
            return [there[file] for file in found[name]]
    raise ModelError("hub_without_weights", part=part)
