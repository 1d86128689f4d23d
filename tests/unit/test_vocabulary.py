"""The words of the dice: all forms right, all pairs fit for a school."""

import ast
import itertools
import json
import tomllib
from pathlib import Path

import pytest

from stimage.dice import Code, roll, rules
from stimage.dice.blocklist import PATH as UNSAFE
from stimage.dice.blocklist import theme_of
from stimage.dice.english import article, noun_phrase
from stimage.dice.grammar import PATTERNS
from stimage.dice.vocabulary import ANIMATE, GUARDED, PATH, Frame, noun, verb, vocabulary
from tools.make_vocabulary import WORDS, make

BLOCKED = tomllib.loads(
    (Path(__file__).parents[1] / "support" / "data" / "blocked_pairs.toml").read_text()
)
ALL = vocabulary()


def kinds(text):
    return set(text.split())


def every_verb_with_object():
    for word in ALL.verbs.values():
        for frame in word.frames:
            for lemma in ALL.groups.get(frame.group, ()):
                yield word.base, frame, ALL.nouns[lemma]


def test_the_command_makes_the_file_that_is_committed():
    pytest.importorskip("lemminflect")
    made = make(tomllib.loads(WORDS.read_text()), lambda *_: True)
    assert made == json.loads(PATH.read_text())


def test_there_are_enough_words():
    assert len(ALL.nouns) >= 200
    assert len(ALL.verbs) >= 60
    assert min(len(ALL.places), len(ALL.styles), len(ALL.lights)) >= 10


def test_the_scenes_of_the_shipped_model_find_all_their_words():
    tree = ast.parse((PATH.parents[2] / "training" / "scenes" / "words.py").read_text())
    values = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    glyphs, places = values["GLYPHS"], ast.literal_eval(values["PLACES"])
    assert isinstance(glyphs, ast.Dict)
    for key in glyphs.keys:
        assert noun(key.value).plural
    for base in ast.literal_eval(values["VERBS"]):
        assert Frame() in verb(base).frames
    phrases = {**ALL.places, **ALL.lights}
    assert all(phrases[name] == wordings[0] for name, wordings in places.items())
    assert set(ast.literal_eval(values["STYLES"])) <= set(ALL.styles.values())


@pytest.mark.parametrize(
    ("one", "many"),
    [("mouse", "mice"), ("sheep", "sheep"), ("fish", "fish"), ("octopus", "octopuses"),
     ("butterfly", "butterflies"), ("snowman", "snowmen"), ("cactus", "cacti"), ("fox", "foxes"),
     ("wolf", "wolves"), ("deer", "deer"), ("box", "boxes"), ("leaf", "leaves"),
     ("tuba", "tubas"), ("flamingo", "flamingos"), ("witch", "witches"), ("scarf", "scarves")],
)  # fmt: skip
def test_plurals(one, many):
    assert noun(one).plural == many


@pytest.mark.parametrize(
    ("base", "third", "gerund"),
    [("fly", "flies", "flying"), ("swim", "swims", "swimming"), ("dance", "dances", "dancing"),
     ("run", "runs", "running"), ("ski", "skis", "skiing"), ("carry", "carries", "carrying"),
     ("watch", "watches", "watching"), ("sit", "sits", "sitting"), ("nap", "naps", "napping"),
     ("write", "writes", "writing"), ("catch", "catches", "catching"), ("hug", "hugs", "hugging")],
)  # fmt: skip
def test_verb_forms(base, third, gerund):
    assert (verb(base).third, verb(base).gerund) == (third, gerund)


@pytest.mark.parametrize(
    ("word", "right"),
    [("owl", "an"), ("unicorn", "a"), ("unicycle", "a"), ("umbrella", "an"), ("ukulele", "a"),
     ("uniform", "a"), ("hour", "an"), ("horse", "a"), ("igloo", "an"), ("eucalyptus", "a"),
     ("orange", "an"), ("X", "a"), ("unimpressed", "an"), ("one-eyed", "a"), ("ewe", "a"),
     ("usher", "an"), ("utensil", "a"), ("honest", "an"), ("elephant", "an"), ("urn", "an")],
)  # fmt: skip
def test_articles(word, right):
    assert article(word) == right


def test_an_article_agrees_with_the_word_that_follows_it():
    for code in (Code(seed=f"{i:05d}") for i in range(400)):
        for part, following in itertools.pairwise(roll(code).parts):
            if part.text in ("a", "an"):
                assert part.text == article(following.text), roll(code).text


def test_the_verb_agrees_with_its_subject_and_is_followed_by_ing_after_be():
    for rolled in (roll(Code(seed=f"{i:05d}")) for i in range(400)):
        chosen, parts = rolled.plan, rolled.parts
        many = "partner" in chosen or chosen.get("number", "one") != "one"
        tags = [part.tag for part in parts if part.tag.startswith("VB")]
        finite = "VBP" if many else "VBZ"
        assert tags in ([finite], [finite, "VBG"]), rolled.text
        assert ("VBG" in tags) == (chosen.get("aspect") == "progressive")


def test_a_noun_has_an_article_a_number_or_is_a_mass():
    for rolled in (roll(Code(seed=f"{i:05d}")) for i in range(400)):
        for i, part in enumerate(rolled.parts):
            if part.slot in ("subject", "partner", "object"):
                before = []
                for p in reversed(rolled.parts[:i]):
                    if p.pos not in ("ADJ", "DET", "NUM"):
                        break
                    before.append(p.pos)
                countable = ALL.nouns[rolled.plan[part.slot]].countable
                assert ("DET" in before or "NUM" in before) == countable, rolled.text
                assert (part.tag == "NNS") == ("NUM" in before), rolled.text


def test_masses_have_neither_article_nor_number():
    parts = noun_phrase(noun("lemonade"), "one", (), ("", "object"))
    assert [part.text for part in parts] == ["lemonade"]
    for rolled in (roll(Code(seed=f"{i:05d}", locks={"object": "lemonade"})) for i in range(20)):
        assert rolled.plan["verb"] == "drink"
        assert "object_number" not in rolled.plan


# What no grammar checker sees: valency and prepositions. A verb stands alone only if it may,
# and takes an object only if it may (checked by hand against a dictionary).
ALONE = kinds(
    "sleep jump fly swim dance run eat sing read laugh smile wave march float skate surf ski yawn "
    "nap snore whistle walk stretch cheer crawl spin sneeze giggle"
)
WITH_OBJECT = kinds(
    "fly eat read drink play ride drive sail wear knit write build fix hold carry open kick throw "
    "catch juggle chase paint plant water pick wash watch count photograph feed hug push pull "
    "polish find climb bake peel"
)
WITH_PREPOSITION = {
    "sleep": "on under", "jump": "over", "float": "on", "nap": "on", "snore": "on",
    "crawl": "under", "sit": "on under", "stand": "on behind", "hide": "behind under",
}  # fmt: skip


def test_every_verb_has_only_the_frames_it_may_have():
    for word in ALL.verbs.values():
        by_kind = {rules.frame_kind(f) for f in word.frames}
        assert ("alone" in by_kind) == (word.base in ALONE), word
        assert ("object" in by_kind) == (word.base in WITH_OBJECT), word
        prepositions = {f.preposition for f in word.frames if f.preposition}
        assert prepositions == kinds(WITH_PREPOSITION.get(word.base, "")), word


def test_every_frame_has_something_to_choose_from():
    for word in ALL.verbs.values():
        for frame in word.frames:
            assert not frame.group or len(ALL.groups[frame.group]) >= 3


def test_no_word_is_on_the_list_of_what_has_no_place_in_a_school():
    words = [*ALL.nouns, *ALL.verbs, *ALL.adjectives]
    for phrases in (ALL.places, ALL.lights, ALL.styles, ALL.relations):
        words += [word for text in phrases.values() for word in text.split()]
    assert {word: theme_of(word) for word in words if theme_of(word)} == {}


def test_the_list_has_all_themes_and_catches_their_words():
    themes = tomllib.loads(UNSAFE.read_text())["words"]
    assert len(themes) >= 7
    for word in ("gun", "murderer", "beer", "naked", "idiots", "vomiting", "president"):
        assert theme_of(word), word
    for word in ("grape", "class", "assembly", "skillet", "button", "hello", "cockpit", "analyst"):
        assert not theme_of(word), word


def test_of_persons_nothing_is_said_about_looks_colors_or_bodies():
    for adjective, someone in itertools.product(ALL.adjectives.values(), ALL.nouns.values()):
        if someone.kind == "person" and rules.suits(adjective, someone):
            assert adjective.word in kinds(BLOCKED["persons"]["may_be"]), adjective.word


def test_no_pair_of_verb_and_object_is_blocked():
    never = {base: kinds(text) for base, text in BLOCKED["verbs_never_with_kinds"].items()}
    seen = 0
    for base, frame, thing in every_verb_with_object():
        seen += 1
        assert thing.kind not in GUARDED, f"{base} {frame.preposition} {thing.lemma}"
        assert thing.kind not in never.get(base, ()), f"{base} {thing.lemma}"
        assert f"{base} {thing.lemma}" not in BLOCKED["pairs"]["verb_object"]
    assert seen > 400


def test_no_pair_of_subject_and_verb_is_blocked():
    never = kinds(BLOCKED["persons"]["never_do"])
    for pattern in PATTERNS.values():
        for someone in (n for n in ALL.nouns.values() if n.kind == "person"):
            found = {v.base for v, _ in rules.verbs(ALL, pattern.frame, (noun("cat"), someone), {})}
            assert not found & never


def test_no_relation_puts_a_person_or_an_animal_on_top_of_another():
    beside = kinds(BLOCKED["persons"]["may_be_placed"])
    for one, other in itertools.product(ALL.nouns.values(), repeat=2):
        for relation in ALL.relations:
            if rules.may_meet(ALL, relation, one, other):
                if "person" in (one.kind, other.kind):
                    assert relation in beside
                if relation == "top":
                    assert other.kind not in ANIMATE
