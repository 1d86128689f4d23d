"""Take the README's picture of the studio: start the app, ask for a picture, photograph the page.

    python -m tools.screenshot

Writes `docs/pictures/studio.webp`. Needs Chromium.
"""

from __future__ import annotations

import io
import shutil
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import sync_playwright

from benchmarks.browser import CHROMIUM, CLICK, QUIET, running_app
from stimage.paths import ROOT

SCREENSHOT = ROOT / "docs" / "pictures" / "studio.webp"
REQUEST = {"prompt": "an octopus reading under the sea", "seed": 1}
WIDTH_PX, HEIGHT_PX = 1200, 860
TIMEOUT_MS = 120_000


def main() -> None:
    """Write the screenshot."""
    found = next(path for name in CHROMIUM if (path := shutil.which(name)))
    with running_app() as (address, _), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=QUIET)
        page = browser.new_page(viewport={"width": WIDTH_PX, "height": HEIGHT_PX})
        page.set_default_timeout(TIMEOUT_MS)
        page.goto(f"{address}/?{urlencode(REQUEST)}")
        page.locator(".st-key-submit button").wait_for()
        page.evaluate(CLICK)
        page.wait_for_load_state("networkidle")
        photograph = Image.open(io.BytesIO(page.screenshot()))
        browser.close()
    photograph.convert("RGB").save(SCREENSHOT, quality=85)
    print(f"{SCREENSHOT.relative_to(ROOT)}: {SCREENSHOT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
