"""Files that are no model one can draw with: how each is made, and what is said about it.

    python -m tests.support.bad_files

prints the table with the sentence a person reads for each.
"""

from __future__ import annotations

import pickle
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file

from stimage.importing.architecture import OWN_CONFIGS
from tests.support.made_files import (
    TEXT,
    UNET,
    VAE,
    Good,
    cut,
    deeper,
    embedding,
    first_conv,
    flipped,
    flipped_header,
    huge_header,
    legacy_cut,
    lora,
    named,
    of_type,
    overlapping,
    raw,
    saved,
    self_referring,
    unet_folder_file,
    wide_texts,
    with_configs,
    with_hole,
    with_number,
    zipped,
)
from tests.support.malicious_files import MALICIOUS

ERROR_PAGE = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4265380512\n"
EMPTY_PICKLE = pickle.dumps({}, protocol=2)

BAD_FILES: dict[str, tuple[str, Callable[[Good, Path], None]]] = {
    "nothing there": ("missing", lambda _good, _path: None),
    "empty": ("empty", raw(b"")),
    "one per cent of a .ckpt": ("cut_short_or_damaged", cut(0.01)),
    "half of a .ckpt": ("cut_short_or_damaged", cut(0.5)),
    "all but the end of a .ckpt": ("cut_short_or_damaged", cut(0.999)),
    "half of a .safetensors": ("truncated", cut(0.5, "safetensors")),
    "a .safetensors cut in its header": ("truncated", cut(0.02, "safetensors")),
    "a legacy .ckpt without its end": ("cut_short", legacy_cut),
    "a header that promises terabytes": ("truncated", huge_header),
    "random bytes": ("unknown_file", raw(bytes((i * 167 + 211) % 256 for i in range(5000)))),
    "a web page": ("html", raw(b"<!DOCTYPE html><html><body>Sign in</body></html>")),
    "an error page of a storage": ("html", raw(ERROR_PAGE)),
    "a text": ("text_file", raw("A small note about a model, for Jürgen.\n".encode() * 90)),
    "an answer in JSON": ("text_file", raw(b'{"error": "Access to this model is restricted."}')),
    "a Git LFS pointer": ("lfs_pointer", raw(POINTER)),
    "a GGUF file": ("gguf", raw(b"GGUF\x03\0\0\0" + b"\0" * 99)),
    "a Keras file": ("hdf5", raw(b"\x89HDF\r\n\x1a\n" + b"\0" * 99)),
    "a NumPy array": ("numpy", raw(b"\x93NUMPY\x01\0" + b"\0" * 99)),
    "a picture": ("picture", raw(b"\x89PNG\r\n\x1a\n" + b"\0" * 99)),
    "a photograph": ("picture", raw(b"\xff\xd8\xff\xe0" + b"\0" * 99)),
    "a packed archive": ("archive", raw(b"\x1f\x8b\x08" + b"\0" * 99)),
    "a 7z archive": ("archive", raw(b"7z\xbc\xaf\x27\x1c" + b"\0" * 99)),
    "a document": ("document", raw(b"%PDF-1.7\n" + b"\0" * 99)),
    "a program": ("program", raw(b"\x7fELF\x02\x01\x01" + b"\0" * 99)),
    "nothing but zeros": ("zeros_file", raw(b"\0" * 5000)),
    "a ZIP without weights": ("not_torch", zipped({"readme.txt": b"hello"})),
    "a packed diffusers folder": ("zip_folder", zipped({"sd/model_index.json": b"{}"})),
    "a TorchScript program": (
        "torchscript",
        zipped({"m/data.pkl": EMPTY_PICKLE, "m/constants.pkl": b"."}),
    ),
    "a compressed zip bomb": (
        "zip_bomb",
        zipped({"x/data.pkl": EMPTY_PICKLE, "x/data/0": b"\0" * 10**7}, zipfile.ZIP_DEFLATED),
    ),
    "an overlapping zip bomb": ("zip_bomb", overlapping),
    "a flipped byte in a .ckpt": ("damaged", flipped),
    "a flipped byte in a header": ("damaged_header", flipped_header),
    "not a number": ("not_finite", saved(with_number(float("nan")))),
    "infinity": ("not_finite", saved(with_number(float("inf")))),
    "a hole of zeros": ("zeros", saved(with_hole)),
    "a LoRA": ("lora", lora),
    "a LoRA for diffusers": ("lora", named("unet.down_blocks.0.attn1.to_q.lora_A.weight")),
    "a LyCORIS": ("lora", named("lycoris_unet.hada_w1_a", "x.hada_w1_b")),
    "an embedding": ("embedding", saved(embedding)),
    "an embedding in safetensors": (
        "embedding",
        lambda _good, path: save_file({"emb_params": torch.ones(1, 768)}, path),
    ),
    "a VAE": ("vae_only", named("encoder.conv_in.weight", "decoder.conv_in.weight")),
    "a VAE with prefix": ("vae_only", saved(lambda good: good.without(UNET, TEXT))),
    "a U-Net": ("unet_only", saved(lambda good: good.without(VAE, TEXT))),
    "a U-Net of diffusers": ("unet_only", unet_folder_file),
    "a text encoder": ("text_only", named("text_model.embeddings.token_embedding.weight")),
    "no VAE": ("no_vae", saved(lambda good: good.without(VAE))),
    "no text encoder": ("no_text_encoder", saved(lambda good: good.without(TEXT))),
    "a block of the U-Net missing": (
        "incomplete",
        saved(lambda good: good.without(UNET + "middle_block.1")),
    ),
    "a layer of the text encoder missing": (
        "incomplete",
        saved(lambda good: good.without(TEXT + "encoder.layers.0.mlp")),
    ),
    "Stable Diffusion XL": ("sdxl", named("conditioner.embedders.0.transformer.x")),
    "Stable Diffusion 3": ("sd3", named("model.diffusion_model.joint_blocks.0.x_block.x")),
    "FLUX": ("flux", named("double_blocks.0.img_attn.qkv.weight")),
    "a ControlNet": ("controlnet", named("control_model.input_blocks.0.0.weight")),
    "a ControlNet of diffusers": ("controlnet", named("controlnet_cond_embedding.conv_in.weight")),
    "a motion module": ("motion", named("down_blocks.0.motion_modules.0.norm.weight")),
    "a language model": ("language_model", named("model.layers.0.self_attn.q_proj.weight")),
    "an inpainting model": ("inpainting", saved(first_conv(9))),
    "a model that edits pictures": ("other_input", saved(first_conv(8))),
    "texts of unknown width": ("other_architecture", saved(wide_texts)),
    "a deeper U-Net": ("surplus_weights", saved(deeper)),
    "a wrong shape": ("wrong_shape", saved(of_type(lambda t: t[:, :-1].clone()))),
    "one number stretched to a large matrix": (
        "wrong_shape",
        saved(of_type(lambda _t: torch.ones(1).expand(2**20, 2**20))),
    ),
    "whole numbers": ("wrong_type", saved(of_type(lambda t: t.to(torch.int32)))),
    "a sparse matrix": ("wrong_type", saved(of_type(lambda t: t.to_sparse()))),
    "a bare tensor": ("no_named_weights", saved(lambda _good: torch.ones(3))),
    "a list": ("no_named_weights", saved(lambda _good: [torch.ones(3)])),
    "an empty dict": ("no_weights", saved(lambda _good: {})),
    "state_dict is nothing": ("no_weights", saved(lambda _good: {"state_dict": None})),
    "state_dict is itself": ("no_weights", self_referring),
    "a whole module": ("unsafe_pickle", saved(lambda _good: torch.nn.Linear(2, 2))),
    "damaged configs": ("config_damaged", saved(lambda good: good.changed() | {OWN_CONFIGS: "{"})),
    "impossible configs": (
        "config_contradicts",
        with_configs(lambda c: c["unet"].update(norm_num_groups=7)),
    ),
    "another vocabulary": ("tokenizer", with_configs(lambda c: c["tokenizer"].clear())),
    **{name: ("unsafe_pickle", make) for name, make in MALICIOUS.items()},
}


if __name__ == "__main__":
    from stimage.errors import ModelError
    from stimage.i18n import sentence
    from stimage.importing.convert import convert
    from stimage.models.folder import Record

    with tempfile.TemporaryDirectory() as where:
        good_one = Good(Path(where))
        lines = ["| file | code | what a person reads |", "|---|---|---|"]
        for number, (title, (_code, make)) in enumerate(BAD_FILES.items()):
            file = Path(where) / f"model-{number}.ckpt"
            make(good_one, file)
            try:
                convert(file, Path(where) / f"out-{number}", Record(), lambda *_: None)
                lines.append(f"| {title} | accepted | |")
            except ModelError as error:
                lines.append(f"| {title} | {error.code} | {sentence(error)} |")
        sys.stdout.write("\n".join(lines) + "\n")
