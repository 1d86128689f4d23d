"""The Streamlit script that `sd_class.py` runs: draws three pictures in the app's own studio.

Its first run starts a thread that submits the wishes one after the other and writes what they
took, and the process's memory, to the file that BENCHMARK_RESULT names.
"""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import streamlit as st

from stimage.models import catalog
from stimage.request import Request
from stimage.service.local import Studio
from stimage.ui.service import get_studio

PICTURES = 3


@st.cache_resource(show_spinner=False)
def measure() -> threading.Thread:
    thread = threading.Thread(target=_measure, args=(get_studio(),), daemon=True)
    thread.start()
    return thread


def _measure(studio: Studio) -> None:
    from benchmarks.random_models import memory_of_this_process

    entry = catalog.entry(os.environ["STIMAGE_MODEL"])
    seconds: list[float] = []
    result: dict[str, object] = {"seconds": seconds}
    own = 0.0
    try:
        for number in range(PICTURES):
            wish = Request(prompt="a fox in the snow", seed=number, limits=entry.limits)
            start = time.perf_counter()
            job = studio.submit(wish, "benchmark")
            while not job.over:
                time.sleep(0.02)
                own = max(own, memory_of_this_process()["RssAnon"])
            took = time.perf_counter() - start if job.picture is None else job.picture.seconds
            seconds.append(took)
            if number == 0:
                result["first"] = time.perf_counter() - start
            if job.picture is None:
                raise RuntimeError(job.problem)
        result |= {"peak_mib": memory_of_this_process()["VmHWM"], "own_mib": own}
    except Exception as error:
        result["error"] = f"{type(error).__name__}: {error}"
    target = Path(os.environ["BENCHMARK_RESULT"])
    target.with_suffix(".part").write_text(json.dumps(result))
    target.with_suffix(".part").replace(target)


measure()
