"""What all commands of the training share: an error is a sentence, not a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable

from stimage.errors import StimageError
from stimage.i18n import sentence


def run_command(main: Callable[[], None]) -> None:
    """Run a command; end with its sentence if it can't go on."""
    try:
        main()
    except StimageError as error:
        sys.exit(sentence(error))
    except OSError as problem:
        sys.exit(sentence(StimageError("training_stopped", detail=str(problem))))
