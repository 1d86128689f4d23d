"""`stimage serve`: the drawing service behind HTTP, until it is stopped."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import signal
import sys
from pathlib import Path

from stimage.commands.import_model import import_with_bar
from stimage.config import config
from stimage.errors import InvalidRequest, ModelError, StimageError
from stimage.i18n import text
from stimage.models import library
from stimage.models.folder import ModelFolder, Origin, own_models
from stimage.paths import typed_path
from stimage.service.local import LocalService
from stimage.service.opening import open_local

HOST, PORT = "127.0.0.1", 5000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--host", default=HOST, help=text("cli.host"))
    parser.add_argument("--port", type=int, default=PORT, help=text("cli.port", port=PORT))
    parser.add_argument("--replicas", type=int, default=0, help=text("cli.replicas"))
    parser.add_argument("--model", help=text("cli.served_model"))


def run(given: argparse.Namespace) -> None:
    """Serve until the person, or a SIGTERM, stops it.

    Raises:
        ModelError: if the model is not here or can't be imported.
        InvalidRequest: "address_taken".
    """
    settings = config()
    model = model_to_serve(given.model or settings.model)
    from stimage.server.serve import open_server

    service = open_on_ray(model, given.replicas) if given.replicas > 0 else open_local(model)
    try:
        server = open_server(
            service,
            given.host,
            given.port,
            api_key=settings.api_key,
            cors_origin=settings.cors,
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidRequest(
            "address_taken", host=given.host, port=given.port, reason=reason
        ) from error
    service.use_model(model)  # load it now, so that the first picture does not wait
    print(text("cli.serving", address=f"http://{given.host}:{given.port}"), file=sys.stderr)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # ends `run`, as Ctrl+C does
    try:
        server.run()
    finally:
        service.close()


def open_on_ray(model: str, replicas: int) -> LocalService:
    """Open a service whose engines are replicas on a Ray cluster.

    Raises:
        StimageError: "ray_missing".
    """
    try:
        from stimage.server.ray_serve import open_on_cluster
    except ImportError as error:
        raise StimageError("ray_missing") from error
    return open_on_cluster(model, replicas)


def model_to_serve(source: str) -> str:
    """Return what the service calls a model; a checkpoint is imported first, if it never was.

    Raises:
        ModelError: if there is no such model or the checkpoint can't be imported.
    """
    path = typed_path(source)
    if path.is_file():
        return imported_before(path) or import_with_bar(path)
    library.find(source)
    return source


def imported_before(checkpoint: Path) -> str:
    """Return the name of the model that came from a file with these bytes; "" if there is none."""
    size = str(checkpoint.stat().st_size)
    records = [(folder.name, _origin(folder)) for folder in own_models()]
    origins = {name: origin for name, origin in records if origin and origin.bytes == size}
    if not origins:
        return ""
    with checkpoint.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return next((name for name, origin in origins.items() if origin.sha256 == sha256), "")


def _origin(folder: ModelFolder) -> Origin | None:
    with contextlib.suppress(ModelError):  # whose notes are damaged is not the one
        return folder.record().origin if folder.is_complete else None
    return None
