"""What the judge says of finished pictures, without a browser."""

import io

import pytest
from PIL import Image

from stimage.i18n import text
from stimage.opinion import Opinion
from stimage.request import Request
from stimage.service.api import JobSnapshot
from stimage.ui.studio.verdict import best_first
from tests.support.judging import WithBothModels, liked
from tests.support.services import until
from tests.support.studio_page import jobs_of, open_page, submit, wait


def brightness(png):
    return liked(Image.open(io.BytesIO(png))).score


def told(page):
    """The texts beside the bars, from the top of the page."""
    return [bar.proto.text for bar in page.get("progress")]


class TestWithAModelThatShips(WithBothModels):
    @pytest.mark.usefixtures("fresh_service")
    def test_nothing_is_judged_until_one_asks_and_then_two_bars_stand_under_the_picture(self):
        page = open_page()
        wait(submit(page, seed=3))
        [job] = jobs_of(page)
        assert page.session_state.visit.groups == {}
        button = page.button(key=f"judge_{job.id}")
        assert button.label == text("verdict.ask")
        button.click()
        until(lambda: not page.run().exception and len(told(page)) == 2)
        share = brightness(job.png)
        assert told(page) == [text("verdict.real", share=share), text("verdict.fit", share=0.5)]
        assert [each.id for each in jobs_of(page)] == [job.id]

    @pytest.mark.usefixtures("fresh_service")
    def test_of_several_pictures_the_one_it_likes_best_comes_first(self):
        page = open_page()
        wait(submit(page, pictures=4))
        jobs = jobs_of(page)
        page.button(key=f"judge_{jobs[0].id}").click()
        until(lambda: not page.run().exception and len(told(page)) == 8)
        order = [image.proto.imgs[0].url for image in page.image][:4]
        assert len(set(order)) == 4
        best_first = sorted((brightness(job.png) for job in jobs), reverse=True)
        shown = [text("verdict.real", share=share) for share in best_first]
        assert told(page)[::2] == shown


def test_what_the_judge_does_not_know_comes_last():
    jobs = [
        JobSnapshot(id=name, batch="b", model="m", request=Request(prompt="a fox", seed=1))
        for name in ("strange", "bad", "good")
    ]
    said = {"strange": Opinion(known=False), "bad": Opinion(score=-3), "good": Opinion(score=2)}
    assert [job.id for job in best_first(jobs, said)] == ["good", "bad", "strange"]
    assert best_first(jobs, {}) == jobs


@pytest.mark.usefixtures("fresh_service")
def test_with_a_model_of_ones_own_no_judge_is_offered():
    page = open_page()
    wait(submit(page))
    assert not [button.key for button in page.button if (button.key or "").startswith("judge_")]
