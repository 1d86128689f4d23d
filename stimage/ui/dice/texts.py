"""Every text of the dice, in English."""

from __future__ import annotations

from collections.abc import Sequence

DICE = "Dice"
DICE_HELP = "Write a random sentence into the box. What stood there comes back with Undo."
ADD = "Add to my text"
ADD_HELP = "Keep what you had typed and put the dice's sentence after it."
LOCK = "Lock"
LOCKED = "Locked"
OPTIONS = "More about the dice"
CODE = "Dice code"
CODE_HELP = "Five letters or digits. The same code gives the same sentence."
HOW_MANY = "How many sentences are there?"
READ = "How does spaCy read it?"
READ_HELP = "The dice has a plan for each word. spaCy, which tagged its words, sees only the text."
READING = "spaCy reads the sentence ..."
PARTS_OF_SPEECH = {  # universal part of speech -> its name
    "NOUN": "noun",
    "VERB": "verb",
    "ADJ": "adjective",
    "NUM": "number",
    "ADP": "preposition",
}
OWN = "Dice from your own text"
OWN_HELP = (
    "Paste a text in English. The dice takes its nouns and verbs and fills up with its own. "
    "The text is not stored."
)
OWN_LINE = "From your own text"
OWN_USE = "Use these words"
OWN_STOP = "Back to the dice's own words"

LABELS = {
    "subject": "noun",
    "partner": "noun",
    "object": "noun",
    "verb": "verb",
    "character": "adjective",
    "look": "adjective",
    "object_look": "adjective",
    "number": "number",
    "object_number": "number",
    "preposition": "preposition",
    "relation": "relation",
    "place": "place",
    "light": "light",
    "style": "style",
}


def code_line(seed: str) -> str:
    """Show the seed of the dice."""
    return f":material/casino: Dice code **{seed}**"


def another(label: str) -> str:
    """Say what the button on a word does."""
    return f"Another {label}"


def lock_help(word: str, *, locked: bool) -> str:
    """Say what a lock does."""
    return f"Let “{word}” go" if locked else f"Keep “{word}” when the dice is thrown"


def read_line(otherwise: Sequence[str]) -> str:
    """Say whether spaCy reads the sentence as the dice planned it."""
    if not otherwise:
        return "spaCy reads every word as the dice planned it."
    words = " and ".join(f"“{word}”" for word in otherwise)
    return f"The dice planned something else for {words}."


def how_many(count: int) -> str:
    """Say how many sentences there are."""
    return f"The dice can write **{count:,}** different sentences with these words."


def own_words(nouns: int, verbs: int) -> str:
    """Say what was found in a text."""
    return f"The dice now uses {nouns} nouns and {verbs} verbs of your text, topped up with ours."
