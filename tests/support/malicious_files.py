"""Files that want to run something when they are opened; it only touches a file beside them."""

from __future__ import annotations

import collections
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from stimage.importing.architecture import OWN_CONFIGS
from tests.support.made_files import Good


class Touch:
    """A pickled object that, when it is built, runs `function(*arguments)`."""

    def __init__(self, function: Callable, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple:
        return self.call


def touch_command(path: Path) -> str:
    return f"{sys.executable} -c \"open(r'{path.parent / 'touched'}', 'w')\""


def with_system(_good: Good, path: Path) -> None:
    torch.save({"state_dict": Touch(os.system, touch_command(path))}, path)


def with_eval(_good: Good, path: Path) -> None:
    torch.save([Touch(eval, f"open(r'{path.parent / 'touched'}', 'w')")], path)


def with_torch_helper(_good: Good, path: Path) -> None:
    from torch.utils import collect_env

    torch.save({"a": Touch(collect_env.run, touch_command(path))}, path)


def with_system_legacy(_good: Good, path: Path) -> None:
    evil = {"state_dict": Touch(os.system, touch_command(path))}
    torch.save(evil, path, _use_new_zipfile_serialization=False)


def with_system_raw(_good: Good, path: Path) -> None:
    path.write_bytes(pickle.dumps(Touch(os.system, touch_command(path)), protocol=2))


def with_system_modern(_good: Good, path: Path) -> None:
    path.write_bytes(pickle.dumps(Touch(os.system, touch_command(path)), protocol=4))


def with_exec_beside_weights(good: Good, path: Path) -> None:
    torch.save(
        good.changed() | {"note": Touch(exec, f"open(r'{path.parent / 'touched'}','w')")}, path
    )


MALICIOUS = {
    "os.system in a zip": with_system,
    "eval in a zip": with_eval,
    "a function of torch that runs commands": with_torch_helper,
    "exec beside good weights": with_exec_beside_weights,
    "os.system, legacy": with_system_legacy,
    "os.system, a bare pickle": with_system_raw,
    "os.system, a bare pickle of protocol 4": with_system_modern,
}


def lightning_like(good: Good, path: Path) -> None:
    """As the published Stable Diffusion 1 files: with objects of a library that is not here."""
    module = type(sys)("pytorch_lightning.callbacks.model_checkpoint")
    kind = type("ModelCheckpoint", (), {"__module__": module.__name__})
    module.ModelCheckpoint = kind  # type: ignore[attr-defined]
    parents = {"pytorch_lightning": type(sys)("a"), "pytorch_lightning.callbacks": type(sys)("b")}
    sys.modules.update({**parents, module.__name__: module})
    import numpy as np

    state = collections.OrderedDict(good.tensors)
    callbacks = {kind: {"best_model_score": np.float64(0.25), "monitor": kind()}}
    facts = {"epoch": 0, "global_step": 470000, "pytorch-lightning_version": "1.4.2"}
    try:
        torch.save(
            {**facts, "state_dict": state, "callbacks": callbacks, OWN_CONFIGS: good.configs}, path
        )
    finally:
        for name in (*parents, module.__name__):
            del sys.modules[name]
