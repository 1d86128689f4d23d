"""A visitor who speaks the browser's own protocol over a websocket, without a browser's cost."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

PATIENCE_SECONDS = 60.0
PICTURE = "Picture drawn"  # how the description of a finished picture begins
TEXTS = {  # what of an element a person reads
    "alert": "body",
    "button": "label",
    "exception": "message",
    "heading": "body",
    "markdown": "body",
    "progress": "text",
    "text_input": "label",
}


class Session:
    """One visit: what the server sent, and what the next message needs of it."""

    def __init__(self, socket: ClientConnection, query: str = "") -> None:
        """Begin to talk; `query` is what stands behind the address, such as "steps=2"."""
        self._socket, self._page = socket, ""
        self.query = query  # what stands behind the address now
        self.widgets: dict[str, str] = {}  # the id of each, by the key the code gave it
        self.texts: list[str] = []  # what the last run wrote
        self.kinds: set[str] = set()  # of its elements
        self.pictures: list[str] = []  # addresses of finished pictures
        self.fragment = ""  # the one that wants to be run again and again

    def run(self, page: str | None = None, **values: object) -> list[str]:
        """Run the page, as a browser does after a click or an input; return what it wrote.

        Args:
            page: another page to go to; "" is the studio.
            values: by key: text, a number, or True for a click.
        """
        self._page = self._page if page is None else page
        return self.send(*(self._state(key, value) for key, value in values.items()))

    def click(self, *keys: str) -> list[str]:
        """Run the page with these buttons pressed."""
        return self.send(*(self._state(key, True) for key in keys))

    def send(self, *states: WidgetState) -> list[str]:
        """Run the page with the states of widgets as they are."""
        asked = BackMsg()
        asked.rerun_script.query_string = self.query
        asked.rerun_script.page_name = self._page
        asked.rerun_script.widget_states.widgets.extend(states)
        return self._talk(asked)

    def look(self) -> list[str]:
        """Let the fragment run again, as its timer does."""
        asked = BackMsg()
        asked.rerun_script.fragment_id = self.fragment
        asked.rerun_script.is_auto_rerun = True
        return self._talk(asked)

    def clear_cache(self) -> None:
        """Ask Streamlit to empty its caches, as its menu does."""
        self._socket.send(BackMsg(clear_cache=True).SerializeToString())

    def _state(self, key: str, value: object) -> WidgetState:
        kind = {bool: "trigger_value", int: "int_value", float: "double_value"}.get(type(value))
        state = WidgetState(id=self.widgets[key])
        setattr(state, kind or "string_value", value)
        return state

    def _talk(self, asked: BackMsg) -> list[str]:
        self.texts, self.kinds = [], set()
        self._socket.send(asked.SerializeToString())
        while not self._read():
            pass
        return self.texts

    def _read(self) -> bool:
        """Take one message in; return whether nothing more is to come."""
        message = ForwardMsg()
        message.ParseFromString(bytes(self._socket.recv(PATIENCE_SECONDS, decode=False)))
        kind = message.WhichOneof("type")
        if kind == "auto_rerun":
            self.fragment = message.auto_rerun.fragment_id
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._note(message)
        return kind == "script_finished" and message.script_finished in (
            ForwardMsg.FINISHED_SUCCESSFULLY,
            ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
            ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
        )

    def _note(self, message: ForwardMsg) -> None:
        """Keep what a browser would: widgets, texts, pictures."""
        element = message.delta.new_element
        kind = str(element.WhichOneof("type"))
        self.kinds.add(kind)
        shown = getattr(element, kind)
        if getattr(shown, "id", ""):
            self.widgets[shown.id.split("-", 2)[-1]] = shown.id
        if kind in TEXTS:
            self.texts.append(getattr(shown, TEXTS[kind]))
        if kind == "imgs" and shown.imgs[0].alt.startswith(PICTURE):
            self.pictures.append(shown.imgs[0].url)


@contextlib.contextmanager
def session(
    address: str,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    origin: str | None = None,
    **options: Any,  # noqa: ANN401 (websockets hands them on to socket and ssl)
) -> Iterator[Session]:
    """Connect as a new visitor; nothing is run yet.

    Raises:
        websockets.exceptions.InvalidStatus: if the server refuses.
    """
    with connect(
        address.replace("http", "ws", 1).rstrip("/") + "/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        origin=None if origin is None else Origin(origin),
        additional_headers=headers,
        max_size=None,
        proxy=None,
        **options,
    ) as socket:
        yield Session(socket, query)
