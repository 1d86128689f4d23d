"""Two models in one process: the one in use, and the other where a request asks for it."""

from dataclasses import replace

import msgspec
import pytest

from stimage.errors import InvalidRequest
from stimage.inference.beside import EnginesBeside
from stimage.inference.diffusion import DiffusionEngine
from stimage.request import Limits, Request
from stimage.service import protocol
from stimage.service.protocol import picture_of, request_of
from tests.support.tiny import shared_engine, tiny_pipeline

FOX = Request(prompt="a fox", seed=1, num_inference_steps=2)


@pytest.fixture
def loaded():
    return []


@pytest.fixture
def engine(loaded):
    def load(name: str) -> DiffusionEngine:
        loaded.append(name)
        return DiffusionEngine(tiny_pipeline(), name=name, steps=2)

    return EnginesBeside("one", load, ("one", "two"))


def test_the_other_is_loaded_once_and_when_it_is_first_asked_for(engine, loaded):
    assert engine.generate(FOX).model == "one"
    assert loaded == ["one"]
    for _ in range(2):
        assert engine.generate(replace(FOX, model="two")).model == "two"
    assert engine.generate(replace(FOX, model="one")).model == "one"
    assert loaded == ["one", "two"]
    assert engine.name == "one"


@pytest.mark.parametrize("name", ["three", "/etc", "../one"])
def test_any_other_name_is_refused_and_nothing_is_loaded(engine, loaded, name):
    with pytest.raises(InvalidRequest) as caught:
        engine.completed(replace(FOX, model=name))
    assert caught.value.code == "model_not_beside"
    assert loaded == ["one"]


def test_a_model_that_stands_alone_draws_for_itself_only():
    with pytest.raises(InvalidRequest) as caught:
        shared_engine().generate(replace(FOX, model="stimage-gan"))
    assert caught.value.code == "model_not_beside"
    assert shared_engine().generate(replace(FOX, model=shared_engine().name)).image


def test_the_name_crosses_pipe_and_http_and_is_no_setting_of_the_picture(engine):
    asked = replace(FOX, model="two")
    asked = replace(asked, variants=(replace(asked, seed=2),))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(asked), type=Request) == asked
    sent = msgspec.json.decode(msgspec.json.encode(picture_of(asked)), type=protocol.Picture)
    assert request_of(sent, Limits()) == asked
    assert "model" not in asked.to_mapping()
    assert [each.model for each in engine.generate(asked).variants] == ["two"]


def test_a_name_that_is_no_text_is_said():
    with pytest.raises(InvalidRequest) as caught:
        replace(FOX, model=7)  # type: ignore[arg-type]
    assert caught.value.code == "not_text"
