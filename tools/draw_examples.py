"""Draw the small picture of every example with the model that ships.

    python -m tools.draw_examples

Writes `static/examples/*.webp` and, beside them, `made_with.json`: model, its hash, seeds.
"""

from __future__ import annotations

import json

from stimage.config import DEFAULT_MODEL
from stimage.inference.diffusion import DiffusionEngine
from stimage.request import Request
from stimage.ui.studio.examples import EXAMPLES, FOLDER

SIDE_PX = 128


def main() -> None:
    """Draw all of them; what is in the folder already is replaced."""
    engine = DiffusionEngine.load(DEFAULT_MODEL)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    drawn = {}
    for example in EXAMPLES:
        picture = engine.generate(Request(prompt=example.prompt, seed=example.seed))
        picture.image.resize((SIDE_PX, SIDE_PX)).save(FOLDER / example.picture, quality=88)
        drawn[example.picture] = {
            "prompt": example.prompt,
            "seed": example.seed,
            "num_inference_steps": picture.request.num_inference_steps,
            "guidance_scale": picture.request.guidance_scale,
            "scheduler": picture.request.scheduler,
        }
        print(f"{example.prompt}: {picture.seconds:.1f} s")
    record = {"model": engine.name, "model_hash": engine.model_hash, "pictures": drawn}
    (FOLDER / "made_with.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
