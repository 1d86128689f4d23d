"""Figures of the training pictures, the noise and the latent; and the two drawings."""

from __future__ import annotations

import random
import re
from collections import Counter
from itertools import count, islice
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageChops

from stimage.training.figures.drawings import gan_drawing, parts_drawing
from stimage.training.figures.sheet import Workshop, bars, control, frames
from stimage.training.pixels import contact_sheet, to_images, to_tensor
from stimage.training.scenes import Scene, scene
from stimage.training.scenes.captions import random_caption
from stimage.training.scenes.plan import training_plan

OURS = "Training pictures of our own"
PAGES, PER_PAGE = 5, 12
LEVELS = 21
CAPTIONS = 10_000
WORDS = ("a", "in", "background", "on", "the", "two", "beach", "cat", "red", "left", "purple")
NEVER = "xylophone"
NOISED = "castle"  # what the training picture of the noise figure shows
SHOWN_LATENTS = 4
STRONGER = 4
TIMES = "\N{MULTIPLICATION SIGN}"


def captioned_scenes() -> list[Scene]:
    """Return the first sixty training pictures that have a caption."""
    return list(islice((s for s in map(scene, count()) if s.caption), PAGES * PER_PAGE))


def training_set(workshop: Workshop) -> dict[str, Any]:
    """Sixty training pictures on five pages, each page with its captions."""
    scenes = captioned_scenes()
    pages = [scenes[i : i + PER_PAGE] for i in range(0, len(scenes), PER_PAGE)]
    files = [
        workshop.sprite(f"training-set-{i}", [contact_sheet([s.image for s in page], 4)], 1)
        for i, page in enumerate(pages)
    ]
    return frames(
        files,
        (4 * 128, 3 * 128),
        "Twelve training pictures, page {0}. Their captions: {note}",
        {"by": OURS, "seeds": f"0 and on, without empty captions: {len(scenes)}"},
        controls=[control("Twelve more", [f"{i} of {PAGES}" for i in range(1, PAGES + 1)])],
        notes=[[" · ".join(s.caption for s in page)] for page in pages],
    )


def word_counts(_: Workshop) -> dict[str, Any]:
    """In how many of ten thousand captions a word stands."""
    found: Counter[str] = Counter()
    written = 0
    for seed in range(CAPTIONS):
        caption = random_caption(training_plan(seed), random.Random(f"caption {seed}"))
        written += bool(caption)
        found.update(set(re.findall(r"[a-z]+", caption)))
    rows = [
        {"label": word, "value": found[word] / written, "text": f"{found[word]:,}"}
        for word in sorted((*WORDS, NEVER), key=lambda word: -found[word])
    ]
    caption = (
        f"Counted in {written:,} captions. The rest of {CAPTIONS:,} was left empty on purpose."
    )
    return bars(["Word", "Captions with it"], rows, {"by": "Counted in our own captions"}, caption)


def noising(workshop: Workshop) -> dict[str, Any]:
    """One training picture at 21 levels of the model's own noise schedule."""
    seed, picture = _noised_scene()
    clean = to_tensor(picture)
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(seed))
    kept = workshop.artist.scheduler.alphas_cumprod
    mixed, notes = [], []
    for level in range(LEVELS):
        a = float(kept[round(level * (len(kept) - 1) / (LEVELS - 1))]) if level else 1.0
        mixed.append(a**0.5 * clean + (1 - a) ** 0.5 * noise)
        notes.append(f"picture {TIMES} {a**0.5:.2f} + noise {TIMES} {(1 - a) ** 0.5:.2f}")
    return frames(
        [workshop.sprite("noising", to_images(torch.cat(mixed)), LEVELS, quality=60)],
        picture.size,
        "A training picture with noise, level {0}: {note}",
        {"by": OURS, "seed": seed},
        columns=LEVELS,
        width=320,
        controls=[
            control("Noise level", [f"{i} of {LEVELS - 1}" for i in range(LEVELS)], "slider")
        ],
        notes=[notes],
    )


def _noised_scene() -> tuple[int, Image.Image]:
    for seed in count():
        plan = training_plan(seed)
        named = [thing.noun for thing in plan.things] == [NOISED]
        plain = plan.count == 1 and not (plan.style or plan.verb or plan.size)
        if named and plan.place and plain:
            return seed, scene(seed).image
    raise AssertionError("unreachable")


def latent(workshop: Workshop) -> dict[str, Any]:
    """Pictures, their eight latent channels, the decoded picture and what was lost."""
    artist = workshop.artist
    scenes = [s for s in captioned_scenes() if s.plan.things and not s.plan.style][:SHOWN_LATENTS]
    cells, notes = [], []
    for one in scenes:
        z = artist.latents(one.image)
        decoded = artist.pictures(z)[0]
        lost = ImageChops.difference(one.image, decoded)
        strong = lost.point(lambda level: min(255, STRONGER * level))
        channels = [_channel(z[0, i], one.image.size) for i in range(z.shape[1])]
        few = one.image.resize((z.shape[3], z.shape[2]), Image.Resampling.BOX)
        blocks = few.resize(one.image.size, Image.Resampling.NEAREST)
        cells.append(contact_sheet([one.image, decoded, strong, blocks, *channels], 4))
        error = np.asarray(lost, dtype=np.float64).mean()
        notes.append(f"On average a colour value is off by {error:.1f} of 255.")
    return frames(
        [workshop.sprite("latent", cells, 1, quality=88)],
        cells[0].size,
        "The picture “{0}”, decoded, what was lost, and its latent as eight gray maps. {note}",
        {"by": f"{OURS}, through our encoder and decoder", "model_hash": artist.hash},
        rows=len(cells),
        width=640,
        controls=[control("Picture", [s.caption for s in scenes])],
        notes=[notes],
        caption="Above: the picture; decoded from the latent; what was lost, made "
        f"{STRONGER} times as strong; for comparison, the picture in plain pixels of the same "
        "number. Below: the eight channels of the latent.",
    )


def _channel(channel: torch.Tensor, size: tuple[int, int]) -> Image.Image:
    levels = ((channel / 6 + 0.5).clamp(0, 1) * 255).byte().numpy()
    return Image.fromarray(levels).resize(size, Image.Resampling.NEAREST).convert("RGB")


def gan(workshop: Workshop) -> dict[str, Any]:
    """A drawing of the two networks of a GAN."""
    return frames(
        [workshop.drawing("gan", gan_drawing())],
        (420, 330),
        "Random numbers go into the generator. It makes a picture. The discriminator gets this "
        "picture or a real one and says real or made-up. Its answer goes back to both as a hint.",
        {"by": "A drawing"},
        width=480,
    )


def parts(workshop: Workshop) -> dict[str, Any]:
    """A drawing of the three parts of Stable Diffusion."""
    return frames(
        [workshop.drawing("parts", parts_drawing())],
        (420, 330),
        "Words go into the text encoder. Its table and a latent of noise go into the U-Net, which "
        "works again and again. The last latent goes into the decoder, and a picture comes out.",
        {"by": "A drawing"},
        width=480,
    )
