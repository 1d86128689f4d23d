"""Many visitors at once, each with a picture: `python -m benchmarks.visitors --visitors 20`.

They speak the browser's own protocol over a websocket, without a browser's cost.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.browser import PROMPT, mib, running_app, spread
from benchmarks.table import print_table

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 600
PICTURE = "Picture drawn"  # how the description of a finished picture begins


class Visitor:
    """One visitor's session: what the server sent of it that the next message needs."""

    def __init__(self, number: int) -> None:
        self.polls: list[float] = []
        self.pictures = 0
        self._number = number
        self._socket: ClientConnection
        self._widgets: dict[str, str] = {}
        self._fragment = ""

    async def arrive(self, address: str, stack: contextlib.AsyncExitStack) -> float:
        """Open the page; return the seconds until it is painted."""
        started = time.perf_counter()
        stream = address.replace("http", "ws") + "/_stcore/stream"
        connection = connect(stream, subprotocols=[Subprotocol("streamlit")], max_size=None)
        self._socket = await stack.enter_async_context(connection)
        await self._run(BackMsg())
        return time.perf_counter() - started

    async def draw(self) -> None:
        """Type, submit, and look again as a page does until the picture is there."""
        asked = BackMsg()
        typed = asked.rerun_script.widget_states.widgets.add()
        typed.id, typed.string_value = self._widgets["prompt"], f"{PROMPT} {self._number}"
        click = asked.rerun_script.widget_states.widgets.add()
        click.id, click.trigger_value = self._widgets["submit"], True
        await self._run(asked)
        end = time.perf_counter() + PATIENCE_SECONDS
        while not self.pictures and time.perf_counter() < end:
            await asyncio.sleep(POLL_SECONDS)
            look = BackMsg()
            look.rerun_script.fragment_id = self._fragment
            look.rerun_script.is_auto_rerun = True
            started = time.perf_counter()
            await self._run(look)
            self.polls.append(time.perf_counter() - started)

    async def switch(self) -> float:
        """Go to the explainer; return the seconds until it is painted."""
        started = time.perf_counter()
        asked = BackMsg()
        asked.rerun_script.page_name = "how_it_works"
        await self._run(asked)
        return time.perf_counter() - started

    async def _run(self, asked: BackMsg) -> None:
        """Ask for a run of the script and read what it sends, until nothing more is to come."""
        asked.rerun_script.ClearField("query_string")
        await self._socket.send(asked.SerializeToString())
        async for message in self._messages():
            self._note(message)

    async def _messages(self) -> AsyncIterator[ForwardMsg]:
        while True:
            data = await self._socket.recv()
            message = ForwardMsg()
            message.ParseFromString(data if isinstance(data, bytes) else data.encode())
            yield message
            finished = message.script_finished
            if message.WhichOneof("type") == "script_finished" and finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
            ):
                return

    def _note(self, message: ForwardMsg) -> None:
        """Keep what a browser would: widgets, the fragment to look at, pictures."""
        kind = message.WhichOneof("type")
        if kind == "auto_rerun":
            self._fragment = message.auto_rerun.fragment_id
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            widget = element.WhichOneof("type")
            if widget in ("text_area", "button"):
                identifier = getattr(element, widget).id
                self._widgets[identifier.rsplit("-", 1)[-1]] = identifier
            elif widget == "imgs":
                self.pictures += element.imgs.imgs[0].alt.startswith(PICTURE)


async def crowd(address: str, people: list[Visitor]) -> tuple[list[float], list[float]]:
    """Let all of them arrive, draw and switch at once; return the seconds of first and last."""
    async with contextlib.AsyncExitStack() as stack:
        loads = await asyncio.gather(*(person.arrive(address, stack) for person in people))
        await asyncio.gather(*(person.draw() for person in people))
        switches = await asyncio.gather(*(person.switch() for person in people))
    return list(loads), list(switches)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=20)
    count = parser.parse_args().visitors
    people = [Visitor(number) for number in range(count)]
    with running_app() as (address, process):
        loads, switches = asyncio.run(crowd(address, people))
        memory = mib(process)
    rows = [
        ("first load", spread(loads)),
        ("poll while pictures are drawn", spread([poll for p in people for poll in p.polls])),
        ("page switch", spread(switches)),
        ("pictures delivered", f"{sum(bool(p.pictures) for p in people)} of {count}"),
        ("memory at the end", memory),
    ]
    print_table(f"{count} visitors at once", rows)


if __name__ == "__main__":
    main()
