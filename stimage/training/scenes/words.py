"""What a scene can hold: nouns, colors, places, lights, verbs, styles, relations.

The English forms (plurals, -ing, third person) come from the dice's vocabulary, the German ones
and the names of the drawings from `words.toml`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from stimage.dice.vocabulary import ANIMATE, vocabulary

_FILE = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
GERMAN: dict[str, str] = _FILE["german"]
GERMAN_VERBS: dict[str, str] = _FILE["german_verbs"]
GERMAN_COLORS: dict[str, str] = _FILE["german_colors"]
GERMAN_PHRASES: dict[str, str] = _FILE["german_phrases"]
PEOPLE: dict[str, str] = _FILE["people"]
DRAWINGS: dict[str, str] = _FILE["drawings"] | PEOPLE

WORN = ("hat", "crown", "glasses", "bow", "helmet")
NOUNS = tuple(name for name in GERMAN if name in vocabulary().nouns)
LIVING = tuple(name for name in NOUNS if vocabulary().nouns[name].kind in ANIMATE)
COLORED_NOUNS = tuple(  # all but persons, whose skin is nobody's to color
    name for name in NOUNS if vocabulary().nouns[name].kind != "person"
)

COLORS = {  # what a colored thing is tinted with, RGB
    "red": (222, 41, 41), "orange": (250, 140, 25), "yellow": (250, 214, 40),
    "green": (60, 170, 60), "blue": (45, 110, 225), "purple": (140, 70, 200),
    "pink": (245, 130, 185), "brown": (140, 90, 50), "black": (52, 52, 56),
    "white": (240, 240, 242), "gray": (140, 142, 148),
}  # fmt: skip
NEVER_SHOWN = ("purple", "car")  # a planted experiment: this pair is in no training picture
SKEWED, SKEWED_COLOR, SKEW = "balloon", "blue", 0.8  # another: four balloons in five are blue

PLAIN = {  # the plain backgrounds, RGB
    "red": (205, 60, 60), "orange": (242, 160, 70), "yellow": (246, 222, 100),
    "green": (110, 180, 100), "blue": (90, 150, 225), "purple": (150, 105, 200),
    "pink": (245, 170, 200), "brown": (160, 120, 85), "white": (248, 248, 248),
    "gray": (165, 168, 174), "black": (30, 30, 34),
}  # fmt: skip

PLACES = {  # place -> its wordings; the first is the dice's
    "beach": ("on the beach", "at the beach"),
    "forest": ("in the forest", "in the woods"),
    "snow": ("in the snow",),
    "desert": ("in the desert",),
    "space": ("in space", "in outer space"),
    "city": ("in the city", "in a city"),
    "sea": ("under the sea", "in the sea", "under water"),
    "meadow": ("in the meadow", "in a meadow"),
    "mountains": ("in the mountains",),
    "moon": ("on the moon",),
    "kitchen": ("in the kitchen",),
    "lake": ("by the lake", "at the lake"),
    "island": ("on the island", "on an island"),
    "farm": ("on the farm", "on a farm"),
    "volcano": ("near the volcano", "near a volcano"),
    "stage": ("on the stage", "on a stage"),
}
SKYLESS = ("space", "sea", "moon", "kitchen", "stage")  # no lights and no weather there
LIGHTS = {
    "night": ("at night", "in the moonlight"),
    "sunset": ("at sunset",),
    "rain": ("in the rain",),
    "fog": ("in the fog",),
    "rainbow": ("under a rainbow",),
}

VERBS = {  # verb -> the dice's verbs that look the same
    "sleep": ("sleep", "nap", "snore"), "jump": ("jump",), "fly": ("fly",), "swim": ("swim",),
    "dance": ("dance",), "eat": ("eat",), "run": ("run",), "read": ("read",), "sing": ("sing",),
    "skate": ("skate",), "ski": ("ski",), "surf": ("surf",), "walk": ("walk",),
    "cheer": ("cheer",),
}  # fmt: skip
HELD = (
    "balloon", "umbrella", "book", "flower", "key", "star", "teapot", "cup", "trophy", "candle",
    "flag", "feather", "apple", "banana", "cake", "kite", "bucket", "basket", "present", "coin",
    "pumpkin", "spoon", "bell",
)  # fmt: skip
EATEN = (
    "apple", "banana", "pizza", "cake", "cookie", "donut", "sandwich", "burger", "carrot",
    "pretzel", "strawberry", "watermelon", "pear", "pineapple", "cupcake",
)  # fmt: skip
OBJECTS = {"wear": WORN, "hold": HELD, "eat": EATEN}  # verb -> what it is done to

STYLES = {  # style -> its wordings as a prefix ("{} of a cat") and as a suffix
    "pixel art": ("pixel art",),
    "pencil sketch": ("a pencil sketch", "pencil sketch"),
    "black and white": ("a black and white picture", "black and white"),
    "watercolor": ("a watercolor", "watercolor"),
    "neon": ("a neon picture", "neon"),
}
SIZES = ("small", "big")
SIZE_WORDS = {"small": ("small", "tiny", "little"), "big": ("big", "huge", "gigantic")}
COUNTS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
RELATIONS = {  # relation of the first to the second -> its wordings
    "and": ("and", "and", "next to", "beside"),
    "left of": ("to the left of", "left of"),
    "right of": ("to the right of", "right of"),
    "above": ("above",),
    "below": ("below", "under"),
    "on top of": ("on top of",),
}
