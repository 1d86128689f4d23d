"""Schedulers: the model's own decides, and what its config means where it does not say."""

import pytest
import torch

from stimage.errors import ModelError
from stimage.i18n import sentence
from stimage.inference.diffusion import DiffusionEngine
from stimage.inference.schedulers import FEW_STEPS, name_of, new_scheduler, read_scheduler
from stimage.models.scheduler_names import SCHEDULERS, STAND_INS, name_in_config
from stimage.request import Request
from tests.support.tiny import tiny_pipeline

SD = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
IN_TIMESTEPS = [name for name in SCHEDULERS if name not in ("LCM", "DPM++ 2S")]  # these two have
# a spacing of their own, which begins with the last timestep


@pytest.mark.parametrize("name", SCHEDULERS)
def test_the_models_own_scheduler_draws(name):
    pipeline = tiny_pipeline()
    pipeline.scheduler = read_scheduler({"_class_name": SCHEDULERS[name], **SD})
    assert type(pipeline.scheduler).__name__ == SCHEDULERS[name]
    engine = DiffusionEngine(pipeline, name="tiny", steps=2)
    assert engine.scheduler == name
    assert engine.generate(Request(prompt="a fox")).request.scheduler == name


@pytest.mark.parametrize("kind", STAND_INS)
def test_what_cannot_draw_here_is_drawn_by_the_nearest(kind):
    scheduler = read_scheduler({"_class_name": kind, **SD})
    assert name_of(scheduler) == STAND_INS[kind]
    assert scheduler.config.beta_end == SD["beta_end"]


@pytest.mark.parametrize(
    "kind", ["FooScheduler", "FlowMatchEulerDiscreteScheduler", "os.system", "", None, 7, ["DDIM"]]
)
def test_any_other_class_is_refused_by_its_name(kind):
    with pytest.raises(ModelError) as caught:
        read_scheduler({"_class_name": kind, **SD})
    assert caught.value.code == "scheduler_unsupported"
    assert "unknown scheduler" in sentence(caught.value)


def test_a_config_that_names_none_means_the_first_stable_diffusions():
    assert name_in_config({}) == "PNDM"


@pytest.mark.parametrize("name", SCHEDULERS)
def test_latents_are_not_clipped_by_a_scheduler_made_from_another(name):
    own = read_scheduler({"_class_name": SCHEDULERS[name], **SD})
    assert new_scheduler("DDIM", dict(own.config)).config.clip_sample is False


def test_what_stable_diffusion_means_where_its_config_is_silent():
    ddim = read_scheduler({"_class_name": "DDIMScheduler", **SD}).config
    assert (ddim.clip_sample, ddim.steps_offset, ddim.set_alpha_to_one) == (False, 1, False)
    said = {"clip_sample": True, "steps_offset": 0, "set_alpha_to_one": True}
    ddim = read_scheduler({"_class_name": "DDIMScheduler", **SD, **said}).config
    assert (ddim.clip_sample, ddim.steps_offset, ddim.set_alpha_to_one) == (True, 0, True)
    assert read_scheduler({"_class_name": "PNDMScheduler", **SD}).config.skip_prk_steps is True


@pytest.mark.parametrize("spacing", ["leading", "linspace", "trailing"])
@pytest.mark.parametrize("name", IN_TIMESTEPS)
@pytest.mark.parametrize("steps", [1, 2, 4])
def test_few_steps_begin_at_the_last_timestep(name, spacing, steps):
    scheduler = new_scheduler(name, {**SD, "timestep_spacing": spacing}, steps)
    scheduler.set_timesteps(steps)
    assert float(scheduler.timesteps[0]) == pytest.approx(999, abs=1)
    assert all(float(t) > 150 for t in scheduler.timesteps)


def test_many_steps_are_spaced_as_the_config_says():
    for spacing, first in (("leading", 951), ("trailing", 999)):
        scheduler = new_scheduler("DDIM", {**SD, "timestep_spacing": spacing}, 20)
        scheduler.set_timesteps(20)
        assert int(scheduler.timesteps[0]) == first
    assert new_scheduler("DDIM", SD, FEW_STEPS).config.timestep_spacing == "leading"


@pytest.mark.filterwarnings("ignore:.*dpmsolver:FutureWarning")  # old models still name it
@pytest.mark.parametrize("kind", ["DPM++ 2M", "DPM++ 2S"])
@pytest.mark.parametrize("algorithm", ["dpmsolver", "dpmsolver++"])
def test_both_algorithms_of_dpm_draw(kind, algorithm):
    config = {"_class_name": SCHEDULERS[kind], **SD, "algorithm_type": algorithm}
    scheduler = read_scheduler(config)
    assert name_of(scheduler) == kind
    scheduler.set_timesteps(4)
    sample = torch.ones(1, 4, 4, 4)
    for t in scheduler.timesteps:
        sample = scheduler.step(0.1 * sample, t, sample).prev_sample
    assert sample.isfinite().all()
