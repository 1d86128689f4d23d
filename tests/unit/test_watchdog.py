"""A server whose event loop stands still is started again."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor

from stimage.paths import ROOT
from stimage.ui.gateway.watchdog import watch


def run(work: Coroutine[None, None, None]) -> None:
    """Run it in a thread of its own: that of the tests may have Playwright's loop running."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def test_a_loop_that_stands_still_is_noticed_once():
    noticed = []
    called, over = threading.Event(), threading.Event()

    def start_again() -> None:
        noticed.append(threading.current_thread().name)
        called.set()

    async def stand_still() -> None:
        watch(asyncio.get_running_loop(), start_again, seconds=0.05)
        assert called.wait(30)  # the loop does nothing else meanwhile
        assert not over.wait(0.3)

    run(stand_still())
    assert noticed == ["watchdog"]


def test_a_loop_that_answers_is_left_alone_and_so_is_one_that_ended():
    noticed = []

    async def work() -> None:
        end = watch(asyncio.get_running_loop(), lambda: noticed.append(1), seconds=0.1)
        for _ in range(40):
            await asyncio.sleep(0.01)
        end()

    run(work())
    threading.Event().wait(0.3)
    assert noticed == []


def test_a_process_that_stands_still_becomes_a_new_one_in_its_place():
    code = """
import asyncio, os, time
from stimage.ui.gateway.watchdog import starter, watch

async def stand_still():
    watch(asyncio.get_running_loop(), starter({"SECOND": "yes"}), seconds=0.1)
    time.sleep(60)

print(os.getpid(), os.environ.get("SECOND", "no"), flush=True)
if "SECOND" not in os.environ:
    asyncio.run(stand_still())
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    first, second = (line.split() for line in done.stdout.splitlines())
    assert (first[1], second[1], first[0] == second[0]) == ("no", "yes", os.name != "nt")
    assert "starts again" in done.stderr
