"""What can go wrong. Each message is a sentence for a person: what happened and what to do."""


class StimageError(Exception):
    """The base of every error a page may show as it stands."""


class InvalidRequest(StimageError):
    """The wish itself is out of its limits: an empty prompt, too many steps."""


class QueueFull(StimageError):
    """Too many pictures are waiting, in all or of this visitor."""


class Cancelled(StimageError):
    """The person stopped the drawing; the picture is thrown away."""


class ModelError(StimageError):
    """A model can't be found, opened or used. `code` is a short stable name for tests and logs."""

    def __init__(self, message: str, code: str = "model") -> None:
        super().__init__(message)
        self.code = code


class TooLittleMemory(ModelError):
    """The model does not fit into the memory that is left."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="memory")


def sentence(error: BaseException) -> str:
    """Return what to tell a person about any exception that ended a drawing."""
    if isinstance(error, StimageError):
        return str(error)
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return "The memory ran out while drawing. Close other programs, or use a smaller model."
    return (
        f"The drawing broke off ({type(error).__name__}). "
        "Try again; if it happens again, change the settings or the model."
    )
