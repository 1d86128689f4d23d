"""The rough picture comes from the latents by one matrix."""

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

from stimage.inference.diffusion import DiffusionEngine
from stimage.inference.latent_preview import (
    PREVIEW_PIXELS,
    LatentToRGB,
    fit_latent_to_rgb,
    predicted_latents,
    read_latent_to_rgb,
)
from stimage.models.scheduler_names import SCHEDULERS
from stimage.request import Request
from tests.support.tiny import tiny_pipeline

SWAP = LatentToRGB(torch.eye(4)[:, :3], torch.tensor([0.0, 0.0, 1.0]))


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg)).convert("RGB")


def test_the_matrix_gives_the_colors():
    latents = torch.tensor([1.0, -1.0, 0.0, 5.0]).reshape(1, 4, 1, 1).expand(1, 4, 8, 8)
    red, green, blue = np.asarray(opened(SWAP.jpeg(latents)))[30, 30]
    assert red > 250
    assert green < 5
    assert blue > 250


@pytest.mark.parametrize(("height", "width"), [(4, 4), (64, 64), (64, 96), (128, 16)])
def test_it_has_the_pictures_shape_and_stays_small(height, width):
    image = opened(SWAP.jpeg(torch.zeros(1, 4, height, width)))
    assert image.width / image.height == pytest.approx(width / height, rel=0.01)
    assert max(image.size) == min(PREVIEW_PIXELS, 8 * max(height, width))


def test_wild_numbers_are_still_a_picture():
    latents = torch.full((1, 4, 4, 4), float("nan"), dtype=torch.bfloat16)
    assert opened(SWAP.jpeg(latents)).size == (32, 32)


def test_the_fit_finds_the_map_of_a_linear_decoder():
    vae = tiny_pipeline().vae
    matrix = torch.tensor([[0.1, 0.2, 0.0], [0.0, -0.1, 0.1], [0.2, 0.0, 0.0], [0.0, 0.1, -0.2]])

    class Linear(torch.nn.Module):
        config, device, dtype = vae.config, vae.device, vae.dtype

        def decode(self, z, **_options):
            x = torch.einsum("bchw,cr->brhw", z * vae.config.scaling_factor, matrix) + 0.05
            return (torch.nn.functional.interpolate(x, scale_factor=8),)

    fitted = fit_latent_to_rgb(Linear())
    assert torch.allclose(fitted.matrix, matrix, atol=1e-4)
    assert torch.allclose(fitted.bias, torch.full((3,), 0.05), atol=1e-4)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (name, kind)
        for name in SCHEDULERS
        for kind in ("v_prediction", "epsilon", "sample")
        if name != "Euler a" and (kind != "sample" or name not in ("PNDM", "DEIS"))
    ],
)
def test_at_the_last_step_the_prediction_is_the_result(name, kind):
    pipeline = tiny_pipeline()
    config = {**pipeline.scheduler.config, "prediction_type": kind, "rescale_betas_zero_snr": False}
    pipeline.scheduler = pipeline.scheduler.from_config(config)
    seen, results = [], []

    class Spy(LatentToRGB):
        def jpeg(self, latents: torch.Tensor) -> bytes:
            seen.append(latents.clone())
            return b""

    engine = DiffusionEngine(pipeline, name="tiny", preview=Spy(SWAP.matrix, SWAP.bias))
    original = pipeline.vae.decode

    def decode(latents, **options):
        results.append(latents * pipeline.vae.config.scaling_factor)
        return original(latents, **options)

    pipeline.vae.decode = decode
    request = Request(prompt="a fox", seed=1, scheduler=name, num_inference_steps=12)
    previews: list[bytes] = []
    engine.generate(request, lambda step: previews.append(step.preview()))
    error = (seen[-1] - results[0]).abs().mean() / results[0].abs().mean()
    assert error < 0.05
    assert (seen[0] - results[0]).abs().mean() > (seen[-1] - results[0]).abs().mean()


def test_the_formula_undoes_the_noise():
    scheduler = tiny_pipeline().scheduler
    x_0, noise = torch.randn(1, 4, 4, 4), torch.randn(1, 4, 4, 4)
    t = torch.tensor(600)
    x_t = scheduler.add_noise(x_0, noise, t)
    velocity = scheduler.get_velocity(x_0, noise, t)
    assert torch.allclose(predicted_latents(scheduler, velocity, t, x_t), x_0, atol=1e-5)


def test_a_map_is_read_from_a_models_folder(tmp_path):
    file = tmp_path / "preview.json"
    file.write_text(json.dumps({"matrix": SWAP.matrix.tolist(), "bias": [0, 0, 1]}))
    read = read_latent_to_rgb(file)
    assert torch.equal(read.matrix, SWAP.matrix)
    assert torch.equal(read.bias, SWAP.bias)


@pytest.mark.parametrize("text", ["[]", "{}", '{"matrix": [[1, 2]], "bias": [0, 0, 0]}', "no"])
def test_a_broken_map_is_refused(tmp_path, text):
    file = tmp_path / "preview.json"
    file.write_text(text)
    with pytest.raises((ValueError, KeyError, TypeError)):
        read_latent_to_rgb(file)
