"""What a model folder is: every path inside one, and what its small files say.

A model lies on the disk as diffusers keeps it: `model_index.json`, a folder for each of the three
networks with its config and weights, `tokenizer/` and `scheduler/`. A GAN has `generator/` in place
of `unet/`, and no scheduler. Beside them may stand `model.json` (where it came from), `words.json`
(the words it has learned) and `preview.json` (latents to colors).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from stimage import paths
from stimage.config import config
from stimage.errors import ModelError
from stimage.models.weights_files import weights_files
from stimage.paths import SHIPPED

WEIGHTS = {  # the three networks, and the file that `ModelFolder.weights` is written to
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
    "text_encoder": "model.safetensors",
}
PARTS = (*WEIGHTS, "scheduler")  # what has a config
TOKENIZER_FILES = (
    "vocab.json",
    "merges.txt",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",  # Stable Diffusion 2 pads with another token
    "added_tokens.json",  # words that were taught by textual inversion
)
INDEX = "model_index.json"  # names the classes of the parts
GAN_CLASS = "TextToImageGan"  # what the index of a GAN calls it
MAX_NAME = 100  # characters


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a model was imported from."""

    file: str
    architecture: str = msgspec.field(name="kind", default="")
    bytes: str = ""
    sha256: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`model.json`: what an import or a download notes about a model."""

    title: str = ""
    license: str = msgspec.field(name="licence", default="unknown")  # as the first version wrote it
    catalog: str = ""  # the name of its entry in the catalog
    source: str = ""  # hub id @ revision
    origin: Origin | None = None
    dtype: str = ""  # "BF16" or "F32"
    unet_sha256: str = ""
    vae_sha256: str = ""
    text_encoder_sha256: str = ""
    imported: str = ""  # when, in ISO 8601


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """One folder with a model, complete or not."""

    path: Path

    @property
    def name(self) -> str:
        """The name of the folder; of an installed model, also the model's."""
        return self.path.name

    @property
    def index(self) -> Path:
        """Where the classes of the parts are named."""
        return self.path / INDEX

    @property
    def record_file(self) -> Path:
        """Where a `Record` is kept, if there is one."""
        return self.path / "model.json"

    @property
    def words(self) -> Path:
        """Where the words it has learned are listed; a model that knows all words has none."""
        return self.path / "words.json"

    @property
    def preview(self) -> Path:
        """Where the map from latents to colors is kept, if it was measured."""
        return self.path / "preview.json"

    @property
    def decoder_config(self) -> Path:
        """The config of a tiny decoder, which lies in a folder of its own."""
        return self.path / "config.json"

    @property
    def training(self) -> Path:
        """Where a model of our own tells how it was trained."""
        return self.path / "training"

    @property
    def tokenizer(self) -> Path:
        """The folder of the tokenizer."""
        return self.path / "tokenizer"

    def part(self, part: str) -> Path:
        """Return the folder of one of `PARTS`."""
        return self.path / part

    def config_file(self, part: str) -> Path:
        """Return the config of one of `PARTS`."""
        return self.path / part / f"{'scheduler_' if part == 'scheduler' else ''}config.json"

    def config(self, part: str) -> dict[str, Any]:
        """Return the config of one of `PARTS`, {} if there is none that can be read."""
        return read_json(self.config_file(part))

    @property
    def is_gan(self) -> bool:
        """Whether the model draws in one step, by the generator of a GAN."""
        return read_json(self.index).get("_class_name") == GAN_CLASS

    @property
    def drawing_part(self) -> str:
        """Which part draws: "unet", or the "generator" of a GAN."""
        return "generator" if self.is_gan else "unet"

    @property
    def unet_config(self) -> dict[str, Any]:
        """The config of the U-Net, which a GAN's generator has inside its own."""
        found = self.config(self.drawing_part)
        inner = found.get("unet") if self.is_gan else found
        return inner if isinstance(inner, dict) else {}

    def check_configs(self) -> None:
        """Make sure that each of `PARTS` has a config.

        Raises:
            ModelError: "configs_missing" with the names of those that have none.
        """
        if missing := [part for part in PARTS if not self.config(part)]:
            raise ModelError("configs_missing", parts=", ".join(f"{part}/" for part in missing))

    def weights(self, part: str) -> Path:
        """Return where the weights of a network are written."""
        return self.path / part / WEIGHTS[part]

    @property
    def is_complete(self) -> bool:
        """Whether the folder holds a model."""
        return self.index.is_file()

    def record(self) -> Record:
        """Return what was noted about the model; an empty record if nothing was.

        Raises:
            ModelError: with code "broken_record" if it can't be read.
        """
        if not self.record_file.exists():
            return Record()
        try:
            return msgspec.json.decode(self.record_file.read_bytes(), type=Record)
        except (OSError, msgspec.MsgspecError, RecursionError) as error:
            raise ModelError("broken_record", name=self.name[:MAX_NAME]) from error

    def model_hash(self) -> str:
        """Return the first 12 hex digits of the SHA-256 of the weights that draw, or "".

        It is recorded, or computed: a second for each 100 MB.
        """
        if recorded := self.record().unet_sha256:
            return recorded[:12]
        files = weights_files(self.part(self.drawing_part))
        if not files:
            return ""
        with files[0].open("rb") as weights:
            return hashlib.file_digest(weights, "sha256").hexdigest()[:12]


def own_models() -> list[ModelFolder]:
    """Return what lies in the folder for downloaded and imported models, by name."""
    try:
        folders = sorted(path for path in config().models.iterdir() if path.is_dir())
    except OSError:
        return []
    return [ModelFolder(path) for path in folders if not path.name.startswith(".")]


def folder_of(name: str) -> ModelFolder:
    """Return where the model of a name lies, or would lie: what ships lies with the program."""
    root = paths.SHIPPED_MODELS if name in SHIPPED else config().models
    return ModelFolder(root / name)


def is_plain_name(name: str) -> bool:
    """Whether a name can be that of a folder in the models folder, and leads nowhere else."""
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes that are no text, on a disk that takes any
        return False
    return 0 < len(name) <= MAX_NAME and not name.startswith(".") and not set(name) & set("/\\\0:")


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in `path`, or {} if there is none that can be read."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
