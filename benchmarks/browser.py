"""From the click to the picture in Chromium, beside the engine alone: `-m benchmarks.browser`.

Starts the app itself, with the model that ships or the one that `STIMAGE_MODEL` names.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psutil

from benchmarks.processes import worker_of
from benchmarks.session import session
from benchmarks.table import print_table

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
PROMPT = "a fox sleeping in the forest"
CHROMIUM = (
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "chrome", "msedge"),
)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
RUNS = 7
PAINTED = "document.querySelector('.st-key-submit button')?.checkVisibility()"
# Runs in the page: from the click until a new finished picture is decoded.
CLICK = """
() => new Promise((done, failed) => {
  setTimeout(() => failed("No picture came within two minutes."), 120_000);
  const newest = () => document.querySelector('.st-key-picture img[alt^="Picture drawn"]');
  const old = newest()?.src, started = performance.now();
  document.querySelector('.st-key-submit button').click();
  const look = () => {
    const image = newest();
    if (image && image.src !== old && image.complete && image.naturalWidth)
      done((performance.now() - started) / 1000);
    else requestAnimationFrame(look);
  };
  look();
})
"""
# A process of its own, so that it has the processors and the memory to itself.
ALONE = f"""
from stimage.config import config
from stimage.inference.diffusion import DiffusionEngine
from stimage.request import Request
engine = DiffusionEngine.load(config().model)
times = [engine.generate(Request(prompt={PROMPT!r})).seconds for _ in range({RUNS + 1})]
print(*times[1:])
"""


@contextlib.contextmanager
def running_app() -> Iterator[tuple[str, psutil.Process]]:
    """Start the app; yield its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += ["--server.port", port, "--server.headless", "true"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        address = f"http://localhost:{port}"
        try:
            for _ in range(600):
                with contextlib.suppress(OSError), urllib.request.urlopen(address):
                    break
                time.sleep(0.1)
            yield address, psutil.Process(process.pid)
        finally:
            process.terminate()


def mib(process: psutil.Process) -> str:
    """Return the resident memory of a process."""
    return f"{process.memory_info().rss / 2**20:.0f} MiB"


def spread(seconds: list[float]) -> str:
    """Return the median and the worst."""
    return f"{median(seconds):.3f} s, at worst {max(seconds):.3f} s"


def engine_alone() -> list[float]:
    """Return the seconds of each picture without a page, after one that warms up."""
    asked = [sys.executable, "-c", ALONE]
    answer = subprocess.run(asked, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return [float(seconds) for seconds in answer.stdout.split()]


def load_seconds(page: Page, address: str) -> float:
    started = time.perf_counter()
    page.goto(address)
    page.wait_for_function(PAINTED, polling="raf")  # `wait_for` looks only twice a second
    return time.perf_counter() - started


def load_seconds_while_another_draws(page: Page, address: str) -> list[float]:
    """Return how long the page takes while pictures of as many steps as allowed are drawn."""
    with session(address, "steps=50") as other:
        other.run()
        for number in range(2):
            other.run(prompt=f"{PROMPT} {number}", submit=True)
        return [load_seconds(page, address) for _ in range(3)]


def click_seconds(page: Page) -> float:
    time.sleep(1.5)  # longer than a double click
    return float(page.evaluate(CLICK))


def main() -> None:
    from playwright.sync_api import sync_playwright

    found = next(path for name in CHROMIUM if (path := shutil.which(name)))
    alone = engine_alone()
    with running_app() as (address, process), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(120_000)
        cold, warm = load_seconds(page, address), load_seconds(page, address)
        before = mib(process)
        page.get_by_label("Your sentence").fill(PROMPT)
        page.get_by_label("Your sentence").blur()  # as a real click does: the page takes the text
        first, *times = [click_seconds(page) for _ in range(RUNS + 1)]
        after, drawing = mib(process), mib(worker_of(process))
        busy = load_seconds_while_another_draws(page, address)
        browser.close()
    rows = [
        ("engine alone", spread(alone)),
        ("click to whole picture in Chromium", spread(times)),
        ("longer than the engine alone", f"{median(times) - median(alone):.3f} s"),
        ("first picture, the model is loaded on the way", f"{first:.2f} s"),
        ("first paint after the start", f"{cold:.2f} s"),
        ("first paint warm", f"{warm:.2f} s"),
        ("first paint warm while another visitor's picture is drawn", spread(busy)),
        ("memory before the first picture", before),
        (f"memory after {RUNS + 1} pictures", after),
        ("memory of the process that draws", drawing),
    ]
    print_table("From the click to the picture", rows)


if __name__ == "__main__":
    main()
