"""Where a drawing begins, if not at the noise of its seed alone."""

from __future__ import annotations

from dataclasses import dataclass

MAX_PICTURE_BYTES = 1_000_000
MAX_PICTURE_SIDE = 1024  # pixels
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"  # how every PNG begins; width and height follow


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a drawing begins with. The `Request` that holds it checks every value.

    Attributes:
        picture: a PNG that is covered with noise first; b"" for noise alone.
        strength: how far the picture goes on the way to noise, in [0, 1]; 1 leaves nothing of it.
        other_seed: the noise is a mix with that of this seed.
        other_prompt: the embedding is a mix with that of this prompt.
        mix: the share of the other seed or prompt, in [0, 1].
    """

    picture: bytes = b""
    strength: float = 1.0
    other_seed: int | None = None
    other_prompt: str = ""
    mix: float = 0.0

    @property
    def picture_is_usable(self) -> bool:
        """Whether the picture looks like a PNG and is small, as far as its first bytes tell."""
        data = self.picture
        if not isinstance(data, bytes) or len(data) > MAX_PICTURE_BYTES:
            return False
        sizes = [int.from_bytes(data[place : place + 4], "big") for place in (16, 20)]
        return data.startswith(PNG) and min(sizes) > 0 and max(sizes) <= MAX_PICTURE_SIDE
