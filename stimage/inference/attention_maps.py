"""Where a drawing looks at each token: the cross-attention of the U-Net, beside its own work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from torch import Tensor
from torch.nn.functional import interpolate

MAX_SIDE = 32  # places of a finished map


class AttentionMaps:
    """Sums the attention of the pass that has read the prompt, over layers, heads and steps.

    The U-Net's own attention runs as ever, by whatever is fastest: what it is given is read
    before, and the weights, softmax(q k / sqrt(d)), are calculated once more for that pass.
    """

    def __init__(self, tokens: int) -> None:
        """Begin with nothing.

        Args:
            tokens: of the prompt with both marks; what stands behind counts with the last.
        """
        self._tokens = tokens
        self._sums: dict[int, Tensor] = {}  # by places: (places, tokens)
        self._count = 0
        self._thread: int | None = None  # whose passes are noted now
        self._place = -1  # of the pass in its batch

    @contextmanager
    def listening(self, unet: UNet2DConditionModel) -> Iterator[None]:
        """Be told of every cross-attention of a U-Net meanwhile; what is `here` is noted.

        No thread may call the U-Net while that begins or ends: PyTorch's hooks are not made for it.
        """

        def note(layer: Attention, inputs: tuple[Tensor, ...], named: dict[str, Any]) -> None:
            if threading.get_ident() == self._thread:
                at = self._place
                self._note(layer, inputs[0][at, None], named["encoder_hidden_states"][at, None])

        layers = [m for m in unet.modules() if isinstance(m, Attention) and m.is_cross_attention]
        hooks = [m.register_forward_pre_hook(note, with_kwargs=True) for m in layers]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    @contextmanager
    def here(self, place: int = -1) -> Iterator[None]:
        """Note meanwhile what this thread calls, of the pass at `place` in its batch."""
        self._thread, self._place = threading.get_ident(), place
        try:
            yield
        finally:
            self._thread = None

    def _note(self, layer: Attention, places: Tensor, words: Tensor) -> None:
        query = layer.to_q(places).unflatten(-1, (layer.heads, -1)).transpose(1, 2).float()
        key = layer.to_k(words).unflatten(-1, (layer.heads, -1)).transpose(1, 2).float()
        weights = (query @ key.mT * layer.scale).softmax(-1).mean((0, 1))
        last = self._tokens - 1
        shares = torch.cat([weights[:, :last], weights[:, last:].sum(1, keepdim=True)], 1)
        before = self._sums.get(len(shares))
        self._sums[len(shares)] = shares if before is None else before + shares
        self._count += 1

    def mean(self, height: int, width: int) -> Tensor:
        """Return the mean as float32, (tokens, h, w), where no side is above `MAX_SIDE`.

        Args:
            height: of the latents.
            width: likewise.
        """
        shrink = min(1.0, MAX_SIDE / max(height, width))
        size = (max(1, round(height * shrink)), max(1, round(width * shrink)))
        total = torch.zeros(self._tokens, *size)
        for places, shares in self._sums.items():
            rows = round((places * height / width) ** 0.5)
            maps = shares.T.cpu().reshape(1, self._tokens, rows, -1)
            finer = maps.shape[-1] > size[1]
            total += interpolate(maps, size, mode="area" if finer else "bilinear")[0]
        return total / self._count
