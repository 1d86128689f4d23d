"""Schedulers: what Stable Diffusion means where a model's config does not say."""

import pytest
import torch

from stimage.inference.diffusion import DiffusionEngine
from stimage.inference.schedulers import SCHEDULERS, name_of, new_scheduler, read_scheduler
from stimage.request import Request
from tests.support.tiny import tiny_pipeline

SD = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}


@pytest.mark.parametrize("kind", ["PNDM", "DEISMultistep", "HeunDiscrete", "DPMSolverSinglestep"])
def test_latents_are_not_clipped_unless_the_config_says_so(kind):
    own = read_scheduler({"_class_name": f"{kind}Scheduler", **SD})
    ddim = new_scheduler("DDIM", dict(own.config))
    assert ddim.config.clip_sample is False
    assert ddim.config.set_alpha_to_one is False
    asked = read_scheduler({"_class_name": "DDIMScheduler", **SD, "clip_sample": True})
    assert new_scheduler("DDIM", dict(asked.config)).config.clip_sample is True


@pytest.mark.parametrize("kind", ["LMSDiscrete", "PNDM", "DEISMultistep", "HeunDiscrete"])
def test_a_model_with_another_scheduler_draws_with_one_of_ours(kind):
    pipeline = tiny_pipeline()
    pipeline.scheduler = read_scheduler({"_class_name": f"{kind}Scheduler", **SD})
    engine = DiffusionEngine(pipeline, name="tiny", steps=3)
    assert engine.scheduler in SCHEDULERS
    assert engine.generate(Request(prompt="a fox")).request.scheduler == engine.scheduler


@pytest.mark.filterwarnings("ignore:.*dpmsolver:FutureWarning")  # old models still name it
@pytest.mark.parametrize("algorithm", ["dpmsolver", "dpmsolver++"])
def test_both_algorithms_of_dpm_draw(algorithm):
    config = {"_class_name": "DPMSolverMultistepScheduler", **SD, "algorithm_type": algorithm}
    scheduler = read_scheduler(config)
    assert name_of(scheduler) == "DPM++ 2M"
    scheduler.set_timesteps(4)
    sample = torch.ones(1, 4, 4, 4)
    for t in scheduler.timesteps:
        sample = scheduler.step(0.1 * sample, t, sample).prev_sample
    assert sample.isfinite().all()
