"""The dice in Chromium: by keyboard, on a phone, after a reload, and looked at by axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from stimage.i18n import text
from tests.support.browser import PHONE, box, check_every_look

pytestmark = pytest.mark.browser
LINK = "/?dice=K7Q2M~subject-fox"


def chip(page, slot):
    """Return a word's button, once the old one of a run before is gone.

    Streamlit draws a button with a hint twice and shows one of the two.
    """
    button = page.locator(f".st-key-dice_another_{slot} button:visible")
    expect(button).to_have_count(1)
    return button


def sentence_other_than(page, old):
    """Return the sentence in the box, once it is not `old`."""
    expect(box(page)).not_to_have_value(old)
    return box(page).input_value()


def test_the_dice_can_be_thrown_and_a_word_changed_by_keyboard_alone(visit):
    page = visit("/")
    page.get_by_role("button", name=text("dice.dice"), exact=True).focus()
    page.keyboard.press("Enter")
    first = sentence_other_than(page, "")
    chip(page, "subject").focus()
    page.keyboard.press("Enter")
    assert sentence_other_than(page, first).endswith(".")


def test_a_reload_brings_the_same_sentence_with_its_chips(visit):
    page = visit(LINK)
    chip(page, "subject").wait_for()
    before = box(page).input_value()
    page.reload()
    expect(chip(page, "subject")).to_be_visible()
    expect(box(page)).to_have_value(before)


def test_axe_finds_nothing_in_the_chips_and_nothing_is_too_wide(visit):
    page = visit(LINK, width=PHONE)
    chip(page, "subject").wait_for()
    check_every_look(page)
    page.get_by_role("button", name=text("dice.options")).click()
    page.get_by_label(text("dice.custom"), exact=True).wait_for()
    check_every_look(page)
