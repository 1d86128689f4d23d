"""The dice from a person's own text."""

import pytest

from stimage.dice import Code, roll
from stimage.dice.blocklist import theme_of
from stimage.dice.custom_text import MAX_CHARS, custom_vocabulary
from stimage.dice.vocabulary import GUARDED, vocabulary
from stimage.errors import InvalidRequest
from tests.support.errors import refused

pytest.importorskip("spacy")
pytest.importorskip("lemminflect")

STORY = """The baker lived near a forest. Every day a grandmother carried a basket through the
village and the girl ate bread. A wolf followed them. The wolf wore a cap and whistled. A hunter
played the trumpet, and the squirrels laughed. The uncle drank beer and fired a gun. Her brother
was chasing a hedgehog while a dog buried a bone. <b>Two mice stole the cheese</b> and danced."""


@pytest.fixture(scope="module")
def own():
    return custom_vocabulary(STORY, vocabulary())


def test_nouns_and_verbs_of_the_text_are_found(own):
    assert {"grandmother", "wolf", "hunter", "squirrel", "hedgehog", "bone"} <= set(own.nouns)
    assert {"laugh", "carry", "bury", "chase"} <= set(own.verbs)


def test_a_verb_is_used_only_with_the_frames_seen_in_the_text(own):
    laugh, bury = own.words.verbs["laugh"], own.words.verbs["bury"]
    assert [frame.group for frame in laugh.frames] == [""]
    assert [own.words.groups[frame.group] for frame in bury.frames] == [("bone",)]


def test_unsafe_words_are_left_out(own):
    said = [*own.nouns, *own.verbs]
    assert not {"beer", "gun", "fire", "steal"} & set(said) - {"fire"}
    assert not [word for word in said if theme_of(word)]


def test_of_an_unknown_noun_nothing_is_said_that_could_hurt(own):
    hunter = own.words.nouns["hunter"]
    assert hunter.kind in GUARDED
    for i in range(150):
        chosen = roll(Code(seed=f"{i:05d}", locks={"subject": "hunter"}), own.words).plan
        assert not {"look", "character"} & set(chosen)
        assert chosen.get("relation", "next") in own.words.person_relations


def test_the_sentences_speak_of_the_text(own):
    texts = [roll(Code(seed=f"{i:05d}"), own.words) for i in range(100)]
    ours = sum(
        bool({r.plan["subject"], r.plan.get("verb")} & {*own.nouns, *own.verbs}) for r in texts
    )
    assert ours >= 80


def test_a_short_text_is_topped_up_with_our_words():
    own = custom_vocabulary("The wombat juggles pancakes.", vocabulary())
    assert len(own.words.nouns) > 200
    assert len(own.words.verbs) > 50


def test_the_whole_vocabulary_stays_as_it_was(own):
    assert own.words is not vocabulary()
    assert "hunter" not in vocabulary().nouns


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no words"),
        ("   \n ", "no words"),
        ("🎲🎲🎲", "no words"),
        ("<div></div>", "no words"),
        ("x" * (MAX_CHARS + 1), "5,000"),
        ("x" * 100_000, "5,000"),
        ("Der Hund und die Katze spielen mit dem Ball im Garten.", "English"),
        ("Le chat et le chien dorment dans la maison.", "English"),
        ("我喜歡狗和貓", "English"),
        ("And of the, and to the.", "No noun or verb"),
        ("The gun and the beer.", "No noun or verb"),
    ],
)
def test_a_text_that_cannot_be_used_gets_a_sentence(text, says):
    with refused(InvalidRequest, says):
        custom_vocabulary(text, vocabulary())


def test_markup_is_not_read():
    own = custom_vocabulary("<script>alert</script> The penguin paints a fence.", vocabulary())
    assert "penguin" in own.nouns
    assert "script" not in own.nouns
