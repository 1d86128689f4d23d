"""What the chapters promise: plain words, numbers with sources, links that lead somewhere."""

from __future__ import annotations

import re
import tomllib

import pytest
import textstat
from babel.messages.pofile import read_po

from stimage.explainer.chapters import (
    FOLDER,
    Figure,
    Heading,
    Prose,
    Question,
    chapters,
)
from stimage.explainer.facts import PLACE
from stimage.explainer.lessons import LESSONS
from stimage.explainer.map import FIRST_CHAPTER
from stimage.explainer.reading import read_aloud, words_of
from stimage.i18n import LANGUAGE
from stimage.paths import CHAPTERS, EXPLAINER_FIGURES, LOCALES

ANCHORS = [
    "words-to-picture", "training", "tokens", "noise", "learning", "generating",
    "latent", "attention", "guidance", "seed", "gan", "gan-or-diffusion",
    "stable-diffusion", "uses", "limits", "bias", "copying", "energy", "real-or-fake",
    "myths", "glossary", "further-reading", "test-yourself",
]  # fmt: skip
STUDIO_LINKS = ["steps", "negative-prompt"]
OF_GAN = ["our-gan", "collapse", "forger"]
INSIDE = [*STUDIO_LINKS, "hot-and-cold", *OF_GAN, "more-tasks", "rights", "help"]
BRITISH = re.compile(  # the page is written in American English, all of it
    r"\b(\w*colour\w*|grey\w*|labell\w+|centre\w*|licence\w*|\w+isation\w*|analyse\w*|"
    r"favourite\w*|neighbour\w*|behaviour\w*|programme\w*|learnt|maths)\b",
    re.IGNORECASE,
)
PARAGRAPHS = [  # of the two texts that the project began with, in their order
    "goal", "static_what_it_is", "static_training", "static_learning", "static_generating",
    "static_gan", "dynamic", "dynamic_back_end", "image_to_text", "overview", "gan_architecture",
    "gan_training", "gan_discriminator", "gan_summary", "diffusion", "diffusion_two_steps",
    "diffusion_denoising", "diffusion_training", "diffusion_summary",
]  # fmt: skip
BANNED = (
    "stable distribution",
    "deconvolution",
    "mimics the brain",
    "exact copy of none",
    "smooths out",
    "smoothes out",
    "ground truth",
    "likelihood",
)
HUMAN_VERBS = re.compile(
    r"\b(understands?|imagines?|wants?|thinks?|knows?|sees?|believes?|dreams?|remembers?)\b"
)
NAMES_MISTAKES = ("myths", "glossary")
LARGE_NUMBERS = re.compile(r"\d|\b(hundreds?|thousands?|millions?|billions?|percent|per cent)\b")
ALL = pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.anchor)


def written(chapter):
    """Return a chapter's file without its head, its sources, its formulas and its links."""
    path = next(FOLDER.glob(f"*-{chapter.anchor}.md"))
    body = path.read_text("utf-8").split("+++\n", 2)[2]
    body = re.sub(r"::: source.+?:::", "", body, flags=re.DOTALL)
    body = re.sub(r"\n---\n[^:]+(?=\n:::)", "", body) if chapter.anchor == "myths" else body
    body = re.sub(r"\$\$.+?\$\$|\$[^$]+\$", "", body, flags=re.DOTALL)
    return re.sub(r"\]\([^)]*\)|!\[\]\([^)]*\)|\{#[\w-]+\}", "", body)


def test_the_chapters_stand_in_their_order():
    assert [chapter.anchor for chapter in chapters()] == ANCHORS


def test_the_anchors_the_studio_links_to_are_inside_chapters():
    inside = [b.anchor for c in chapters() for b in c.blocks if isinstance(b, Heading)]
    assert sorted(inside) == sorted(INSIDE)


def test_each_paragraph_of_the_first_texts_has_its_place():
    covered = tomllib.loads((CHAPTERS / "coverage.toml").read_text("utf-8"))
    assert list(covered) == PARAGRAPHS
    for paragraph, places in covered.items():
        for anchor, words in places.items():
            path = next(FOLDER.glob(f"*-{anchor}.md"))
            assert words in path.read_text("utf-8"), (paragraph, anchor)


def test_a_chapter_about_the_machine_says_where_it_is_on_the_map():
    beside = [c.anchor for c in chapters() if c.head.here == ()]
    assert beside == ["gan", "gan-or-diffusion"]
    assert [c.anchor for c in chapters() if c.head.here is None] == ANCHORS[-3:]
    for station, anchor in FIRST_CHAPTER.items():
        [chapter] = [c for c in chapters() if c.anchor == anchor]
        assert station in chapter.head.here


@pytest.mark.parametrize("heading", ["Training", "Learning", "Generating", "GAN"])
def test_the_headings_of_the_first_text_can_be_found_again(heading):
    assert sum(chapter.head.title.startswith(f"{heading}:") for chapter in chapters()) == 1


def test_a_short_path_leads_through_the_machine_and_a_gan_to_the_world():
    short = [chapter.anchor for chapter in chapters() if chapter.head.short_path]
    assert short == ["words-to-picture", "noise", "learning", "generating", "gan", "real-or-fake"]


@ALL
def test_a_chapter_is_plain(chapter):
    text = read_aloud(words_of(chapter))
    assert textstat.flesch_kincaid_grade(text) <= 7
    assert textstat.flesch_reading_ease(text) >= 65


def test_the_whole_page_is_plainer_still():
    text = "\n\n".join(read_aloud(words_of(chapter)) for chapter in chapters())
    assert textstat.flesch_kincaid_grade(text) <= 6


@pytest.mark.parametrize("page", ["inside", "experiments"])
def test_the_pages_that_look_inside_are_as_plain(page):
    with (LOCALES / LANGUAGE / f"{page}.po").open("rb") as file:
        texts = [message.string for message in read_po(file) if isinstance(message.string, str)]
    sentences = [text for text in texts if text.endswith((".", "?"))]
    assert textstat.flesch_kincaid_grade(" ".join(sentences)) <= 6


@ALL
def test_no_sentence_is_longer_than_25_words(chapter):
    sentences = re.split(r"(?<=[.?!:])\s+|\n{2,}|\n- ", read_aloud(words_of(chapter)))
    assert [s for s in sentences if len(s.split()) > 25] == []


@ALL
def test_a_section_is_short_before_anything_is_opened(chapter):
    for words in open_sections(chapter):
        assert len(read_aloud(words).split()) <= 125 or chapter.anchor == "glossary"


def open_sections(chapter):
    """Return the text of each section, from heading to heading, that is there at once."""
    sections = [""]
    for block in chapter.blocks:
        if isinstance(block, Heading):
            sections.append("")
        elif isinstance(block, Prose):
            sections[-1] += block.text + "\n\n"
    return sections


@ALL
def test_the_spelling_is_american(chapter):
    path = next(FOLDER.glob(f"*-{chapter.anchor}.md"))
    assert BRITISH.findall(path.read_text("utf-8")) == []


def test_the_spelling_of_facts_figures_and_lessons_is_american_too():
    files = [CHAPTERS / "facts.toml", EXPLAINER_FIGURES / "manifest.json"]
    files += [*LESSONS.glob("*.md"), *EXPLAINER_FIGURES.glob("*.svg"), *LOCALES.rglob("*.po")]
    for file in files:
        assert BRITISH.findall(file.read_text("utf-8")) == [], file


def test_a_lesson_leads_to_chapters_that_there_are():
    for file in LESSONS.glob("*.md"):
        for target in re.findall(r"\]\(#([\w-]+)\)", file.read_text("utf-8")):
            assert target in ANCHORS + INSIDE, (file.name, target)


@ALL
def test_no_wrong_old_phrase_comes_back(chapter):
    text = words_of(chapter).lower()
    found = [phrase for phrase in BANNED if phrase in text]
    assert found == [] or chapter.anchor in NAMES_MISTAKES


@ALL
def test_the_model_does_nothing_that_only_people_do(chapter):
    pattern = rf"(model|network|discriminator|generator|computer|it|AI) {HUMAN_VERBS.pattern}"
    assert re.findall(pattern, words_of(chapter), flags=re.IGNORECASE) == []


@ALL
def test_every_number_in_the_text_is_a_fact(chapter):
    text = PLACE.sub("", written(chapter))
    text = text.replace("Stable Diffusion v1", "").replace("Stable Diffusion 1.5", "")
    assert LARGE_NUMBERS.findall(text) == []


@ALL
def test_every_link_inside_the_page_leads_somewhere(chapter):
    path = next(FOLDER.glob(f"*-{chapter.anchor}.md"))
    for target in re.findall(r"\]\(#([\w-]+)\)", path.read_text("utf-8")):
        assert target in ANCHORS + INSIDE


def test_six_chapters_or_more_ask_before_a_figure_shows_the_answer():
    asking = [chapter for chapter in chapters() if shown_after_a_question(chapter)]
    assert len(asking) >= 6


def shown_after_a_question(chapter):
    questions = [b for b in chapter.blocks if isinstance(b, Question)]
    return {part.name for q in questions for part in q.answer if isinstance(part, Figure)}


def test_the_test_has_ten_questions_with_one_right_answer_each():
    questions = [b for b in chapters()[-1].blocks if isinstance(b, Question)]
    assert len(questions) == 10
    assert all(q.right is not None for q in questions)


def test_the_right_answer_is_not_always_at_the_same_place():
    places = [b.right for c in chapters() for b in c.blocks if isinstance(b, Question)]
    assert len({place for place in places if place is not None}) == 3


def test_the_right_answer_is_seldom_the_longest():
    asked = [b for c in chapters() for b in c.blocks if isinstance(b, Question)]
    marked = [q for q in asked if q.right is not None]
    longest = [q for q in marked if q.options[q.right] == max(q.options, key=len)]
    assert len(longest) <= len(marked) / 3


def test_every_question_but_the_one_about_yourself_says_what_was_right():
    asked = [(c.anchor, b) for c in chapters() for b in c.blocks if isinstance(b, Question)]
    assert [anchor for anchor, question in asked if question.right is None] == ["noise"]
    assert [anchor for anchor, question in asked if len(question.options) < 3] == []
