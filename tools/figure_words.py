"""All words inside the explainer's figures, for a translator: `python -m tools.figure_words`.

Writes `stimage/i18n/locales/figures.pot`. Translated, it lies in the folder of the language as
`figures.po`. What is drawn inside a picture (`.svg`) is not among them.
"""

from __future__ import annotations

import io

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from stimage import paths
from stimage.explainer.manifest import MANIFEST, read_manifest, with_words

TEMPLATE = paths.LOCALES / "figures.pot"


def template() -> bytes:
    """Return the template: each of the words once, with the figures that show it."""
    catalog = Catalog(project="Stimage", fuzzy=False)
    for name, figure in read_manifest(paths.EXPLAINER_FIGURES / MANIFEST).items():

        def collect(words: str, name: str = name) -> str:
            if any(letter.isalpha() for letter in words):
                catalog.add(words, locations=[(name, 0)])
            return words

        with_words(figure, collect)
    file = io.BytesIO()
    write_po(file, catalog, width=100, omit_header=True, include_lineno=False)
    return file.getvalue()


if __name__ == "__main__":
    TEMPLATE.write_bytes(template())
    print(f"Wrote {TEMPLATE}.")
