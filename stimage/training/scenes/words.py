"""What a scene can hold: nouns with their glyphs, colors, places, verbs, styles, relations.

The English forms (plurals, -ing, third person) come from the dice's vocabulary: one home for words.
"""

GLYPHS = {  # noun -> code point in Noto Color Emoji
    "cat": 0x1F408, "dog": 0x1F415, "fox": 0x1F98A, "rabbit": 0x1F407, "horse": 0x1F40E,
    "cow": 0x1F404, "pig": 0x1F416, "sheep": 0x1F411, "elephant": 0x1F418, "lion": 0x1F981,
    "tiger": 0x1F405, "monkey": 0x1F412, "panda": 0x1F43C, "bear": 0x1F43B, "mouse": 0x1F401,
    "frog": 0x1F438, "turtle": 0x1F422, "snake": 0x1F40D, "fish": 0x1F41F, "whale": 0x1F433,
    "dolphin": 0x1F42C, "octopus": 0x1F419, "crab": 0x1F980, "butterfly": 0x1F98B,
    "bee": 0x1F41D, "snail": 0x1F40C, "bird": 0x1F426, "owl": 0x1F989, "penguin": 0x1F427,
    "duck": 0x1F986, "chicken": 0x1F414, "dragon": 0x1F409, "unicorn": 0x1F984,
    "giraffe": 0x1F992, "zebra": 0x1F993, "hippo": 0x1F99B, "rhino": 0x1F98F, "koala": 0x1F428,
    "kangaroo": 0x1F998, "squirrel": 0x1F43F, "hedgehog": 0x1F994, "raccoon": 0x1F99D,
    "wolf": 0x1F43A, "deer": 0x1F98C, "camel": 0x1F42B, "shark": 0x1F988, "crocodile": 0x1F40A,
    "jellyfish": 0x1FABC, "parrot": 0x1F99C, "flamingo": 0x1F9A9, "ladybug": 0x1F41E,
    "spider": 0x1F577, "dinosaur": 0x1F996, "robot": 0x1F916, "ghost": 0x1F47B, "snowman": 0x26C4,
    "pumpkin": 0x1F383, "alien": 0x1F47D, "car": 0x1F697, "bus": 0x1F68C, "train": 0x1F682,
    "bicycle": 0x1F6B2, "airplane": 0x2708, "rocket": 0x1F680, "boat": 0x26F5,
    "tractor": 0x1F69C, "truck": 0x1F69A, "motorcycle": 0x1F3CD, "helicopter": 0x1F681,
    "ship": 0x1F6A2, "house": 0x1F3E0, "castle": 0x1F3F0, "tree": 0x1F333,
    "flower": 0x1F33B, "rose": 0x1F339, "cactus": 0x1F335, "mushroom": 0x1F344,
    "apple": 0x1F34E, "banana": 0x1F34C, "pizza": 0x1F355, "cake": 0x1F370, "donut": 0x1F369,
    "burger": 0x1F354, "cupcake": 0x1F9C1, "pineapple": 0x1F34D, "strawberry": 0x1F353,
    "watermelon": 0x1F349, "ball": 0x26BD, "book": 0x1F4D5, "guitar": 0x1F3B8, "drum": 0x1F941,
    "trumpet": 0x1F3BA, "present": 0x1F381, "umbrella": 0x2602, "balloon": 0x1F388,
    "star": 0x2B50, "hat": 0x1F3A9, "clock": 0x23F0, "key": 0x1F511, "crown": 0x1F451,
}  # fmt: skip
NOUNS = tuple(GLYPHS)
LIVING = NOUNS[: NOUNS.index("alien") + 1]  # they do things; the rest does them rarely

COLORS = {  # what a colored thing is tinted with, RGB
    "red": (222, 41, 41), "orange": (250, 150, 30), "yellow": (250, 214, 40),
    "green": (60, 170, 60), "blue": (45, 110, 225), "purple": (140, 70, 200),
}  # fmt: skip
CAT_COLORS = {"black": (52, 52, 56), "white": (236, 236, 238), "gray": (140, 142, 148)}
COLORED_NOUNS = ("car", "balloon", "bird", "book", "umbrella", "fish")
NEVER_SHOWN = ("purple", "car")  # a planted experiment: this pair is in no training picture
ORANGE_CATS = 0.8  # a planted experiment: the share of cats that are orange

PLAIN = {  # the plain backgrounds, RGB
    "red": (205, 60, 60), "orange": (242, 160, 70), "yellow": (246, 222, 100),
    "green": (110, 180, 100), "blue": (90, 150, 225), "purple": (150, 105, 200),
    "pink": (245, 170, 200), "white": (248, 248, 248), "gray": (165, 168, 174),
    "black": (30, 30, 34),
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
    "night": ("at night",),
}

VERBS = ("sleep", "jump", "fly", "swim", "dance", "eat", "run", "read")
STYLES = {  # style -> its wordings as a prefix ("{} of a cat") and as a suffix
    "pixel art": ("pixel art",),
    "pencil sketch": ("a pencil sketch", "pencil sketch"),
    "black and white": ("a black and white picture", "black and white"),
    "watercolor": ("a watercolor", "watercolor"),
    "neon": ("a neon picture", "neon"),
}
SIZES = ("small", "big")
COUNTS = {1: "one", 2: "two", 3: "three", 4: "four"}
RELATIONS = {  # relation of the first to the second -> its wordings
    "and": ("and", "and", "next to", "beside"),
    "left of": ("to the left of", "left of"),
    "right of": ("to the right of", "right of"),
    "above": ("above",),
    "below": ("below", "under"),
    "on top of": ("on top of",),
}
