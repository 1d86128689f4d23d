"""Prompts to begin with. Each uses words that our own small model has learned."""

from __future__ import annotations

from dataclasses import dataclass

from stimage import paths


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt and the seed with which its small picture was drawn."""

    prompt: str
    seed: int = 1

    @property
    def picture(self) -> str:
        """The file name of its picture: "a-fox-sleeping-in-the-forest.webp"."""
        words = "".join(c if c.isalnum() else " " for c in self.prompt)
        return "-".join(words.split()) + ".webp"


EXAMPLES = (
    Example("a fox sleeping in the forest"),
    Example("a penguin dancing in the snow"),
    Example("a dragon flying in the mountains"),
    Example("a blue car in the city"),
    Example("an octopus reading under the sea"),
    Example("a rocket in space"),
    Example("three sheep in the meadow"),
    Example("a castle in the mountains, watercolor"),
    Example("a ghost at night, neon"),
    Example("a crab on the beach"),
    Example("a panda eating on a pink background"),
    Example("a cactus in the desert, pixel art"),
    Example("a hedgehog in the forest"),
    Example("two parrots in the meadow"),
    Example("a zebra on a yellow background"),
    Example("three strawberries on a purple background"),
)
FOLDER = paths.EXAMPLE_PICTURES
