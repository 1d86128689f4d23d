"""The command line: `stimage "a fox"`, the same as `stimage draw "a fox"`, and the others."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from stimage import __version__
from stimage.commands import draw, import_model, judge, list_models, serve
from stimage.errors import Cancelled, InvalidRequest
from stimage.i18n import Edge, sentence, text

COMMANDS = {
    "draw": draw,
    "judge": judge,
    "serve": serve,
    "models": list_models,
    "import": import_model,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks.

    Returns:
        0 when it is done, 2 when it can't be done as it stands, 1 when something failed, 130 when
        the person stopped it.
    """
    given = _parser().parse_args(_with_command(sys.argv[1:] if arguments is None else arguments))
    try:
        COMMANDS[given.command].run(given)
    except InvalidRequest as error:
        return _complain(sentence(error, Edge.COMMAND_LINE), 2)
    except (KeyboardInterrupt, Cancelled):
        return _complain(text("cli.stopped"), 130)
    except OSError as error:
        return _complain(text("cli.not_written", reason=error.strerror or error), 1)
    except Exception as error:  # noqa: BLE001 (every failure ends in a sentence)
        return _complain(sentence(error, Edge.COMMAND_LINE), 1)
    return 0


def _with_command(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the command that is meant where none stands: draw."""
    named = arguments and arguments[0] in (*COMMANDS, "-h", "--help", "--version")
    return [*arguments] if named else ["draw", *arguments]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stimage", description=text("cli.description"))
    version = f"stimage {__version__}"
    parser.add_argument("--version", action="version", version=version, help=text("cli.version"))
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        told = text(f"command.{name}")
        command.add_arguments(commands.add_parser(name, help=told, description=told))
    return parser


def _complain(message: str, status: int) -> int:
    print(message, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
