"""A small picture that follows what stands in the box, without a browser."""

import pytest

from stimage.config import GAN_MODEL
from stimage.i18n import text
from stimage.service.api import JobState
from stimage.ui.service import get_service
from tests.support.judging import both_models
from tests.support.services import Gate, request
from tests.support.studio_page import jobs_of, open_page, submit, wait


def live(page):
    """The prompts of the small pictures on the page."""
    begins = text("live.alt", prompt="")
    alts = [image.proto.imgs[0].alt for image in page.image]
    return [alt.removeprefix(begins) for alt in alts if alt.startswith(begins)]


def type_words(page, words):
    page.text_area(key="prompt").set_value(words).run()
    assert not page.exception
    return page


@pytest.fixture
def model_in_pages():
    return GAN_MODEL


@pytest.fixture
def load_once():
    return both_models


@pytest.mark.usefixtures("fresh_service")
def test_what_stands_in_the_box_is_drawn_small_until_the_picture_itself_is_wanted():
    page = open_page()
    assert live(page) == []
    assert live(type_words(page, "a fox")) == ["a fox"]
    [drawn] = [page.session_state.visit.live_drawn[1]]
    page.run()
    assert page.session_state.visit.live_drawn[1] == drawn  # the same words are drawn once
    assert live(type_words(page, "a cat")) == ["a cat"]
    assert jobs_of(page) == []
    wait(submit(page, "a cat"))
    assert live(page) == []
    assert len(jobs_of(page)) == 1


@pytest.mark.usefixtures("fresh_service")
def test_nothing_is_drawn_of_an_empty_box_or_when_it_is_switched_off():
    page = type_words(open_page(), "   ")
    assert live(page) == []
    page.toggle(key="live").set_value(False).run()
    assert live(type_words(page, "a fox")) == []
    assert page.session_state.visit.live_drawn == (None, "")


class TestWhileAnotherVisitorsPictureIsDrawn:
    @pytest.fixture
    def gate(self):
        return Gate(both_models(GAN_MODEL))

    @pytest.fixture
    def load_once(self, gate):
        return lambda _: gate

    @pytest.mark.usefixtures("fresh_service")
    def test_nothing_follows_the_words_and_nothing_stands_in_the_queue(self, gate):
        get_service().submit([request()], "somebody else")
        assert gate.arrived.wait(30)
        get_service().submit([request("a cat")], "somebody else")
        page = type_words(open_page(), "a fox")
        assert live(page) == []
        _, job_id = page.session_state.visit.live_drawn
        assert get_service().snapshot(job_id).state == JobState.CANCELLED
        gate.open()
