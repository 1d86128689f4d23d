"""From a click to what one wanted to see, on Inside and Experiments: `python -m benchmarks.inside`.

Starts the app itself, with the model that ships or the one that `STIMAGE_MODEL` names. Every round
is a new visit. Bars: inside a picture first content 1 s, all 3 s; an experiment's answer 1.5 s.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from benchmarks.browser import CHROMIUM, PROMPT, QUIET, engine_alone, running_app, spread
from benchmarks.table import print_table
from stimage.i18n import text

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROUNDS = 5
PARTS = ("first content", "steps and maps", "all")
IMAGES = {"back": 4, "morph": 1, "word": 4, "break": 1, "paint": 1, "guess": 1}
# Runs in the page: clicks, and waits until so many pictures are there and decoded.
ANSWER = """
([click, within, images]) => new Promise((done, failed) => {
  setTimeout(() => failed("No answer came within a minute."), 60_000);
  const started = performance.now();
  document.querySelector(click).click();
  const look = () => {
    const shown = [...document.querySelectorAll(`${within} img`)];
    if (shown.length >= images && shown.every(image => image.complete && image.naturalWidth))
      done((performance.now() - started) / 1000);
    else requestAnimationFrame(look);
  };
  look();
})
"""
# Opens the page by its link; notes when the tokens, the maps and at last all of it are there.
OPEN = """
() => new Promise((done, failed) => {
  setTimeout(() => failed("Not all of it came within a minute."), 60_000);
  const started = performance.now(), marks = {};
  const mark = name => { marks[name] ??= (performance.now() - started) / 1000; };
  document.querySelector('a[href*="inside"]').click();
  const look = () => {
    const loaded = [...document.images].every(image => image.complete && image.naturalWidth);
    const there = part => document.getElementById(part);
    if (there("tokens")) mark("first content");
    if (there("attention") && loaded) mark("steps and maps");
    if (there("attention") && there("words") && loaded
        && !document.querySelector('[data-testid^=stSkeleton]')) {
      mark("all");
      done(marks);
    } else requestAnimationFrame(look);
  };
  look();
})
"""


def visit(browser: Browser, address: str) -> Page:
    """Open an address as somebody new."""
    page = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
    page.set_default_timeout(120_000)
    page.goto(address)
    return page


def inside_seconds(browser: Browser, address: str, seed: int) -> dict[str, float]:
    """Draw a picture, look inside; return the seconds until each of `PARTS` is there."""
    page = visit(browser, f"{address}/?prompt={PROMPT.replace(' ', '+')}&seed={seed}")
    page.get_by_role("button", name=text("studio.submit")).click()
    page.get_by_role("link", name=text("inside.open")).wait_for()
    page.wait_for_timeout(500)
    seconds: dict[str, float] = page.evaluate(OPEN)
    page.context.close()
    return seconds


def experiment_seconds(browser: Browser, address: str, name: str) -> float:
    """Answer the question of one experiment; return the seconds until its pictures are there."""
    page = visit(browser, f"{address}/experiments")
    within = f".st-key-experiment_{name}"
    option = click = f".st-key-predict_{name} input"
    page.locator(option).first.wait_for(state="attached")
    page.wait_for_timeout(500)
    if name in ("break", "paint"):  # these ask for something before they draw
        page.locator(option).first.dispatch_event("click")
        click = {"break": ".st-key-break_hard input", "paint": ".st-key-paint_draw button"}[name]
        page.locator(click).first.wait_for(state="attached")
        page.wait_for_timeout(500)
    seconds = float(page.evaluate(ANSWER, [click, within, IMAGES[name]]))
    page.context.close()
    return seconds


def main() -> None:
    """Print both tables."""
    from playwright.sync_api import sync_playwright

    found = next(path for name in CHROMIUM if (path := shutil.which(name)))
    alone = engine_alone()
    with running_app() as (address, _), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=QUIET)
        inside_seconds(browser, address, 0)  # the model is loaded
        rounds = [inside_seconds(browser, address, seed) for seed in range(1, ROUNDS + 1)]
        tried = {
            name: [experiment_seconds(browser, address, name) for _ in range(ROUNDS)]
            for name in IMAGES
        }
        browser.close()
    rows = [("engine alone, one picture", spread(alone))]
    rows += [(f"inside: {part}", spread([each[part] for each in rounds])) for part in PARTS]
    rows += [(f"experiment: {name}", spread(seconds)) for name, seconds in tried.items()]
    print_table("From the click to what one wanted to see", rows)


if __name__ == "__main__":
    main()
