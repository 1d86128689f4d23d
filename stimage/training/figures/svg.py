"""What drawings are made of, as SVG: boxes, words, arrows, a curve, on a light ground."""

from __future__ import annotations

import math
from html import escape

INK, PAPER = "#1b1e29", "#ffffff"
COLORS = {"text": "#dbe6ff", "noise": "#e5e7ec", "net": "#e6defc", "latent": "#d7f2df"}
COLORS |= {"pixels": "#ffe6cc", "judge": "#ffdcdc"}
CURVE = ("#4338ca", "#b45309", "#0f766e", "#be185d")
FONT = "font-family='system-ui, sans-serif'"


def curve_drawing(
    lines: dict[str, list[tuple[float, float]]], x_title: str, y_title: str, *, width: int = 420
) -> str:
    """Draw curves of (x, y) with x > 0 on a logarithmic and y >= 0 on a linear axis."""
    points = [point for curve in lines.values() for point in curve]
    low, high = math.log10(min(x for x, _ in points)), math.log10(max(x for x, _ in points))
    top = max(y for _, y in points) * 1.05
    height, left, bottom = 300, 56, 250

    def place(x: float, y: float) -> tuple[float, float]:
        along = (math.log10(x) - low) / max(high - low, 1e-9)
        return left + along * (width - left - 20), bottom - y / top * (bottom - 20)

    parts = [line(left, bottom, width - 20, bottom), line(left, 20, left, bottom)]
    for power in range(math.ceil(low), math.floor(high) + 1):
        x, _ = place(10**power, 0)
        parts.append(text(x, bottom + 20, f"{10**power:,}", anchor="middle"))
    apart = 0.2 if top < 3 else 1.0
    for tick in range(int(top / apart) + 1):
        y = tick * apart
        parts.append(text(left - 8, place(10**low, y)[1] + 4, f"{y:.1f}", anchor="end"))
    for (name, curve), color, row in zip(lines.items(), CURVE, range(len(CURVE)), strict=False):
        points_text = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in curve))
        dash = f" stroke-dasharray='{(0, 8, 3, 12)[row]} {(0, 4, 3, 6)[row]}'" if row else ""
        stroke = f"fill='none' stroke='{color}' stroke-width='2.5'{dash}"
        parts.append(f"<polyline points='{points_text}' {stroke}/>")
        parts.append(line(width - 190, 30 + 20 * row, width - 155, 30 + 20 * row, stroke))
        parts.append(text(width - 148, 34 + 20 * row, name))
    parts += [
        text(width / 2, bottom + 42, x_title, anchor="middle"),
        text(left + 10, 24, y_title),
    ]
    return svg(width, height, parts)


def svg(width: int, height: int, parts: list[str]) -> str:
    """Return a whole drawing."""
    head = "<marker id='tip' viewBox='0 0 10 10' refX='9' refY='5' markerWidth='7' "
    head += f"markerHeight='7' orient='auto'><path d='M0 0 10 5 0 10z' fill='{INK}'/></marker>"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' "
        f"width='{width}' height='{height}'><defs>{head}</defs>"
        f"<rect width='100%' height='100%' fill='{PAPER}'/>{''.join(parts)}</svg>\n"
    )


def box(x: float, y: float, w: float, h: float, kind: str, *words: str, size: int = 15) -> str:
    """Return a box with lines of words; its left, top, width and height; its kind of `COLORS`."""
    shape = f"<rect x='{x}' y='{y}' width='{w}' height='{h}' rx='12' fill='{COLORS[kind]}' "
    shape += f"stroke='{INK}' stroke-width='1.5'/>"
    first = y + h / 2 + 6 - 10 * (len(words) - 1)
    return shape + "".join(
        text(x + w / 2, first + 20 * i, word, anchor="middle", size=size)
        for i, word in enumerate(words)
    )


def text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 15) -> str:
    """Return words; `anchor` is SVG's text-anchor."""
    place = f"x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-size='{size}'"
    return f"<text {place} {FONT} fill='{INK}'>{escape(words)}</text>"


def path(d: str, *, dashed: bool = False) -> str:
    """Return a path with the tip of an arrow at its end."""
    dash = " stroke-dasharray='6 5'" if dashed else ""
    stroke = f"fill='none' stroke='{INK}' stroke-width='2'{dash}"
    return f"<path d='{d}' {stroke} marker-end='url(#tip)'/>"


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = "") -> str:
    """Return a line without a tip."""
    stroke = stroke or f"stroke='{INK}' stroke-width='1.5'"
    return f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' {stroke}/>"
