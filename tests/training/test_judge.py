"""The judge's training: the order of pictures and wrong captions, and how a judge is measured."""

import pytest
import torch

from stimage.inference.gan.discriminator import Discriminator, Verdict
from stimage.inference.gan.folder import load_gan
from stimage.training.evaluation.judge import Judged, area_under_curve, good_above_bad
from stimage.training.judge.drawings import Drawings
from stimage.training.judge.train import JudgeLoss, order_loss
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.stages.latents import Latents
from tests.support.tiny_gan import TINY_DISCRIMINATOR, save_tiny_gan

PLANS = [Plan((Thing(name),), place="snow") for name in ("cat", "owl")]


@pytest.fixture(scope="module")
def gan(tmp_path_factory):
    return load_gan(save_tiny_gan(tmp_path_factory.mktemp("gan")))


def test_the_area_under_the_curve_counts_pairs():
    assert area_under_curve([2.0, 3.0], [1.0, 2.0]) == 0.875
    assert area_under_curve([], [1.0]) is None


def test_a_judge_is_measured_by_pictures_that_are_clearly_good_or_bad():
    def one(closest_db, score):
        return Judged(closest_db, Verdict(torch.tensor([score]), torch.tensor([0.0])), (30.0, 0.1))

    told = good_above_bad([one(25, 3.0), one(22, 1.0), one(20, 9.0), one(17.9, 2.0)])
    assert (told["good"], told["bad"]) == (2, 1)
    assert told["auc"] == {"whole score": 0.5, "real alone": 0.5, "fit alone": 0.5}
    assert good_above_bad([one(25, 1.0)])["auc"]["whole score"] is None


def test_pictures_closer_to_a_true_drawing_are_to_have_higher_scores():
    closest_db = torch.tensor([25.0, 24.5, 15.0])
    in_order = order_loss(torch.tensor([3.0, 3.0, -3.0]), closest_db)
    reversed_order = order_loss(torch.tensor([-3.0, -3.0, 3.0]), closest_db)
    assert in_order < 0.01
    assert reversed_order > 5
    assert order_loss(torch.tensor([0.0, 9.0]), closest_db[:2]) == 0  # too close to call


def test_a_judge_learns_the_order_of_pictures_and_which_captions_are_wrong(gan):
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn((8, 8, 16, 16), generator=generator)
    latents[::2] += 1
    by_gan = torch.arange(8) < 4
    closest_db = torch.tensor([25.0, 15.0] * 4)
    drawings = Drawings(latents.half(), PLANS * 4, closest_db, by_gan)
    torch.manual_seed(0)
    judge = Discriminator(TINY_DISCRIMINATOR)
    loss_of = JudgeLoss(judge, gan, drawings, Latents(latents[:2].half(), PLANS), batch=16)
    optimizer, losses = torch.optim.AdamW(judge.parameters(), lr=3e-3), []
    for step in range(40):
        loss, parts = loss_of(step, torch.Generator().manual_seed(step))
        judge.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(parts["order"])
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
    verdict = judge(latents, gan.prompt_embeds(["a cat in the snow"]).expand(8, -1, -1))
    assert verdict.total[::2].mean() > verdict.total[1::2].mean()
