"""The Streamlit script that `sd_class.py` runs: draws three pictures with the app's own service.

Its first run starts a thread that submits the requests one after the other and writes what they
took, and the memory of the process that draws, to the file that BENCHMARK_RESULT names.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from pathlib import Path

import psutil
import streamlit as st

from benchmarks.drawing import draw
from benchmarks.processes import worker_of
from stimage.models import catalog
from stimage.request import Request
from stimage.service.api import ImageService, JobSnapshot
from stimage.ui.service import get_service

PICTURES = 3


@st.cache_resource(show_spinner=False)
def measure() -> threading.Thread:
    thread = threading.Thread(target=_measure, args=(get_service(),), daemon=True)
    thread.start()
    return thread


def _measure(service: ImageService) -> None:
    from benchmarks.random_models import memory_of

    app = psutil.Process()
    entry = catalog.entry(os.environ["STIMAGE_MODEL"])
    seconds: list[float] = []
    result: dict[str, object] = {"seconds": seconds}
    own = [0.0]

    def look(_job: JobSnapshot) -> None:
        with contextlib.suppress(LookupError):  # it has not started yet
            own.append(memory_of(worker_of(app).pid)["RssAnon"])

    try:
        for number in range(PICTURES):
            request = Request(prompt="a fox in the snow", seed=number, limits=entry.limits)
            start = time.perf_counter()
            seconds.append(draw(service, request, look=look).seconds)
            if number == 0:
                result["first"] = time.perf_counter() - start
        result |= {"peak_mib": memory_of(worker_of(app).pid)["VmHWM"], "own_mib": max(own)}
    except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever it is, the table says it)
        result["error"] = f"{type(error).__name__}: {error}"
    target = Path(os.environ["BENCHMARK_RESULT"])
    target.with_suffix(".part").write_text(json.dumps(result))
    target.with_suffix(".part").replace(target)


measure()
