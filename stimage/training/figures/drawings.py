"""Drawings as SVG: boxes, arrows, a curve. Each brings its own light ground."""

from __future__ import annotations

import math
from html import escape

INK, PAPER = "#1b1e29", "#ffffff"
COLORS = {"text": "#dbe6ff", "noise": "#e5e7ec", "net": "#e6defc", "latent": "#d7f2df"}
COLORS |= {"pixels": "#ffe6cc", "judge": "#ffdcdc"}
CURVE = ("#4338ca", "#b45309", "#0f766e", "#be185d")
FONT = "font-family='system-ui, sans-serif'"


def gan_drawing() -> str:
    """Draw generator and discriminator."""
    return _svg(
        420,
        330,
        [
            _box(10, 20, 110, 60, "noise", "random", "numbers"),
            _box(155, 20, 110, 60, "net", "generator"),
            _box(300, 20, 110, 60, "pixels", "made-up", "picture"),
            _box(10, 240, 110, 60, "latent", "real", "picture"),
            _box(255, 235, 155, 70, "judge", "discriminator", "real or made-up?"),
            _path("M 120 50 L 155 50"),
            _path("M 265 50 L 300 50"),
            _path("M 355 80 L 355 235"),
            _path("M 120 270 L 255 270"),
            _path("M 285 235 C 285 160 210 170 210 80", dashed=True),
            _text(70, 150, "hint: how to"),
            _text(70, 170, "look more real"),
        ],
    )


def parts_drawing() -> str:
    """Draw text encoder, U-Net and decoder."""
    return _svg(
        420,
        330,
        [
            _box(10, 20, 110, 60, "text", "your", "words"),
            _box(165, 20, 120, 60, "text", "text encoder"),
            _box(10, 130, 110, 60, "noise", "noise", "(a latent)"),
            _box(165, 130, 120, 60, "net", "U-Net", "guesses noise"),
            _box(320, 130, 90, 60, "latent", "latent"),
            _box(320, 250, 90, 60, "pixels", "decoder"),
            _box(165, 250, 120, 60, "pixels", "picture"),
            _path("M 120 50 L 165 50"),
            _path("M 225 80 L 225 130"),
            _path("M 120 160 L 165 160"),
            _path("M 285 150 L 320 150"),
            _path("M 345 190 C 345 232 235 232 228 190", dashed=True),
            _text(118, 232, "again and again"),
            _path("M 375 190 L 375 250"),
            _path("M 320 280 L 285 280"),
        ],
    )


def curve_drawing(
    lines: dict[str, list[tuple[float, float]]], x_title: str, y_title: str, *, width: int = 420
) -> str:
    """Draw curves of (x, y) with x > 0 on a logarithmic and y >= 0 on a linear axis."""
    points = [point for line in lines.values() for point in line]
    low, high = math.log10(min(x for x, _ in points)), math.log10(max(x for x, _ in points))
    top = max(y for _, y in points) * 1.05
    height, left, bottom = 300, 56, 250

    def place(x: float, y: float) -> tuple[float, float]:
        along = (math.log10(x) - low) / max(high - low, 1e-9)
        return left + along * (width - left - 20), bottom - y / top * (bottom - 20)

    parts = [_line(left, bottom, width - 20, bottom), _line(left, 20, left, bottom)]
    for power in range(math.ceil(low), math.floor(high) + 1):
        x, _ = place(10**power, 0)
        parts.append(_text(x, bottom + 20, f"{10**power:,}", anchor="middle"))
    for part in range(5):
        y = top * part / 4
        parts.append(_text(left - 8, place(10**low, y)[1] + 4, f"{y:.2f}", anchor="end"))
    for (name, line), color, row in zip(lines.items(), CURVE, range(len(CURVE)), strict=False):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line))
        dash = f" stroke-dasharray='{(0, 8, 3, 12)[row]} {(0, 4, 3, 6)[row]}'" if row else ""
        stroke = f"fill='none' stroke='{color}' stroke-width='2.5'{dash}"
        parts.append(f"<polyline points='{path}' {stroke}/>")
        parts.append(_line(width - 190, 30 + 20 * row, width - 155, 30 + 20 * row, stroke))
        parts.append(_text(width - 148, 34 + 20 * row, name))
    parts += [
        _text(width / 2, bottom + 42, x_title, anchor="middle"),
        _text(left + 10, 24, y_title),
    ]
    return _svg(width, height, parts)


def _svg(width: int, height: int, parts: list[str]) -> str:
    head = "<marker id='tip' viewBox='0 0 10 10' refX='9' refY='5' markerWidth='7' "
    head += f"markerHeight='7' orient='auto'><path d='M0 0 10 5 0 10z' fill='{INK}'/></marker>"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' "
        f"width='{width}' height='{height}'><defs>{head}</defs>"
        f"<rect width='100%' height='100%' fill='{PAPER}'/>{''.join(parts)}</svg>\n"
    )


def _box(x: float, y: float, w: float, h: float, kind: str, *words: str, size: int = 15) -> str:
    shape = f"<rect x='{x}' y='{y}' width='{w}' height='{h}' rx='12' fill='{COLORS[kind]}' "
    shape += f"stroke='{INK}' stroke-width='1.5'/>"
    first = y + h / 2 + 6 - 10 * (len(words) - 1)
    return shape + "".join(
        _text(x + w / 2, first + 20 * i, word, anchor="middle", size=size)
        for i, word in enumerate(words)
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 15) -> str:
    place = f"x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-size='{size}'"
    return f"<text {place} {FONT} fill='{INK}'>{escape(words)}</text>"


def _path(d: str, *, dashed: bool = False) -> str:
    dash = " stroke-dasharray='6 5'" if dashed else ""
    stroke = f"fill='none' stroke='{INK}' stroke-width='2'{dash}"
    return f"<path d='{d}' {stroke} marker-end='url(#tip)'/>"


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str = "") -> str:
    stroke = stroke or f"stroke='{INK}' stroke-width='1.5'"
    return f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' {stroke}/>"
