"""What an accelerator can't compute is computed on the processors instead."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any, TypeVar

import torch

from stimage.errors import StimageError, is_out_of_memory

T = TypeVar("T")
LACKING = re.compile(
    r"not (currently )?(implemented|supported)|no kernel image|no kernel for|doesn't support"
    r"|cannot convert a \w+ tensor to float64|not linked with support|not compiled with",
    re.I,
)
log = logging.getLogger(__name__)


def on_cpu_if_lacking(pipeline: Any, compute: Callable[[], T]) -> T:  # noqa: ANN401 (diffusers has no types)
    """Return what `compute` returns; where the device lacks an operation, move and do it again.

    Args:
        pipeline: has `device` and `to`; it stays on the CPU from then on.
        compute: uses the pipeline; begins from the start each time.

    Raises:
        Exception: whatever else `compute` raises. If the device's memory ran out, what the
            allocator keeps there is given back first, so that a smaller picture may fit.
    """
    try:
        return compute()
    except StimageError:
        raise
    except Exception as error:
        if pipeline.device.type == "cpu":
            raise
        if is_out_of_memory(error):
            torch.accelerator.empty_cache()
            raise
        if not isinstance(error, NotImplementedError) and not LACKING.search(str(error)):
            raise
        log.warning("The %s lacks an operation: %s", pipeline.device.type, str(error)[:200])
    pipeline.to("cpu")
    return compute()
