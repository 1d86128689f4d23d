"""Streamlit's command line, overheard: a file names each host it connects to or looks up.

`python -m tests.support.overheard run ...`; the file is what OVERHEARD names, if it is set.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

CALLS = {"socket.connect": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}


def listen(file):
    """Write down every host that is not this computer itself."""

    def hook(event, arguments):
        if event in CALLS:
            place = arguments[CALLS[event]]
            host = str(place[0] if isinstance(place, tuple) else place)
            if host not in ("localhost", "127.0.0.1", "::1", "None"):
                with file.open("a", encoding="utf-8") as out:
                    out.write(f"{event} {host}\n")

    sys.addaudithook(hook)


if __name__ == "__main__":
    if name := os.environ.get("OVERHEARD"):
        listen(Path(name))
    from streamlit.web.cli import main

    main(prog_name="streamlit")
