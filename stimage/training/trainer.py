"""The loop all stages share: learning rate, EMA, log, checkpoints that survive a kill.

Knows nothing about pictures: a stage gives it a model and a function from step to loss.
"""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from stimage.errors import StimageError
from stimage.hardware.dtype import MAX_CHANNELS, compute_dtype
from stimage.training.checkpoints import load_checkpoint, newest_checkpoint, save_checkpoint
from stimage.training.optim import optimizers_for

LossOf = Callable[[int, torch.Generator], tuple[Tensor, dict[str, float]]]


def pick_device(name: str | None) -> torch.device:
    """Return the device called `name`, or the best there is.

    Raises:
        StimageError: if there is no such device here.
    """
    try:
        device = torch.device(name or ("cuda" if torch.cuda.is_available() else "cpu"))
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as problem:
        raise StimageError("no_such_device", name=name) from problem
    return device


def mixed_precision(device: str) -> torch.autocast:
    """Return a context in which networks compute in bfloat16, where that is faster here."""
    faster = device != "cpu" or compute_dtype(MAX_CHANNELS) is torch.bfloat16
    return torch.autocast(device, torch.bfloat16, enabled=faster)


def join_workers() -> tuple[int, int]:
    """Return (rank, number of workers); joins the others when started by torchrun."""
    if "WORLD_SIZE" not in os.environ:
        return 0, 1
    if not dist.is_initialized():
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return dist.get_rank(), dist.get_world_size()


def learning_rate(step: int, total: int, peak: float) -> float:
    """Return the rate: linear warm-up of 200 steps, constant, linear to zero in the last 30 %."""
    left = (total - step) / (0.3 * total)
    return peak * min(1.0, (step + 1) / 200, max(left, 0.0))


def new_ema(model: nn.Module, ema_decay: float) -> AveragedModel:
    """Return a moving average of the weights and buffers of `model`.

    The decay after n updates is min(ema_decay, 1 - (1 + n)^-0.75), as in k-diffusion.
    """

    @torch.no_grad()
    def average(ema: Sequence[Tensor], new: Sequence[Tensor], updates: Tensor | int) -> None:
        decay = min(ema_decay, 1 - (1 + int(updates)) ** -0.75)
        for old, value in zip(ema, new, strict=True):
            if old.is_floating_point():
                old.lerp_(value.to(old.dtype), 1 - decay)
            else:
                old.copy_(value)

    return AveragedModel(model, multi_avg_fn=average, use_buffers=True)


class Run:
    """One stage's training in one folder; starts where the folder's last checkpoint ends."""

    def __init__(
        self,
        folder: Path,
        model: nn.Module,
        *,
        total_steps: int,
        peak_lr: float,
        ema_decay: float = 0.9995,
        save_seconds: float = 300.0,
        first_step: int = 0,
        optimizers: list[Optimizer] | None = None,
    ) -> None:
        """Take over `model`.

        Args:
            folder: where checkpoints and the log lie.
            model: what is trained.
            total_steps: where the run ends.
            peak_lr: of all optimizers, after the warm-up.
            ema_decay: of the averaged weights, at last.
            save_seconds: from one checkpoint to the next.
            first_step: where an earlier run ended whose weights `model` has.
            optimizers: of its weights; by default `optimizers_for(model)`.
        """
        self.folder, self.model, self.first_step = folder, model, first_step
        self.total_steps, self.peak_lr, self.save_seconds = total_steps, peak_lr, save_seconds
        self.optimizers = optimizers or optimizers_for(model)
        self.rank, self.workers = join_workers()
        self.step = first_step
        self.checkpoint = folder / "last.pt"
        path = newest_checkpoint(self.checkpoint)
        state = load_checkpoint(path) if path else None
        if state:
            model.load_state_dict(state["model"])
        self.ema = new_ema(model, ema_decay)
        if state:
            for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
                optimizer.load_state_dict(saved)
            self.ema.load_state_dict(state["ema"])
            self.step = state["step"]
            self._forget_later_rows()

    def save(self) -> None:
        """Write the checkpoint; only the first worker does."""
        if self.rank == 0:
            state = {
                "model": self.model.state_dict(),
                "ema": self.ema.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
                "step": self.step,
            }
            save_checkpoint(self.checkpoint, state)

    def train(self, loss_of: LossOf, after_step: Callable[[int], None] | None = None) -> None:
        """Train until `total_steps`; `loss_of` gets the step and a generator of its own."""
        bar: tqdm[NoReturn] = tqdm(
            total=self.total_steps, initial=self.step, mininterval=10, disable=self.rank > 0
        )
        saved = time.monotonic()
        while self.step < self.total_steps:
            done, most = self.step - self.first_step, self.total_steps - self.first_step
            self._set_rate(learning_rate(done, most, self.peak_lr))
            generator = torch.Generator().manual_seed(self.step * self.workers + self.rank)
            loss, parts = loss_of(self.step, generator)
            self.model.zero_grad(set_to_none=True)
            loss.backward()
            self._share_gradients()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            for optimizer in self.optimizers:
                optimizer.step()
            self.ema.update_parameters(self.model)
            self.step += 1
            bar.update()
            if self.step % 25 == 0 or self.step == self.total_steps:
                self._log({"loss": loss.item(), **parts}, bar)
            if after_step:
                after_step(self.step)
            if time.monotonic() - saved > self.save_seconds:
                self.save()
                saved = time.monotonic()
        self.save()

    def _set_rate(self, rate: float) -> None:
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate

    def _forget_later_rows(self) -> None:
        path = self.folder / "log.csv"
        if self.rank == 0 and path.exists():
            head, *rows = path.read_text().splitlines()
            kept = [row for row in rows if int(row.split(",")[0]) <= self.step]
            path.write_text("\n".join([head, *kept]) + "\n")

    def _share_gradients(self) -> None:
        """Average the gradients of all workers.

        By hand: DistributedDataParallel wraps one forward pass, and a loss here calls several
        parts of a network (encode, decode).
        """
        if self.workers == 1:
            return
        grads = [p.grad for p in self.model.parameters() if p.grad is not None]
        flat = torch.cat([g.reshape(-1) for g in grads])
        dist.all_reduce(flat)
        flat /= self.workers
        for grad, part in zip(grads, flat.split([g.numel() for g in grads]), strict=True):
            grad.copy_(part.view_as(grad))

    def _log(self, parts: dict[str, float], bar: tqdm[NoReturn]) -> None:
        if self.rank > 0:
            return
        bar.set_postfix({name: f"{value:.4f}" for name, value in parts.items()}, refresh=False)
        path = self.folder / "log.csv"
        new = not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(["step", "seconds", *parts])
            row = [round(value, 5) for value in parts.values()]
            writer.writerow([self.step, round(time.time(), 1), *row])
