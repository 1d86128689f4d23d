"""Put the examples' pictures side by side for the README.

    python -m tools.contact_sheet

Writes `docs/pictures/drawn.webp` from what `python -m tools.draw_examples` drew.
"""

from __future__ import annotations

from PIL import Image

from stimage.paths import EXAMPLE_PICTURES, ROOT

SHEET = ROOT / "docs" / "pictures" / "drawn.webp"
COLUMNS, GAP_PX = 8, 4


def main() -> None:
    """Write the sheet."""
    pictures = [Image.open(path) for path in sorted(EXAMPLE_PICTURES.glob("*.webp"))]
    pictures = pictures[: len(pictures) // COLUMNS * COLUMNS]  # whole rows
    side = pictures[0].width
    pitch = side + GAP_PX
    rows = len(pictures) // COLUMNS
    sheet = Image.new("RGBA", (COLUMNS * pitch - GAP_PX, rows * pitch - GAP_PX))
    for index, picture in enumerate(pictures):
        row, column = divmod(index, COLUMNS)
        sheet.paste(picture, (column * pitch, row * pitch))
    SHEET.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(SHEET, quality=88)
    print(f"{SHEET.relative_to(ROOT)}: {len(pictures)} pictures, {SHEET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
