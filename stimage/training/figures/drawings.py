"""The figures that are drawings: the map, the arrow of guidance, a GAN, Stable Diffusion."""

from __future__ import annotations

from typing import Any

from stimage.training.figures.sheet import Workshop, frames
from stimage.training.figures.svg import box, path, svg, text

SIZE = (420, 330)


def map_of_parts(workshop: Workshop) -> dict[str, Any]:
    """Training above, the three parts below."""
    parts = [
        box(10, 14, 400, 62, "judge", "before: training", "pictures and captions set the weights"),
        box(10, 130, 120, 74, "text", "1  words", "text encoder", "once"),
        box(150, 130, 120, 74, "net", "2  noise out", "U-Net", "step by step"),
        box(290, 130, 120, 74, "pixels", "3  pixels", "decoder", "once"),
        box(10, 256, 400, 62, "latent", "after: the world", "what goes wrong, and what to do"),
        path("M 70 76 L 70 130", dashed=True),
        path("M 210 76 L 210 130", dashed=True),
        path("M 350 76 L 350 130", dashed=True),
        path("M 130 167 L 150 167"),
        path("M 270 167 L 290 167"),
        path("M 350 204 L 350 256"),
    ]
    return _drawing(
        workshop,
        "map",
        parts,
        "A map. Before: training sets the weights. Then three parts in a row: words become "
        "numbers, noise is taken out step by step, the result becomes pixels. After: the world.",
    )


def guidance_arrow(workshop: Workshop) -> dict[str, Any]:
    """Two guesses as two places, and an arrow through both."""
    parts = [
        box(10, 200, 120, 60, "noise", "guess", "without words"),
        box(160, 130, 120, 60, "text", "guess", "with words"),
        box(310, 40, 100, 60, "net", "where", "we go"),
        path("M 130 215 L 160 185"),
        path("M 280 140 L 315 100"),
        text(20, 300, "0: no words"),
        text(168, 230, "1: words alone"),
        text(300, 24, "4: pushed on"),
    ]
    return _drawing(
        workshop,
        "guidance-arrow",
        parts,
        "An arrow starts at the guess without words, runs through the guess with words, and goes "
        "on in the same direction. The guidance scale says how far.",
    )


def gan(workshop: Workshop) -> dict[str, Any]:
    """The two networks of a GAN, and a hint to each."""
    parts = [
        box(10, 20, 110, 60, "noise", "random", "numbers"),
        box(155, 20, 110, 60, "net", "generator"),
        box(300, 20, 110, 60, "pixels", "made-up", "picture"),
        box(10, 240, 110, 60, "latent", "real", "picture"),
        box(255, 235, 155, 70, "judge", "discriminator", "real or made-up?"),
        path("M 120 50 L 155 50"),
        path("M 265 50 L 300 50"),
        path("M 355 80 L 355 235"),
        path("M 120 270 L 255 270"),
        path("M 275 235 C 275 160 210 170 210 80", dashed=True),
        path("M 300 305 C 300 326 370 326 370 305", dashed=True),
        text(62, 130, "hint: how to"),
        text(62, 150, "fool it better"),
        text(60, 321, "hint: how to be fooled less"),
    ]
    return _drawing(
        workshop,
        "gan",
        parts,
        "Random numbers go into the generator. It makes a picture. The discriminator gets this "
        "picture or a real one and says real or made-up. Then both get a hint: the generator how "
        "to fool better, the discriminator how to be fooled less.",
    )


def parts(workshop: Workshop) -> dict[str, Any]:
    """The three parts of Stable Diffusion."""
    drawn = [
        box(10, 20, 110, 60, "text", "your", "words"),
        box(165, 20, 120, 60, "text", "text encoder"),
        box(10, 130, 110, 60, "noise", "noise", "(a latent)"),
        box(165, 130, 120, 60, "net", "U-Net", "guesses noise"),
        box(320, 130, 90, 60, "latent", "latent"),
        box(320, 250, 90, 60, "pixels", "decoder"),
        box(165, 250, 120, 60, "pixels", "picture"),
        path("M 120 50 L 165 50"),
        path("M 225 80 L 225 130"),
        path("M 120 160 L 165 160"),
        path("M 285 150 L 320 150"),
        path("M 345 190 C 345 232 235 232 228 190", dashed=True),
        text(118, 232, "again and again"),
        path("M 375 190 L 375 250"),
        path("M 320 280 L 285 280"),
    ]
    return _drawing(
        workshop,
        "parts",
        drawn,
        "Words go into the text encoder. Its table and a latent of noise go into the U-Net, which "
        "works again and again. The last latent goes into the decoder, and a picture comes out.",
    )


def _drawing(workshop: Workshop, name: str, parts: list[str], alt: str) -> dict[str, Any]:
    file = workshop.drawing(name, svg(*SIZE, parts))
    return frames([file], SIZE, alt, {"by": "A drawing"}, width=480)
