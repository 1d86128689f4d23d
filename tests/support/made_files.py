"""How files are made that are no model, or one in an old form; each maker writes one file."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file

from stimage.importing.architecture import OWN_CONFIGS
from stimage.importing.export import save_checkpoint
from tests.support.tiny import save_tiny

UNET, VAE = "model.diffusion_model.", "first_stage_model."
TEXT = "cond_stage_model.transformer.text_model."


class Good:
    """A good checkpoint at tiny size, from which the bad ones are made."""

    def __init__(self, folder: Path) -> None:
        self.folder = save_tiny(folder / "good")
        self.ckpt = folder / "good.ckpt"
        self.safetensors = folder / "good.safetensors"
        save_checkpoint(self.folder, self.ckpt)
        save_checkpoint(self.folder, self.safetensors)
        loaded = torch.load(self.ckpt, weights_only=True)
        self.tensors: dict[str, torch.Tensor] = loaded["state_dict"]
        self.configs: str = loaded[OWN_CONFIGS]

    def without(self, *starts: str) -> dict:
        kept = {n: t for n, t in self.tensors.items() if not n.startswith(starts)}
        return {"state_dict": kept, OWN_CONFIGS: self.configs}

    def changed(self, **tensors: torch.Tensor) -> dict:
        return {"state_dict": self.tensors | tensors, OWN_CONFIGS: self.configs}


def raw(content: bytes) -> Callable[[Good, Path], None]:
    def make(_good: Good, path: Path) -> None:
        path.write_bytes(content)

    return make


def saved(make: Callable[[Good], object]) -> Callable[[Good, Path], None]:
    return lambda good, path: torch.save(make(good), path)


def named(*names: str, width: int = 4) -> Callable[[Good, Path], None]:
    """A state dict with these names and nothing meaningful in it."""
    return saved(lambda _good: {"state_dict": {name: torch.ones(width, width) for name in names}})


def cut(share: float, which: str = "ckpt") -> Callable[[Good, Path], None]:
    def make(good: Good, path: Path) -> None:
        content = getattr(good, which).read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return make


def zipped(
    files: dict[str, bytes], compression: int = zipfile.ZIP_STORED
) -> Callable[[Good, Path], None]:
    def make(_good: Good, path: Path) -> None:
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in files.items():
                archive.writestr(name, content)

    return make


def legacy_cut(good: Good, path: Path) -> None:
    stream = io.BytesIO()
    torch.save(good.tensors, stream, _use_new_zipfile_serialization=False)
    path.write_bytes(stream.getvalue()[:-5000])


def flipped(good: Good, path: Path) -> None:
    content = bytearray(good.ckpt.read_bytes())
    content[len(content) // 2] ^= 0x40
    path.write_bytes(content)


def flipped_header(good: Good, path: Path) -> None:
    content = bytearray(good.safetensors.read_bytes())
    content[content.index(b'"dtype"')] ^= 0x40
    path.write_bytes(content)


def overlapping(_good: Good, path: Path) -> None:
    """Many entries of the directory that point to the same bytes: large without compression."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/data.pkl", pickle.dumps({}, protocol=2))
        archive.writestr("x/data/0", b"\0" * 100_000)
        last = archive.filelist[-1]
        for number in range(1, 2000):
            again = zipfile.ZipInfo(f"x/data/{number}")
            again.header_offset, again.CRC = last.header_offset, last.CRC
            again.file_size = again.compress_size = last.file_size
            archive.filelist.append(again)


def self_referring(_good: Good, path: Path) -> None:
    loop: dict = {}
    loop["state_dict"] = loop
    torch.save(loop, path)


def huge_header(_good: Good, path: Path) -> None:
    header = json.dumps({"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}})
    path.write_bytes(struct.pack("<Q", len(header)) + header.encode())


def with_configs(change: Callable[[dict], object]) -> Callable[[Good, Path], None]:
    def make(good: Good, path: Path) -> None:
        configs = json.loads(good.configs)
        change(configs)
        torch.save({"state_dict": good.tensors, OWN_CONFIGS: json.dumps(configs)}, path)

    return make


def first_conv(channels: int) -> Callable[[Good], object]:
    def make(good: Good) -> object:
        conv = {UNET + "input_blocks.0.0.weight": torch.ones(8, channels, 3, 3)}
        return {"state_dict": good.tensors | conv}

    return make


def first(good: Good, part: str, minimum: int = 0) -> str:
    return next(n for n, t in good.tensors.items() if n.startswith(part) and t.numel() > minimum)


def with_number(number: float) -> Callable[[Good], object]:
    def make(good: Good) -> object:
        name = first(good, UNET)
        tensor = good.tensors[name].clone()
        tensor.view(-1)[3] = number
        return good.changed(**{name: tensor})

    return make


def with_hole(good: Good) -> object:
    return good.changed(**{n: t * 0 for n, t in good.tensors.items() if t.numel() >= 1000})


def of_type(convert: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Good], object]:
    def make(good: Good) -> object:
        name = next(n for n, t in good.tensors.items() if n.startswith(UNET) and t.ndim == 2)
        return good.changed(**{name: convert(good.tensors[name])})

    return make


def wide_texts(good: Good) -> object:
    """Weights without our configs: then the width of the texts must tell the kind."""
    return {"state_dict": good.tensors}


def deeper(good: Good) -> object:
    return good.changed(**{UNET + "input_blocks.99.0.in_layers.0.weight": torch.ones(8)})


def embedding(_good: Good) -> object:
    return {"string_to_token": {"*": 265}, "string_to_param": {"*": torch.ones(1, 768)}}


def lora(_good: Good, path: Path) -> None:
    save_file({"lora_unet_down_blocks_0.lora_down.weight": torch.ones(4, 8)}, path)


def unet_folder_file(good: Good, path: Path) -> None:
    path.write_bytes((good.folder / "unet/diffusion_pytorch_model.safetensors").read_bytes())
