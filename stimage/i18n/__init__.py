"""Every sentence a person reads, by its key.

A language is a folder `locales/<language>/` of gettext catalogs (.po), one for each room. Their
msgid is a key such as "studio.submit" or an error's code, their msgstr the sentence. A sentence
that is said otherwise on the command line stands there a second time with msgctxt "command line".
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from gettext import GNUTranslations
from threading import Lock

from stimage.errors import Message, StimageError, is_out_of_memory
from stimage.i18n.catalog import Numbers, read_catalogs

LANGUAGE = "en"
_reading = Lock()  # the first visitors come at once; the catalogs are read once


class Edge(StrEnum):
    """Where a sentence is read; the value is the msgctxt."""

    PAGE = ""
    COMMAND_LINE = "command line"
    HTTP = "http"


def text(key: str, /, **values: object) -> str:
    """Return the sentence of a key in the language in use.

    Args:
        key: a msgid; one that no catalog has is returned as it is.
        values: for the placeholders; `count` chooses between singular and plural.
    """
    return say(Message(key, values))


def say(message: Message, edge: Edge = Edge.PAGE) -> str:
    """Return the sentence of a message, and of the messages among its values."""
    values = {
        name: say(value, edge) if isinstance(value, Message) else value
        for name, value in message.values.items()
    }
    return Numbers(LANGUAGE).format(_template(message.key, values.get("count"), edge), **values)


def sentence(error: BaseException, edge: Edge = Edge.PAGE) -> str:
    """Return what to tell a person about any exception."""
    return say(message_of(error), edge)


def message_of(error: BaseException) -> Message:
    """Return what to tell a person about any exception, without inner details."""
    if isinstance(error, StimageError):
        return error.message
    if is_out_of_memory(error):
        return Message("out_of_memory")
    return Message("unexpected", {"kind": type(error).__name__})


def has_sentence(key: str, edge: Edge = Edge.PAGE) -> bool:
    """Whether a catalog of the language in use has the key."""
    return _template(key, None, edge) != key or _template(key, 2, edge) != key


def own_words(english: str) -> str:
    """Return English words in the language in use; they are their own key in its catalogs."""
    return _template(english, None, Edge.PAGE)


def _translations() -> GNUTranslations:
    with _reading:
        return _catalogs(LANGUAGE)


_catalogs = cache(read_catalogs)


def _template(key: str, count: object, edge: Edge) -> str:
    found = _translations()
    number = count if isinstance(count, int) else 1
    for context in (edge, ""):
        if context:
            candidates = (found.npgettext(context, key, key, number), found.pgettext(context, key))
        else:
            candidates = (found.ngettext(key, key, number), found.gettext(key))
        for candidate in candidates:
            if candidate != key:
                return candidate
    return key
