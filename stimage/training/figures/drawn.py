"""Figures that the model draws: on its way, with few and many steps, with guidance, with seeds."""

from __future__ import annotations

from typing import Any

from PIL import Image

from stimage.training.figures.artist import STEPS
from stimage.training.figures.sheet import Workshop, asked, control, frames, ours
from stimage.training.pixels import contact_sheet

OVERVIEW = ("a rabbit in the meadow", 4)
ON_THE_WAY = {
    "a cat on the beach": 1,
    "a red car in the city": 2,
    "three penguins in the snow": 3,
    "a castle in the mountains": 4,
    "a boat under the sea": 5,
    "a rocket in space, pixel art": 6,
}
STEP_COUNTS = (1, 2, 4, 8, 16, 32)
STEP_PROMPTS = {"a fox in the forest": 1, "a castle at night": 2}
STRENGTHS = (2, 4, 8, 12)  # beside 0, which is no words at all, and 1, the words alone
STRENGTH_PROMPTS = ("a blue bird in the city", "two dogs on the beach", "a castle at night")
STRENGTH_SEEDS = (1, 2)
SEED_PROMPTS = (
    "a red balloon in the city",
    "a blue balloon in the city",
    "a house in the meadow",
)
SEEDS = (1, 2, 3, 4, 5, 6)


def overview(workshop: Workshop) -> dict[str, Any]:
    """From noise to one picture in eleven frames."""
    prompt, seed = OVERVIEW
    artist = workshop.artist
    steps = list(range(0, STEPS + 1, 2))
    moments = list(artist.moments([prompt], [seed]))
    cells = [artist.pictures(moments[i].now)[0] for i in steps]
    return frames(
        [workshop.sprite("overview", cells, len(cells))],
        cells[0].size,
        f"“{prompt}” after step {{0}}, from colored noise to the finished picture",
        ours(artist, prompt=prompt, seed=seed),
        columns=len(cells),
        width=320,
        controls=[control("Step", [f"{i} of {STEPS}" for i in steps], "slider", play=True)],
        caption=f"The words that went in: “{prompt}”. Colored patches, not dots: this is noise in "
        "the latent, turned into pixels.",
        drawn=[[asked(prompt, seed)]],
    )


def denoising(workshop: Workshop) -> dict[str, Any]:
    """Six prompts from noise to picture: what it is now and what is expected in the end."""
    artist = workshop.artist
    moments = list(artist.moments(list(ON_THE_WAY), list(ON_THE_WAY.values())))
    files = []
    for i in range(len(ON_THE_WAY)):
        now = [artist.pictures(moment.now[i : i + 1])[0] for moment in moments]
        expected = [artist.pictures(moment.expected[i : i + 1])[0] for moment in moments]
        files.append(workshop.sprite(f"denoising-{i}", now + expected, len(now), quality=70))
    return frames(
        files,
        (artist.side, artist.side),
        "“{0}” after step {2}, {1}",
        ours(artist, prompts=ON_THE_WAY),
        columns=STEPS + 1,
        rows=2,
        width=320,
        controls=[
            control("Prompt", list(ON_THE_WAY)),
            control("View", ["what it is now", "expected in the end"]),
            control("Step", [f"{i} of {STEPS}" for i in range(STEPS + 1)], "slider", play=True),
        ],
        drawn=[[asked(prompt, seed)] for prompt, seed in ON_THE_WAY.items()],
    )


def steps(workshop: Workshop) -> dict[str, Any]:
    """The same seed with few and with many steps."""
    artist = workshop.artist
    by_count = [
        artist.draw(list(STEP_PROMPTS), list(STEP_PROMPTS.values()), steps=count)
        for count in STEP_COUNTS
    ]
    cells = [row[i] for i in range(len(STEP_PROMPTS)) for row in by_count]
    return frames(
        [workshop.sprite("steps", cells, len(STEP_COUNTS))],
        cells[0].size,
        "“{0}”, drawn in this many steps: {1}",
        ours(artist, prompts=STEP_PROMPTS, steps="1 to 32"),
        columns=len(STEP_COUNTS),
        rows=len(STEP_PROMPTS),
        width=320,
        controls=[
            control("Prompt", list(STEP_PROMPTS)),
            control("Steps", [str(count) for count in STEP_COUNTS], "slider"),
        ],
        drawn=[
            [asked(p, seed, steps)] for p, seed in STEP_PROMPTS.items() for steps in STEP_COUNTS
        ],
    )


def guidance(workshop: Workshop) -> dict[str, Any]:
    """Without words, with the words alone, and with a push: two seeds, for each prompt."""
    artist = workshop.artist
    size = (3 * artist.side, 2 * artist.side)
    files, drawn = [], []
    for i, prompt in enumerate(STRENGTH_PROMPTS):
        words, none = (_pair(workshop, prompt, strength) for strength in (1, 0))
        cells = []
        for strength in STRENGTHS:
            three = (_pair(workshop, prompt, strength), words, none)
            cells.append(contact_sheet([pair[row] for row in range(2) for pair in three], 3))
            drawn.append(
                [
                    asked(prompt, seed, guidance=scale)
                    for seed in STRENGTH_SEEDS
                    for scale in (strength, 1, 0)
                ]
            )
        files.append(workshop.sprite(f"guidance-{i}", cells, len(cells)))
    return frames(
        files,
        size,
        "“{0}”, two seeds: with guidance {1}, with the words alone, and without words",
        ours(artist, prompts=STRENGTH_PROMPTS, seeds=STRENGTH_SEEDS, guidance="0 to 12"),
        columns=len(STRENGTHS),
        width=480,
        controls=[
            control("Prompt", list(STRENGTH_PROMPTS)),
            control("Guidance", [str(s) for s in STRENGTHS], "slider", start=1),
        ],
        panels=(3, 2),
        labels=[["with a push", "words alone (1)", "no words (0)", "", "", ""]] * len(drawn),
        drawn=drawn,
    )


def _pair(workshop: Workshop, prompt: str, strength: float) -> list[Image.Image]:
    return workshop.artist.draw([prompt] * 2, list(STRENGTH_SEEDS), guidance=strength)


def seeds(workshop: Workshop) -> dict[str, Any]:
    """Prompts by seeds."""
    artist = workshop.artist
    cells = [
        picture
        for prompt in SEED_PROMPTS
        for picture in artist.draw([prompt] * len(SEEDS), list(SEEDS))
    ]
    return frames(
        [workshop.sprite("seeds", cells, len(SEEDS))],
        cells[0].size,
        "“{0}” drawn with seed {1}",
        ours(artist, prompts=SEED_PROMPTS, seeds=SEEDS),
        columns=len(SEEDS),
        rows=len(SEED_PROMPTS),
        width=320,
        controls=[
            control("Prompt", list(SEED_PROMPTS)),
            control("Seed", [str(seed) for seed in SEEDS], "slider", play=True),
        ],
        drawn=[[asked(prompt, seed)] for prompt in SEED_PROMPTS for seed in SEEDS],
    )
