"""An engine without torch, as a worker process: quick to start, and it fails as it is told.

Benchmarks and tests try with it what stands around an engine.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace

from PIL import Image

from stimage.errors import Message, ModelError
from stimage.inference.engine import OnStep
from stimage.request import Picture, Request, Step
from stimage.service.worker import serve

COMMAND = [sys.executable, "-m", __name__]
STEPS = 6


class PlainEngine:
    """Draws noise of the seed. The prompt says what happens in step 2: die, hang, memory, print."""

    def __init__(self, name: str) -> None:
        if name == "broken":
            raise ModelError("weights_do_not_fit", part="unet", detail=Message("field.seed"))
        if name == "deadly":
            os._exit(1)
        self.name = name

    def completed(self, request: Request) -> Request:
        """Return the request with its steps."""
        return replace(request, num_inference_steps=request.num_inference_steps or STEPS)

    def generate(self, request: Request, on_step: OnStep | None = None) -> Picture:
        """Draw, and tell each step."""
        request = self.completed(request)
        total = request.num_inference_steps or STEPS
        for index in range(1, total + 1):
            if index == 2:
                fail(request.prompt)
            if on_step is not None:
                on_step(Step(index, total, lambda: b"\xff\xd8 a preview"))
        image = Image.frombytes("L", (8, 8), gray_of(request.seed))
        return Picture(image, request, 0.1, self.name)


def gray_of(seed: int) -> bytes:
    """Return the 64 pixels of a seed."""
    return bytes((seed * k) % 251 for k in range(1, 65))


def fail(how: str) -> None:
    if how == "die":
        os._exit(1)
    if how == "hang":
        time.sleep(600)
    if how == "memory":
        raise MemoryError
    if how == "garbage":
        os.write(1, b"what a library prints\n")
        sys.stdout.write("and Python\n")


if __name__ == "__main__":
    serve(PlainEngine)
