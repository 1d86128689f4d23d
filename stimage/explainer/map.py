"""The map of the page as a line of HTML: training, the three parts, the world; "you are here"."""

from __future__ import annotations

from collections.abc import Collection

from stimage.explainer.chapters import Station
from stimage.i18n import text

FIRST_CHAPTER = {  # where each place of the map leads
    Station.TRAINING: "training",
    Station.WORDS: "tokens",
    Station.NOISE: "generating",
    Station.PIXELS: "latent",
    Station.WORLD: "uses",
}


def map_html(here: Collection[Station]) -> str:
    """Return the map with the places of a chapter marked; none is marked beside the map."""
    places = "".join(
        f'<li><a href="#{FIRST_CHAPTER[station]}"'
        + (' aria-current="location"' if station in here else "")
        + f">{text(f'explainer.map.{station}')}</a></li>"
        for station in Station
    )
    label = text("explainer.map.here" if here else "explainer.map.beside")
    return f'<div class="map"><span>{label}</span><ol>{places}</ol></div>'
