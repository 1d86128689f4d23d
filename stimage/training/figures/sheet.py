"""How a figure is written: frames side by side in one WebP, and its entry in the manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from stimage.errors import StimageError
from stimage.training.figures.artist import GUIDANCE, STEPS, Artist
from stimage.training.pixels import contact_sheet

QUALITY = 78
OURS = "Made by our model"


class MissingInput(StimageError):
    """Training has not left what a figure is made from."""


@dataclass(slots=True)
class Workshop:
    """What the figures are made from and where they go."""

    artist: Artist
    model_folder: Path
    out: Path

    def training_file(self, name: str) -> Path:
        """Return a file that training left.

        Raises:
            MissingInput: if it is not there.
        """
        path = self.model_folder / "training" / name
        if not path.exists():
            raise MissingInput("figure_input_missing", path=str(path))
        return path

    def sprite(
        self, name: str, cells: list[Image.Image], columns: int, quality: int = QUALITY
    ) -> str:
        """Write equal pictures side by side and return the file's name."""
        file = f"{name}.webp"
        contact_sheet(cells, columns).save(self.out / file, quality=quality, method=6)
        return file

    def drawing(self, name: str, svg: str) -> str:
        """Write a drawing and return the file's name."""
        file = f"{name}.svg"
        (self.out / file).write_text(svg, "utf-8")
        return file


def control(label: str, values: list[Any], kind: str = "buttons", **more: int) -> dict[str, Any]:
    """Return one control of a figure: "buttons" or a "slider"."""
    return {"label": label, "kind": kind, "values": values, **more}


def frames(
    files: list[str],
    size: tuple[int, int],
    alt: str,
    made: dict[str, Any],
    *,
    columns: int = 1,
    rows: int = 1,
    width: int = 0,
    controls: list[dict[str, Any]] | None = None,
    notes: list[list[str]] | None = None,
    caption: str = "",
    panels: tuple[int, int] = (1, 1),
    labels: list[list[str]] | None = None,
    tap: bool = False,
    game: dict[str, Any] | None = None,
    drawn: Sequence[Sequence[dict[str, Any] | None]] | None = None,
) -> dict[str, Any]:
    """Return the manifest's entry of a figure of pictures; `size` is that of one frame in pixels.

    In `alt`, `{0}` stands for the value of the first control and `{note}` for the frame's note.
    `panels`, `labels`, `tap`, `game` and `drawn` are those of `stimage.explainer.manifest.Figure`.
    """
    entry: dict[str, Any] = {
        "kind": "frames",
        "files": files,
        "cell": list(size),
        "columns": columns,
        "rows": rows,
        "width": width or min(2 * size[0], 640),
        "alt": alt,
        "caption": caption,
        "made": made,
    }
    more = {
        "controls": controls,
        "notes": notes,
        "panels": list(panels) if panels != (1, 1) else None,
        "labels": labels,
        "tap": tap,
        "game": game,
        "drawn": drawn,
    }
    return entry | {key: value for key, value in more.items() if value}


def bars(
    head: list[str], rows: list[dict[str, Any]], made: dict[str, Any], caption: str = ""
) -> dict[str, Any]:
    """Return the entry of a table with bars: rows of label, text and a value in [0, 1] or None."""
    return {"kind": "bars", "head": head, "rows": rows, "caption": caption, "made": made}


def counted(label: str, right: int, all_of: int) -> dict[str, Any]:
    """Return a row of `bars` for a count, told as it is: "32 of 32"."""
    return {"label": label, "value": round(right / all_of, 4), "text": f"{right} of {all_of}"}


def asked(prompt: str, seed: int, steps: int = STEPS, guidance: float = GUIDANCE) -> dict[str, Any]:
    """Return what the studio has to be asked for to draw the same picture."""
    return {"prompt": prompt, "seed": seed, "steps": steps, "guidance": guidance}


def ours(artist: Artist, **settings: object) -> dict[str, Any]:
    """Return how a picture of the model was made, all that is needed to make it again."""
    return {
        "by": OURS,
        "model_hash": artist.hash,
        "scheduler": "DDIM",
        "steps": STEPS,
        "guidance": GUIDANCE,
    } | settings
