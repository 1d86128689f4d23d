"""Reads gettext catalogs as they are written, and fills numbers in as a language writes them."""

from __future__ import annotations

import io
import string
from functools import cache
from gettext import GNUTranslations

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol, get_group_symbol

from stimage import paths


def read_catalogs(language: str) -> GNUTranslations:
    """Return all catalogs of a language as one.

    Raises:
        FileNotFoundError: if there is none.
    """
    files = sorted((paths.LOCALES / language).glob("*.po"))
    if not files:
        raise FileNotFoundError(f"no catalog for {language!r}")
    together = Catalog(locale=language)
    for file in files:
        with file.open("rb") as source:
            for message in read_po(source, locale=language, abort_invalid=True):
                if message.id:
                    together[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, together)
    compiled.seek(0)
    return GNUTranslations(compiled)


class Numbers(string.Formatter):
    """`str.format` with the decimal and group signs of a language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def format_field(self, value: object, format_spec: str) -> str:
        """Write one value; only numbers with a format of their own get the language's signs."""
        written = format(value, format_spec)
        is_number = isinstance(value, int | float) and format_spec
        return written.translate(_signs(self._language)) if is_number else written


@cache  # the first look into Babel's locale data takes 30 ms: not before there is a number
def _signs(language: str) -> dict[int, str]:
    return str.maketrans({".": get_decimal_symbol(language), ",": get_group_symbol(language)})
