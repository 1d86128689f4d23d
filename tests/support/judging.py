"""Tiny engines in place of the two models that ship; the second judges."""

from __future__ import annotations

import pytest
from PIL import Image, ImageStat

from stimage.config import DEFAULT_MODEL, GAN_MODEL
from stimage.inference.beside import EnginesBeside
from stimage.inference.diffusion import DiffusionEngine
from stimage.opinion import Opinion
from tests.support.tiny import tiny_pipeline


def liked(image: Image.Image) -> Opinion:
    """The brighter a picture is, the better."""
    bright = ImageStat.Stat(image.convert("L")).mean[0] / 255
    return Opinion(real=bright, fit=0.5, score=bright)


class Judging(DiffusionEngine):
    """Draws, and judges as `liked` does."""

    def opinion(self, image: Image.Image, _prompt: str) -> Opinion:
        return liked(image)


def both_models(in_use: str) -> EnginesBeside:
    """Return an engine for both; the GAN draws in one step."""
    return EnginesBeside(in_use, _load)


def _load(name: str) -> DiffusionEngine:
    if name == GAN_MODEL:
        return Judging(tiny_pipeline(), name=name, steps=1)
    return DiffusionEngine(tiny_pipeline(), name=name, steps=4)


class WithBothModels:
    """For a class of tests whose pages have tiny engines for both models, Mini's in use."""

    @pytest.fixture
    def model_in_pages(self):
        return DEFAULT_MODEL

    @pytest.fixture
    def load_once(self):
        return both_models
