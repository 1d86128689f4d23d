"""An honest measure: how close a drawn picture comes to the closest true drawing of its sentence.

The scenes are drawn by a program, so every true picture of a sentence of the dice can be drawn.
The measure is the best PSNR over them, on the boxes of things only; the worst thing of a picture
decides. Both pictures are softened first, since a thin line may lie half a pixel off.

Run: python -m stimage.training.evaluation.closest
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from stimage.dice import Code, Roll, roll
from stimage.dice.model_vocabulary import vocabulary_of
from stimage.inference.diffusion import DiffusionEngine
from stimage.models.folder import ModelFolder
from stimage.request import Request
from stimage.training.command import run_command
from stimage.training.evaluation.true_drawings import closest
from stimage.training.export import MODEL
from stimage.training.scenes.captions import caption
from stimage.training.scenes.layout import arrangement
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.sentences import grounds, layouts, looks, plan_of

GOOD_DB = 20.0  # from here on a thing looks as it should
VARIED = tuple(  # whose pictures may differ most from seed to seed
    Plan((Thing(noun),), place=place)
    for noun, place in (("fox", "beach"), ("rocket", "space"), ("car", "city"))
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One sentence of the dice and the plan it asks for, None outside of the trained world."""

    prompt: str
    plan: Plan | None


def fresh_sentences(count: int, model_folder: Path) -> list[Asked]:
    """Return sentences of the dice in the words of a model, always the same ones."""
    words = vocabulary_of(ModelFolder(model_folder))
    rolls = [roll(Code(seed=f"{n:05d}", small=True), words) for n in range(count)]
    return [Asked(rolled.text, asked_by(rolled)) for rolled in rolls]


def asked_by(rolled: Roll) -> Plan | None:
    """Return the plan that a rolled sentence asks for; None if no scene shows it."""
    return plan_of(rolled.plan, _said(rolled))


def _said(rolled: Roll) -> dict[str, str]:
    """Return the words of every slot as they stand in the sentence."""
    texts: dict[str, list[str]] = {}
    for part in rolled.parts:
        if part.slot:
            texts.setdefault(part.slot, []).append(part.text)
    return {slot: " ".join(parts) for slot, parts in texts.items()}


def features_of(plan: Plan) -> list[str]:
    """Return the groups in which a sentence is counted."""
    many = len(plan.things) == 1 and plan.count > 1
    return [
        f"style: {plan.style or 'none'}",
        *([f"verb: {plan.verb}"] if plan.verb else []),
        *{f"size: {thing.size}" for thing in plan.things if thing.size},
        *([f"light: {plan.light}"] if plan.light else []),
        *(["colored"] if any(thing.color for thing in plan.things) else []),
        *([f"count: {plan.count}"] if many else []),
        *([f"relation: {plan.relation}"] if plan.relation else []),
    ]


def table(asked: Iterable[Asked], db: Iterable[float | None]) -> dict[str, dict[str, float]]:
    """Return the share of good pictures, in all and by group, with the number of sentences.

    Args:
        asked: the sentences.
        db: of each, its closest true drawing; None outside of the trained world.
    """
    good: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for one, value in zip(asked, db, strict=True):
        groups = ["all sentences"]
        if one.plan is not None:
            groups += ["inside the trained world", *features_of(one.plan)]
        total.update(groups)
        if value is not None and value >= GOOD_DB:
            good.update(groups)
    return {name: {"good": round(good[name] / n, 3), "n": n} for name, n in total.items()}


def variety(images: Iterable[Image.Image], plan: Plan) -> float:
    """Return how far the spread of pictures over the true drawings is from the training's.

    The total variation in [0, 1] between two distributions, a mean over what no sentence tells:
    the drawing of the place, the column of the thing, its drawing, and where it looks. One
    distribution is of the true drawings that `images` are closest to, one is the training's own.
    0 is the same spread; a model that draws one picture for every seed comes near 1.
    """
    found = [_untold(closest(image, plan)[1]) for image in images]
    trained: dict[str, list[int]] = {
        "ground": [one.variant for one in grounds(plan)],
        "column": [arrangement(one)[0][0] for one in layouts(plan)],
        "drawing": [thing.drawing for thing in looks(plan.things[0], plan.things[0])],
        "mirrored": [False, True],
    }
    gaps = [
        _total_variation([one[name] for one in found], values) for name, values in trained.items()
    ]
    return float(np.mean(gaps))


def _untold(plan: Plan) -> dict[str, int]:
    """Return what no sentence tells of a picture with one thing."""
    thing = plan.things[0]
    return {
        "ground": plan.variant,
        "column": arrangement(plan)[0][0],
        "drawing": thing.drawing,
        "mirrored": thing.mirrored,
    }


def _total_variation(a: Sequence[int], b: Sequence[int]) -> float:
    """Return half the sum of the differences between two distributions, given as samples."""
    ways, true = Counter(a), Counter(b)
    gaps = (abs(ways[key] / len(a) - true[key] / len(b)) for key in ways | true)
    return sum(gaps) / 2


def measure(
    draw_picture: Callable[[str, int], Image.Image], sentences: list[Asked]
) -> list[float | None]:
    """Draw every sentence inside the trained world once and return its closest true drawing."""
    return [
        None if one.plan is None else closest(draw_picture(one.prompt, seed), one.plan)[0]
        for seed, one in enumerate(tqdm(sentences, desc="closest true drawing", mininterval=10))
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the model in its folder and write training/closest.json beside it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--sentences", type=int, default=150)
    parser.add_argument("--seeds", type=int, default=64, help="of each sentence, for the variety")
    parser.add_argument("--steps", type=int, help="of a drawing; by default the model's own")
    args = parser.parse_args(arguments)
    engine = DiffusionEngine.load(str(args.model.resolve()))

    def drawn(prompt: str, seed: int) -> Image.Image:
        return engine.generate(
            Request(prompt=prompt, seed=seed, num_inference_steps=args.steps)
        ).image

    sentences = fresh_sentences(args.sentences, args.model)
    values = measure(drawn, sentences)
    inside = [value for value in values if value is not None]
    spreads = {}
    for plan in VARIED:
        prompt = caption(plan)
        images = [drawn(prompt, seed) for seed in tqdm(range(args.seeds), desc=prompt)]
        spreads[prompt] = round(variety(images, plan), 3)
    result = {
        "inside": round(len(inside) / len(values), 3),
        "median_db": round(float(np.median(inside)), 2),
        "rows": table(sentences, values),
        "variety": spreads,
    }
    path = args.model / "training" / "closest.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    run_command(main)
