"""The same sentence by both models that ship, without a browser."""

import pytest

from stimage.config import GAN_MODEL
from stimage.i18n import text
from stimage.models import catalog
from stimage.paths import SHIPPED
from tests.support.judging import WithBothModels
from tests.support.services import until
from tests.support.studio_page import captions, jobs_of, open_page, submit, wait

OTHER = catalog.entry(GAN_MODEL).title


class TestWithAModelThatShips(WithBothModels):
    @pytest.mark.usefixtures("fresh_service")
    def test_nothing_more_is_drawn_until_one_asks_and_then_both_stand_side_by_side(self):
        page = open_page()
        wait(submit(page, seed=3))
        [job] = jobs_of(page)
        visit = page.session_state.visit
        button = page.button(key=f"compare_{job.id}")
        assert button.label.replace("\\", "") == text("studio.compare", model=OTHER)
        assert visit.groups == {}
        button.click()
        until(lambda: not page.run().exception and len(visit.groups_over) == 1)
        page.run()
        alts = [image.proto.imgs[0].alt for image in page.image]
        for model in SHIPPED:
            assert text("studio.compared_picture", model=model, prompt=job.request.prompt) in alts
        assert any("Seed 3 · 20 steps" in caption for caption in captions(page))
        assert any("Seed 3 · 1 step ·" in caption for caption in captions(page))
        assert [each.id for each in jobs_of(page)] == [job.id]


@pytest.mark.usefixtures("fresh_service")
def test_with_a_model_of_ones_own_no_comparison_is_offered():
    page = open_page()
    wait(submit(page))
    assert not [button.key for button in page.button if (button.key or "").startswith("compare_")]
