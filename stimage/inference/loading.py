"""From a model's name to the engine that draws with it."""

from __future__ import annotations

import os

from stimage.inference.beside import EnginesBeside
from stimage.inference.engine import Engine
from stimage.models import library
from stimage.paths import SHIPPED


def load_engine(model: str) -> Engine:
    """Load the engine of a model by its name, or from a folder. Imports torch.

    One that ships brings the other along, for requests that ask for it.

    Raises:
        ModelError: if there is no such model or it can't be used.
        TooLittleMemory: before anything big is read.
    """
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # it misses torchvision, we don't
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")  # read when torch is imported
    if model in SHIPPED:
        return EnginesBeside(model, _engine_of)
    return _engine_of(model)


def _engine_of(model: str) -> Engine:
    folder, _ = library.find(model)
    if folder.is_gan:
        from stimage.inference.gan.engine import GanEngine

        return GanEngine.load(model)
    from stimage.inference.diffusion import DiffusionEngine

    return DiffusionEngine.load(model)
