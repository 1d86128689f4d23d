"""The words inside the explainer's figures can be translated like all others."""

import pytest

from stimage.explainer.manifest import figures, with_words
from stimage.i18n import own_words, text
from tools.figure_words import TEMPLATE, template


def test_the_translators_template_has_the_words_of_todays_figures():
    assert TEMPLATE.read_bytes() == template(), "run: python -m tools.figure_words"


@pytest.mark.parametrize("name", figures())
def test_every_word_is_said_anew_and_no_prompt_is(name):
    figure = figures()[name]
    loud = with_words(figure, str.upper)
    assert loud.caption == figure.caption.upper()
    assert loud.alt == figure.alt.upper()
    assert loud.made.by == figure.made.by.upper()
    assert [control.label for control in loud.controls] == [
        control.label.upper() for control in figure.controls
    ]
    assert (loud.made.prompt, loud.made.prompts) == (figure.made.prompt, figure.made.prompts)
    assert loud.drawn == figure.drawn
    prompts = {figure.made.prompt, *(figure.made.prompts or ())}
    for row, loud_row in zip(figure.labels, loud.labels, strict=True):
        assert loud_row == [label if label in prompts else label.upper() for label in row]


def test_what_a_catalog_has_is_said_in_its_words_and_the_rest_stays():
    assert own_words("studio.submit") == text("studio.submit")
    assert own_words("No catalog {has} this.") == "No catalog {has} this."
