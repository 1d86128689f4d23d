"""The models that ship, beside each other in one process: both are small."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from stimage.config import GAN_MODEL
from stimage.inference.engine import Engine, Judging, OnStep
from stimage.request import Picture, Request


class EnginesBeside:
    """Draws with the model in use, with another where a request asks for it, and has it judged.

    Another engine is loaded when it is first asked for, and stays.
    """

    def __init__(self, name: str, load_engine: Callable[[str], Engine]) -> None:
        """Load the model in use.

        Args:
            name: of the model in use.
            load_engine: makes the engine for a model's name.

        Raises:
            StimageError: what `load_engine` raises.
        """
        self._load_engine = load_engine
        self._engines = {name: load_engine(name)}
        self._lock = threading.Lock()
        self._in_use = name

    @property
    def name(self) -> str:
        """See `Engine.name`: that of the model in use."""
        return self._engines[self._in_use].name

    def completed(self, request: Request) -> Request:
        """See `Engine.completed`, of the model that the request asks for."""
        return self._engine_for(request).completed(request)

    def generate(self, request: Request, on_step: OnStep | None = None) -> Picture:
        """See `Engine.generate`, of the model that the request asks for, and what the GAN says."""
        picture = self._engine_for(request).generate(request, on_step)
        return self._judged(picture) if request.judged else picture

    def _judged(self, picture: Picture) -> Picture:
        judge = self._engine(GAN_MODEL)
        assert isinstance(judge, Judging)
        opinion = judge.opinion(picture.image, picture.request.prompt)
        variants = tuple(self._judged(variant) for variant in picture.variants)
        return replace(picture, opinion=opinion, variants=variants)

    def _engine_for(self, request: Request) -> Engine:
        return self._engine(request.model or self._in_use)

    def _engine(self, name: str) -> Engine:
        with self._lock:
            if name not in self._engines:
                self._engines[name] = self._load_engine(name)
            return self._engines[name]
