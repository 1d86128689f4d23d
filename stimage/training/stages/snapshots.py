"""What the half-trained model draws: the same prompts and seeds, again and again."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from PIL import Image
from torch import Tensor, nn
from transformers import CLIPTokenizer

from stimage.config import DEFAULT_MODEL
from stimage.models.catalog import entry
from stimage.training.networks.text_encoder import new_text_encoder
from stimage.training.networks.unet import TextToVelocity
from stimage.training.noise_schedule import alpha_sigma, new_scheduler, noise_from_velocity
from stimage.training.pixels import contact_sheet
from stimage.training.scenes.places import SIZE_PX
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.stages.latents import encode

DEFAULTS = entry(DEFAULT_MODEL)  # the settings it draws with in the app
SNAPSHOT_STEPS = (0, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)
PROMPTS = (
    "a cat sleeping on the beach",
    "a fox in the forest",
    "a red car in the city",
    "two penguins in the snow",
    "a robot dancing on a yellow background",
    "an owl to the left of a castle at night",
    "three bananas on a blue background",
    "a rocket in space, pixel art",
)
SEEDS = tuple(range(1, 9))
GUESS_PLAN = Plan((Thing("fox"),), place="meadow")
GUESS_T = 500  # of 1000: the picture can just be told


def assemble(
    tokenizer: CLIPTokenizer, vae: AutoencoderKL, text_encoder: nn.Module, unet: nn.Module
) -> StableDiffusionPipeline:
    """Return the parts as Stable Diffusion's own pipeline."""
    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=new_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    return without_bar(pipeline)


def without_bar(pipeline: StableDiffusionPipeline) -> StableDiffusionPipeline:
    """Return the pipeline without its own progress bar."""
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


class Snapshots:
    """Draws and keeps one row of pictures and one guess of the noise per snapshot."""

    def __init__(
        self,
        folder: Path,
        tokenizer: CLIPTokenizer,
        vae: AutoencoderKL,
        num_inference_steps: int = 20,
    ) -> None:
        """Draw into `folder` with fresh networks that get each snapshot's weights."""
        self.num_inference_steps = num_inference_steps
        self.folder, self.tokenizer = folder, tokenizer
        self.model = TextToVelocity(new_text_encoder(tokenizer)).eval()
        self.pipeline = assemble(tokenizer, vae, self.model.text_encoder, self.model.unet)
        self.x_0 = encode(vae, [GUESS_PLAN]).float()
        self.noise = torch.randn(self.x_0.shape, generator=torch.Generator().manual_seed(0))

    def take(self, step: int, samples: int, weights: dict[str, Tensor]) -> None:
        """Draw with these weights and write the row, the guess and the list of snapshots."""
        self.model.load_state_dict(weights)
        self.folder.mkdir(parents=True, exist_ok=True)
        images = self.pipeline(
            list(PROMPTS),
            num_inference_steps=self.num_inference_steps,
            guidance_scale=DEFAULTS.guidance_scale,
            width=SIZE_PX,
            height=SIZE_PX,
            generator=[torch.Generator().manual_seed(seed) for seed in SEEDS],
        ).images
        contact_sheet(images, len(images)).save(self.folder / f"pictures-{step}.webp", quality=85)
        guess = self._guess()
        contact_sheet(guess, len(guess)).save(self.folder / f"guess-{step}.png")
        self._note(step, samples)

    @torch.no_grad()
    def _guess(self) -> list[Image.Image]:
        """Return four pictures of latents: noisy, the real noise, the guessed noise, their gap."""
        t = torch.tensor([GUESS_T])
        scheduler = self.pipeline.scheduler
        x_t = scheduler.add_noise(self.x_0, self.noise, t)
        tokens = self.tokenizer(
            ["a fox in the meadow"], padding="max_length", return_tensors="pt"
        ).input_ids
        pred = self.model(x_t, t, tokens)
        guess = noise_from_velocity(x_t, pred, *alpha_sigma(scheduler, t))
        return [_as_image(z) for z in (x_t, self.noise, guess, guess - self.noise)]

    def _note(self, step: int, samples: int) -> None:
        path = self.folder / "snapshots.json"
        old = json.loads(path.read_text()) if path.exists() else {"steps": [], "samples": []}
        taken = dict(zip(old["steps"], old["samples"], strict=True)) | {step: samples}
        notes = {
            "prompts": PROMPTS,
            "seeds": SEEDS,
            "steps": sorted(taken),
            "samples": [taken[key] for key in sorted(taken)],
            "guess": {"caption": "a fox in the meadow", "timestep": GUESS_T},
        }
        path.write_text(json.dumps(notes, indent=1))


def _as_image(latents: Tensor) -> Image.Image:
    """Return the first three channels of (1, 8, 16, 16) as a picture of 128 x 128 pixels."""
    levels = ((latents[0, :3].permute(1, 2, 0) / 3 + 0.5).clamp(0, 1) * 255).byte().numpy()
    return Image.fromarray(levels).resize((128, 128), Image.Resampling.NEAREST)
