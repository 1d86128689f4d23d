"""Two models in one process: the one in use, and the other where a request asks for it."""

from dataclasses import replace

import msgspec
import pytest

from stimage.config import GAN_MODEL
from stimage.errors import InvalidRequest
from stimage.inference.beside import EnginesBeside
from stimage.inference.diffusion import DiffusionEngine
from stimage.paths import SHIPPED
from stimage.request import Limits, Request
from stimage.service import protocol
from stimage.service.protocol import picture_of, request_of
from tests.support.judging import Judging, liked
from tests.support.tiny import shared_engine, tiny_pipeline

ONE, TWO = SHIPPED
FOX = Request(prompt="a fox", seed=1, num_inference_steps=2)


@pytest.fixture
def loaded():
    return []


@pytest.fixture
def engine(loaded):
    def load(name: str) -> DiffusionEngine:
        loaded.append(name)
        kind = Judging if name == GAN_MODEL else DiffusionEngine
        return kind(tiny_pipeline(), name=name, steps=2)

    return EnginesBeside(ONE, load)


def test_the_other_is_loaded_once_and_when_it_is_first_asked_for(engine, loaded):
    assert engine.generate(FOX).model == ONE
    assert loaded == [ONE]
    for _ in range(2):
        assert engine.generate(replace(FOX, model=TWO)).model == TWO
    assert engine.generate(replace(FOX, model=ONE)).model == ONE
    assert loaded == [ONE, TWO]
    assert engine.name == ONE


def test_the_gan_judges_what_either_of_them_has_drawn_and_each_picture_of_a_batch(engine, loaded):
    assert engine.generate(FOX).opinion is None
    assert loaded == [ONE]
    asked = replace(FOX, judged=True)
    both = engine.generate(replace(asked, variants=(replace(asked, prompt="a red fox"),)))
    for picture in (both, *both.variants):
        assert picture.opinion == liked(picture.image)
    assert both.opinion != both.variants[0].opinion
    assert loaded == [ONE, TWO]
    assert engine.generate(replace(asked, model=TWO)).opinion is not None


@pytest.mark.parametrize("name", ["sd-1-5", "/etc", "../stimage-mini", 7, None])
def test_any_other_name_is_refused_at_once(name):
    with pytest.raises(InvalidRequest) as caught:
        replace(FOX, model=name)
    assert caught.value.code == "model_not_beside"


def test_a_model_that_stands_alone_draws_for_itself_only():
    with pytest.raises(InvalidRequest) as caught:
        shared_engine().generate(replace(FOX, model=TWO))
    assert caught.value.code == "model_not_beside"
    engine = DiffusionEngine(tiny_pipeline(), name=ONE)
    assert engine.generate(replace(FOX, model=ONE)).image


def test_the_name_crosses_pipe_and_http_and_is_no_setting_of_the_picture(engine):
    asked = replace(FOX, model=TWO, judged=True)
    asked = replace(asked, variants=(replace(asked, seed=2),))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(asked), type=Request) == asked
    sent = msgspec.json.decode(msgspec.json.encode(picture_of(asked)), type=protocol.Picture)
    assert request_of(sent, Limits()) == asked
    assert "model" not in asked.to_mapping()
    assert [each.model for each in engine.generate(asked).variants] == [TWO]
