"""An honest measure: how close a drawn picture comes to the closest true drawing of its sentence.

The scenes are drawn by a program, so a sentence of the dice has some dozen true pictures. The
measure is the best PSNR over all of them, on the boxes of things only; the worst thing of a
picture decides. Both pictures are softened first, since a thin line may lie half a pixel off.

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
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from tqdm import tqdm

from stimage.dice import Code, Roll, roll
from stimage.dice.model_vocabulary import vocabulary_of
from stimage.inference.diffusion import DiffusionEngine
from stimage.models.folder import ModelFolder
from stimage.request import Request
from stimage.training.command import run_command
from stimage.training.export import MODEL
from stimage.training.pixels import psnr_db, to_images, to_pixels
from stimage.training.scenes.captions import caption
from stimage.training.scenes.draw import boxes
from stimage.training.scenes.places import SIZE_PX
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.sentences import as_trained, plan_of, true_plans

GOOD_DB = 20.0  # from here on a thing looks as it should
SOFTENED_PX = SIZE_PX / 128  # radius of the Gaussian
VARIED = tuple(  # whose pictures may differ most from seed to seed
    Plan((Thing(noun),), place=place)
    for noun, place in (("fox", "beach"), ("rocket", "space"), ("car", "city"))
)

Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """One sentence of the dice and the plan it asks for, None outside of the trained world."""

    prompt: str
    plan: Plan | None


def fresh_sentences(count: int, model_folder: Path) -> list[Asked]:
    """Return sentences of the dice in the words of a model, always the same ones."""
    words = vocabulary_of(ModelFolder(model_folder))
    rolls = [roll(Code(seed=f"{n:05d}", small=True), words) for n in range(count)]
    return [Asked(rolled.text, plan_of(rolled.plan, _said(rolled))) for rolled in rolls]


def _said(rolled: Roll) -> dict[str, str]:
    """Return the words of every slot as they stand in the sentence."""
    texts: dict[str, list[str]] = {}
    for part in rolled.parts:
        if part.slot:
            texts.setdefault(part.slot, []).append(part.text)
    return {slot: " ".join(parts) for slot, parts in texts.items()}


def closest(image: Image.Image, plan: Plan) -> tuple[float, Plan]:
    """Return the PSNR in dB to the closest true drawing, and the plan of that drawing.

    Args:
        image: `SIZE_PX` a side.
        plan: of the sentence, with what it leaves open unset.
    """
    drawn = soft(image)
    scored = ((_worst_box_db(drawn, true), true) for true in true_plans(plan))
    return max(scored, key=lambda pair: pair[0])


def soft(image: Image.Image) -> Pixels:
    """Return a picture as (H, W, 3) in [0, 1], blurred as both are that are compared."""
    blurred = image.convert("RGB").filter(ImageFilter.GaussianBlur(SOFTENED_PX))
    return np.asarray(blurred, dtype=np.float32) / np.float32(255)


def _true(plan: Plan) -> Pixels:
    return soft(to_images(to_pixels([plan]))[0])


def _worst_box_db(drawn: Pixels, plan: Plan) -> float:
    true = _true(plan)
    gaps = []
    for box in boxes(plan):
        rows, columns = (slice(max(v, 0), v + box.side) for v in (box.top, box.left))
        gaps.append(float(np.square(drawn[rows, columns] - true[rows, columns]).mean()))
    return psnr_db(max(gaps))


def features_of(plan: Plan) -> list[str]:
    """Return the groups in which a sentence is counted."""
    many = len(plan.things) == 1 and plan.count > 1
    single = len(plan.things) == 1 and not many
    return [
        *(["one thing, no style"] if single and not plan.style else []),
        f"style: {plan.style or 'none'}",
        *([f"verb: {plan.verb}"] if plan.verb else []),
        *([f"size: {plan.size}"] if plan.size else []),
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

    The total variation in [0, 1] between two distributions over (drawing of the place, shift,
    colors): of the true drawings that the whole `images` are closest to, and the training's own.
    0 is the same spread; a model that draws one picture for every seed comes near 1.
    """
    truths = [(_open(true), _true(true)) for true in true_plans(plan)]
    found: Counter[tuple[object, ...]] = Counter()
    for image in images:
        drawn = soft(image)
        found[min(truths, key=lambda pair: float(np.square(pair[1] - drawn).sum()))[0]] += 1
    expected = Counter(_open(true) for true in as_trained(plan))
    n, m = found.total(), expected.total()
    return sum(abs(found[key] / n - expected[key] / m) for key in found | expected) / 2


def _open(plan: Plan) -> tuple[object, ...]:
    return plan.place, plan.plain, plan.variant, plan.shift, plan.things


def measure(
    draw_picture: Callable[[str, int], Image.Image], sentences: list[Asked]
) -> list[float | None]:
    """Draw every sentence inside the trained world once and return its closest true drawing."""
    return [
        None if one.plan is None else closest(draw_picture(one.prompt, seed), one.plan)[0]
        for seed, one in enumerate(tqdm(sentences, desc="closest true drawing", mininterval=10))
    ]


def report(
    draw_picture: Callable[[str, int], Image.Image],
    sentences: list[Asked],
    values: list[float | None],
    seeds: int,
) -> dict[str, object]:
    """Return the share of good pictures by group, and the variety of so many seeds.

    Args:
        draw_picture: gets a prompt and a seed.
        sentences: what was drawn.
        values: what `measure` told of each.
        seeds: of each sentence whose variety is measured.
    """
    inside = [value for value in values if value is not None]
    spreads = {}
    for plan in VARIED:
        prompt = caption(plan)
        images = [draw_picture(prompt, seed) for seed in tqdm(range(seeds), desc=prompt)]
        spreads[prompt] = round(variety(images, plan), 3)
    return {
        "inside": round(len(inside) / len(values), 3),
        "median_db": round(float(np.median(inside)), 2),
        "rows": table(sentences, values),
        "variety": spreads,
    }


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
    result = report(drawn, sentences, measure(drawn, sentences), args.seeds)
    path = args.model / "training" / "closest.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    run_command(main)
