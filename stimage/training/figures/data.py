"""Figures of the training pictures, the noise and the latent."""

from __future__ import annotations

import random
import re
from collections import Counter
from itertools import count, islice
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageChops

from stimage.training.figures.sheet import Workshop, bars, control, frames
from stimage.training.pixels import contact_sheet, to_images, to_tensor
from stimage.training.scenes import Scene, scene
from stimage.training.scenes.captions import random_caption
from stimage.training.scenes.plan import training_plan

OURS = "Training pictures of our own"
PAGES, PER_PAGE = 5, 12
LEVELS = 21
CAPTIONS = 10_000
WORDS = ("background", "beach", "two", "three", "red", "purple", "left", "cat", "crown")
NEVER = "xylophone"
NOISED = ("castle", "snail", "train", "key")  # what the pictures of the noise figure show
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
        "Twelve training pictures, page {0}. Choose one to read its caption",
        {"by": OURS, "seeds": f"0 and on, without empty captions: {len(scenes)}"},
        controls=[control("Twelve more", [f"{i} of {PAGES}" for i in range(1, PAGES + 1)])],
        caption="Choose a picture to read its caption.",
        panels=(4, 3),
        labels=[[s.caption for s in page] for page in pages],
        tap=True,
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
    """Training pictures at 21 levels of the model's own noise schedule."""
    kept = workshop.artist.scheduler.alphas_cumprod
    files, notes, seeds = [], [], []
    for i, noun in enumerate(NOISED):
        seed, picture = noised_scene(noun)
        clean = to_tensor(picture)
        noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(seed))
        mixed, said = [], []
        for level in range(LEVELS):
            a = float(kept[round(level * (len(kept) - 1) / (LEVELS - 1))]) if level else 1.0
            mixed.append(a**0.5 * clean + (1 - a) ** 0.5 * noise)
            said.append(f"picture {TIMES} {a**0.5:.2f} + noise {TIMES} {(1 - a) ** 0.5:.2f}")
        cells = to_images(torch.cat(mixed))
        files.append(workshop.sprite(f"noising-{i}", cells, LEVELS, quality=50))
        notes.append(said)
        seeds.append(seed)
    return frames(
        files,
        picture.size,
        "Training picture {0} with noise, level {1}: {note}",
        {"by": OURS, "seeds": seeds},
        columns=LEVELS,
        width=320,
        controls=[
            control("Picture", [str(i) for i in range(1, len(NOISED) + 1)]),
            control("Noise level", [f"{i} of {LEVELS - 1}" for i in range(LEVELS)], "slider"),
        ],
        notes=notes,
    )


def noised_scene(noun: str = "castle") -> tuple[int, Image.Image]:
    """Return seed and picture of the first plain training picture of one thing at a place."""
    for seed in count():
        plan = training_plan(seed)
        named = [thing.noun for thing in plan.things] == [noun]
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
        notes.append(f"On average a color value is off by {error:.1f} of 255.")
    return frames(
        [workshop.sprite("latent", cells, 1, quality=88)],
        cells[0].size,
        "The picture “{0}”, decoded, what was lost, and its latent as eight gray maps. {note}",
        {"by": f"{OURS}, through our encoder and decoder", "model_hash": artist.hash},
        rows=len(cells),
        width=640,
        controls=[control("Picture", [s.caption for s in scenes])],
        notes=[notes],
        panels=(4, 3),
        labels=[
            ["picture", "decoded", f"lost, {TIMES} {STRONGER}", "as few pixels"]
            + [f"latent {i}" for i in range(1, 9)]
        ],
        caption="“As few pixels”: the picture shrunk to as many numbers as the latent has.",
    )


def _channel(channel: torch.Tensor, size: tuple[int, int]) -> Image.Image:
    levels = ((channel / 6 + 0.5).clamp(0, 1) * 255).byte().numpy()
    return Image.fromarray(levels).resize(size, Image.Resampling.NEAREST).convert("RGB")
