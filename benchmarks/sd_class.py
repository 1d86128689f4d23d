"""Large models inside `streamlit run`, against plain diffusers in float32, in the same run.

    python -m benchmarks.sd_class                 all four models; about 15 minutes on two cores
    python -m benchmarks.sd_class sdxs-512        one of them

Builds each model at real size with random weights (6 GB in runs/benchmark-models), lets the app's
own studio draw three pictures at 512 x 512, and prints one table. The plain figure is what
`StableDiffusionPipeline.from_pretrained` in float32 takes for one step, times the steps of the
model, and for decoding with the decoder the model comes with. Under `ONEDNN_MAX_CPU_ISA=AVX2
ATEN_CPU_CAPABILITY=avx2` it shows what a processor without bfloat16 units does.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from stimage.models import catalog

HOME = Path(__file__).resolve().parent.parent
MODELS = HOME / "runs" / "benchmark-models"
NAMES = ("sdxs-512", "tiny-sd", "lcm-dreamshaper", "sd-1-5")
PORT = 8741
LIMIT = 900  # seconds for one model
PLAIN = """
import json, sys, time, torch
from diffusers import StableDiffusionPipeline
pipeline = StableDiffusionPipeline.from_pretrained(
    sys.argv[1], torch_dtype=torch.float32, local_files_only=True)
pipeline.set_progress_bar_config(disable=True)
times = [time.perf_counter()]
def note(_pipeline, _step, _time, tensors):
    times.append(time.perf_counter())
    return tensors
pipeline("a fox in the snow", num_inference_steps=3, guidance_scale=float(sys.argv[2]),
         width=512, height=512, callback_on_step_end=note)
end = time.perf_counter()
peak = int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1]) / 1024
print(json.dumps({"step": min(times[2] - times[1], times[3] - times[2]), "decode": end - times[3],
                  "peak_mib": peak}))
"""


def inside_streamlit(name: str) -> dict[str, float]:
    """Return the seconds and MiB of a model in a real `streamlit run`; raises if it can't draw."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        environment = os.environ | {
            "STIMAGE_MODEL": name,
            "STIMAGE_MODELS": str(MODELS),
            "BENCHMARK_RESULT": str(result),
            "PYTHONPATH": str(HOME),
        }
        command = [sys.executable, "-m", "streamlit", "run", "benchmarks/inside_streamlit.py"]
        command += ["--server.port", str(PORT), "--server.headless", "true"]
        command += ["--server.scriptHealthCheckEnabled", "true", "--server.address", "127.0.0.1"]
        with subprocess.Popen(
            command, cwd=HOME, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as app:
            try:
                return _wait_for(result, app)
            finally:
                app.terminate()


def _wait_for(result: Path, app: subprocess.Popen[bytes]) -> dict[str, float]:
    deadline = time.monotonic() + LIMIT
    address = f"http://127.0.0.1:{PORT}/_stcore/script-health-check"
    asked = False
    while time.monotonic() < deadline and app.poll() is None:
        if result.exists():
            said: dict[str, Any] = json.loads(result.read_text())
            if "error" in said:
                raise RuntimeError(said["error"])
            return said | {"warm": min(said["seconds"][1:])}
        if not asked:
            try:
                with urllib.request.urlopen(address, timeout=60):  # runs the script once
                    asked = True
            except OSError:
                pass
        time.sleep(0.5)
    raise RuntimeError("The app ended or took too long.")


def plain(name: str, guidance_scale: float) -> dict[str, float]:
    """Return the seconds of a step and of decoding, and the peak, of plain diffusers in float32."""
    run = subprocess.run(
        [sys.executable, "-c", PLAIN, str(MODELS / name), str(guidance_scale)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
    )
    figures: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return figures


def main(names: list[str]) -> None:
    from benchmarks.random_models import build, build_tiny_decoder
    from stimage.hardware.dtype import compute_dtype

    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, ", end="")
    print(f"chosen: {compute_dtype(320)}\n")
    print("| model | steps | first picture s | warm s | peak MiB | own MiB ", end="")
    print("| plain fp32 s | plain peak MiB | times faster |")
    print("|---|---|---|---|---|---|---|---|---|")
    build_tiny_decoder(MODELS)
    build("sd-1-5", MODELS)
    for name in names:
        entry = catalog.entry(name)
        build(name, MODELS)
        ours = inside_streamlit(name)
        theirs = plain(name, entry.guidance_scale)
        seconds = theirs["step"] * entry.steps + theirs["decode"]
        print(
            f"| {entry.title} | {entry.steps} | {ours['first']:.2f} | {ours['warm']:.2f} "
            f"| {ours['peak_mib']:.0f} | {ours['own_mib']:.0f} | {seconds:.1f} "
            f"| {theirs['peak_mib']:.0f} | {seconds / ours['warm']:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:] or list(NAMES))
