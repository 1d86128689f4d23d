"""The dice on the studio page, without a browser."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from stimage import paths
from stimage.config import DEFAULT_MODEL
from stimage.dice import Code, parse, roll
from stimage.dice.visit import DiceState
from stimage.i18n import has_sentence
from stimage.paths import ROOT

pytestmark = pytest.mark.usefixtures("fresh_service")


def open_page(**address):
    page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    return checked(page.run())


def checked(page):
    assert not page.exception
    return page


def press(page, key):
    return checked(page.button(key=key).click().run())


def box(page):
    return page.text_area(key="prompt").value


def rolled(page):
    return page.session_state.visit.dice.roll


def keys(page):
    return {button.key for button in page.button}


def test_the_dice_fills_the_box_and_undo_brings_back_what_was_typed():
    page = open_page()
    checked(page.text_area(key="prompt").set_value("my own idea").run())
    press(page, "dice_button")
    assert box(page) == rolled(page).text
    press(page, "undo_button")
    assert box(page) == "my own idea"


def test_add_keeps_what_was_typed_and_the_words_can_still_be_rolled():
    page = open_page()
    checked(page.text_area(key="prompt").set_value("my own idea").run())
    press(page, "dice_button")
    press(page, "dice_add")
    assert box(page) == f"my own idea {rolled(page).text}"
    press(page, "dice_another_subject")
    assert box(page) == f"my own idea {rolled(page).text}"
    assert "dice_add" not in keys(page)


def test_no_sentence_comes_twice_in_a_visit():
    page = open_page()
    seen = []
    for _ in range(12):
        press(page, "dice_button")
        seen.append(box(page))
    assert len(set(seen)) == len(seen)


def test_a_word_is_rolled_again_and_the_others_stay():
    page = open_page(dice="K7Q2M")
    before = rolled(page)
    press(page, "dice_another_subject")
    after = rolled(page)
    assert after.plan["subject"] != before.plan["subject"]
    assert after.plan["pattern"] == before.plan["pattern"]
    assert box(page) == after.text


def test_a_locked_word_survives_the_dice_and_can_be_let_go():
    page = open_page(dice="K7Q2M")
    before = rolled(page)
    press(page, "dice_lock_subject")
    assert box(page) == before.text
    for _ in range(4):
        press(page, "dice_button")
        assert rolled(page).plan["subject"] == before.plan["subject"]
    assert page.button(key="dice_another_subject").disabled
    press(page, "dice_lock_subject")
    assert not rolled(page).code.locks


def test_a_changed_sentence_loses_its_chips_and_its_code():
    page = open_page(dice="K7Q2M")
    assert "dice_another_subject" in keys(page)
    checked(page.text_area(key="prompt").set_value(box(page) + " Really.").run())
    assert "dice_another_subject" not in keys(page)
    assert "dice" not in page.query_params


def test_every_chosen_word_has_a_chip_with_its_part_of_speech():
    page = open_page(dice="K7Q2M")
    slots = {part.slot for part in rolled(page).parts if part.slot}
    assert {f"dice_another_{slot}" for slot in slots} <= keys(page)
    assert {f"dice_lock_{slot}" for slot in slots} <= keys(page)
    assert all(has_sentence(f"dice.label.{slot}") for slot in slots)


def test_the_link_brings_the_sentence_and_carries_the_code_on():
    page = open_page(dice="K7Q2M~subject-fox")
    assert box(page) == roll(parse("K7Q2M~subject-fox")).text
    assert page.query_params["dice"] == "K7Q2M~subject-fox"
    assert "K7Q2M" in "".join(caption.value for caption in page.caption)


@pytest.mark.parametrize("code", ["x", "<script>", "K7Q2M~verb-sleep~object-violin", "🎲" * 5000])
def test_a_bad_code_in_the_link_is_a_sentence(code):
    page = open_page(dice=code)
    assert len(page.error) == 1
    assert box(page) == ""


def test_a_text_in_the_link_is_never_replaced_by_the_dice():
    page = open_page(dice="K7Q2M", prompt="a fox in snow")
    assert box(page) == "a fox in snow"
    assert "dice_another_subject" not in keys(page)


def test_the_code_travels_with_the_request_only_while_the_sentence_is_the_dices():
    page = open_page(dice="K7Q2M")
    dice = page.session_state.visit.dice
    assert dice.code_in(box(page)) == "K7Q2M"
    assert dice.code_in(box(page) + "!") == ""


def test_a_code_can_be_typed():
    page = open_page(dice="K7Q2M")
    checked(page.text_input(key="dice_code").set_value("abcde").run())
    assert box(page) == roll(parse("ABCDE")).text
    checked(page.text_input(key="dice_code").set_value("nonsense!").run())
    assert "dice code" in page.warning[0].value


def test_the_number_of_sentences_is_the_computed_one():
    from stimage.dice.counting import count_sentences
    from stimage.dice.vocabulary import vocabulary

    page = open_page(dice="K7Q2M")
    press(page, "dice_count")
    assert f"{count_sentences(vocabulary()):,}" in "".join(text.value for text in page.markdown)


def test_spacy_reads_the_sentence_and_marks_each_part_of_speech_with_color_and_label():
    page = open_page(dice="K7Q2M")
    press(page, "dice_read")
    shown = next(m.value for m in page.get("html") if "entities" in str(m.value))
    for word in roll(parse("K7Q2M")).text.replace(",", " ").rstrip(".").split():
        assert word in shown
    assert "var(--dice-NOUN)" in shown
    assert ">noun<" in shown
    assert "as the dice planned it" in "".join(c.value for c in page.caption)


def test_with_the_shipped_model_the_dice_stays_within_its_words(tmp_path, monkeypatch):
    learned = {"words": ["cat", "cats", "sleep", "sleeps", "sleeping", "on", "the", "beach"],
              "nouns": ["cat"], "verbs": ["sleep"], "places": ["beach"]}  # fmt: skip
    (tmp_path / DEFAULT_MODEL).mkdir()
    (tmp_path / DEFAULT_MODEL / "words.json").write_text(json.dumps(learned))
    monkeypatch.setattr(paths, "SHIPPED_MODELS", tmp_path)
    words = DiceState().words(Code(seed="00000", small=True))
    assert set(words.nouns) == {"cat"}
    assert len(DiceState().words(Code(seed="00000")).nouns) > 200


def test_a_custom_text_that_cannot_be_used_is_a_sentence_and_keeps_the_dice():
    page = open_page(dice="K7Q2M")
    before = box(page)
    press(page, "dice_custom_use")
    assert "Paste a few English sentences" in page.warning[0].value
    assert box(page) == before
