"""What the half-trained generator draws: the same prompts and z, again and again."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from stimage.inference.gan.folder import Gan
from stimage.training.networks.gan import GanNetworks
from stimage.training.pixels import contact_sheet, to_images
from stimage.training.scenes.captions import caption
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.sentences import as_trained
from stimage.training.stages.latents import encode
from stimage.training.stages.snapshots import PROMPTS, SEEDS

SNAPSHOT_STEPS = (0, 50, 100, 200, 400, 700)
EVERY = 500  # steps, after these
SPREAD = tuple(  # single things; what is open is the place's drawing and the shift
    Plan((Thing(noun),), place=place)
    for noun, place in (
        ("dog", "snow"), ("fox", "beach"), ("owl", "forest"), ("rocket", "space"),
        ("house", "meadow"),
    )
)  # fmt: skip
SPREAD_SEEDS = 16


class GanSnapshots:
    """Draws and keeps one row of pictures and the spread over z per snapshot."""

    def __init__(self, folder: Path, gan: Gan, networks: GanNetworks) -> None:
        """Draw into `folder` with `networks`, gan's among them, which get the weights."""
        self.folder, self.gan, self.networks = folder, gan, networks.eval()

    def take(self, step: int, samples: int, weights: dict[str, Tensor]) -> None:
        """Draw with these weights and write the row and the list of snapshots."""
        self.networks.load_state_dict(weights)
        self.folder.mkdir(parents=True, exist_ok=True)
        images = to_images(self.gan.draw(list(PROMPTS), list(SEEDS)))
        contact_sheet(images, len(images)).save(self.folder / f"pictures-{step}.webp", quality=85)
        self._note(step, {"samples": samples, "spread": spread_of_each(self.gan)})

    def _note(self, step: int, facts: dict[str, object]) -> None:
        path = self.folder / "snapshots.json"
        taken = json.loads(path.read_text())["taken"] if path.exists() else {}
        taken |= {str(step): facts}
        notes = {
            "prompts": PROMPTS,
            "seeds": SEEDS,
            "taken": {key: taken[key] for key in sorted(taken, key=int)},
        }
        path.write_text(json.dumps(notes, indent=1))


@functools.cache
def _true_spreads(vae: AutoencoderKL) -> list[float]:
    return [_spread(encode(vae, [*as_trained(plan)])) for plan in SPREAD]


@torch.no_grad()
def spread_of_each(gan: Gan) -> dict[str, float]:
    """Return by noun how far pictures of one sentence differ, as a share of the training's.

    The share of two variances of latents, over z and over the true drawings; 0 is a collapse.
    """
    shares = {}
    for plan, true in zip(SPREAD, _true_spreads(gan.vae), strict=True):
        z = gan.new_z(list(range(SPREAD_SEEDS)))
        states = gan.prompt_embeds([caption(plan)]).expand(len(z), -1, -1)
        shares[plan.things[0].noun] = round(_spread(gan.generator(z, states)) / true, 3)
    return shares


def _spread(latents: Tensor) -> float:
    """Return the variance over the batch, a mean over all latents, of (B, C, H, W)."""
    return latents.float().var(0).mean().item()
