"""How long Stable Diffusion 1.5 takes to import and to load, and what memory that takes.

    python -m benchmarks.loading        about 3 minutes and 7 GB of disk in runs/

A checkpoint of real size with random weights is imported once and loaded; plain diffusers opens
the same file in bfloat16 and in float32 beside it. Each row is a process of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
WORK = HOME / "runs" / "benchmark-loading"
CHECKPOINT = WORK / "random-sd-1-5.ckpt"
MEASURE = """
import json, sys, time
start = time.perf_counter()
{imports}
ready = time.perf_counter()
{load}
end = time.perf_counter()
from benchmarks.random_models import memory_of
print(json.dumps({{"imports": ready - start, "load": end - ready, **memory_of()}}))
"""
OURS = ("from stimage.inference.pipeline import load_pipeline", "kept = load_pipeline(sys.argv[1])")
PLAIN = (
    "import torch; from diffusers import StableDiffusionPipeline",
    "kept = StableDiffusionPipeline.from_single_file(sys.argv[1], config=sys.argv[2],"
    " local_files_only=True, safety_checker=None, torch_dtype=torch.{dtype})",
)


def write_checkpoint(path: Path) -> None:
    """Write a full-size Stable Diffusion 1.5 with random weights as a float16 .ckpt."""
    import torch

    from benchmarks.random_models import configs_of, random_tensors
    from stimage.importing.checking import expected_shapes
    from stimage.importing.state_dict_keys import Parts, to_original

    configs = configs_of("sd-1-5")
    parts = {part: random_tensors(s) for part, s in expected_shapes(configs).items()}
    flat = to_original(Parts(**parts), configs["unet"], configs["vae"])
    half = {name: tensor.to(torch.float16) for name, tensor in flat.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"state_dict": half, "global_step": 840000}, path)


def measured(imports: str, load: str, *arguments: str) -> dict[str, float]:
    """Return seconds and MiB of one way to load, in a new process."""
    run = subprocess.run(
        [sys.executable, "-c", MEASURE.format(imports=imports, load=load), *arguments],
        cwd=HOME,
        env=os.environ | {"STIMAGE_MODELS": str(WORK / "models"), "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return figures


def main() -> None:
    from stimage.importing.importer import import_model
    from stimage.models.folder import ModelFolder

    file, config = CHECKPOINT, WORK / "config"
    if not file.exists():
        write_checkpoint(file)
    home = HOME / "models" / "configs"
    shutil.copytree(home / "sd-v1", config, dirs_exist_ok=True)
    shutil.copytree(home / "clip", ModelFolder(config).tokenizer, dirs_exist_ok=True)
    os.environ["STIMAGE_MODELS"] = str(WORK / "models")
    shutil.rmtree(WORK / "models", ignore_errors=True)
    start = time.perf_counter()
    name = import_model(file, "imported")
    print(f"Import of {file.stat().st_size / 1e9:.2f} GB: {time.perf_counter() - start:.1f} s\n")
    print("| source | load s | peak MiB | own MiB | mapped MiB | times our load |")
    print("|---|---|---|---|---|---|")
    rows = [("imported, mapped", measured(*OURS, name))]
    for dtype in ("bfloat16", "float32"):
        load = PLAIN[1].format(dtype=dtype)
        title = f".ckpt by plain diffusers, {dtype}"
        rows.append((title, measured(PLAIN[0], load, str(file), str(config))))
    ours = rows[0][1]["load"]
    for title, row in rows:
        print(
            f"| {title} | {row['load']:.1f} | {row['VmHWM']:.0f} | {row['RssAnon']:.0f} "
            f"| {row['RssFile']:.0f} | {row['load'] / ours:.1f} |"
        )


if __name__ == "__main__":
    main()
