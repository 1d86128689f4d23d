"""Our spaCy pipeline at work. It is loaded when it is first used, never for a roll."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from stimage import paths
from stimage.dice.english import Part
from stimage.errors import InvalidRequest

if TYPE_CHECKING:
    from spacy.language import Language

PIPELINE = paths.POS_TAGGER


@dataclass(frozen=True, slots=True)
class Reading:
    """How spaCy reads a sentence of the dice."""

    html: str  # displaCy's marks: every word in its color, with its part of speech
    otherwise: tuple[str, ...]  # words that it takes for something else than the dice planned


@cache
def tagger() -> Language:
    """Load our pipeline, once.

    Raises:
        InvalidRequest: when it is not there.
    """
    import spacy

    try:
        return spacy.load(PIPELINE)
    except OSError:
        raise InvalidRequest("tagger_missing") from None


def read(parts: Sequence[Part], colors: Mapping[str, str], labels: Mapping[str, str]) -> Reading:
    """Let spaCy read a sentence, word by word, and mark what it read.

    `labels` names each universal part of speech that is marked; `colors` has a color for each.

    Raises:
        InvalidRequest: when the pipeline is not there.
    """
    from spacy import displacy
    from spacy.tokens import Doc

    nlp = tagger()
    planned = [(word, part.pos) for part in parts for word in part.text.split()]
    words = [word for word, _ in planned]
    words[0] = words[0].capitalize()
    spaces = [pos != "PUNCT" for _, pos in planned[1:]] + [False]
    doc = nlp(Doc(nlp.vocab, words=words, spaces=spaces))
    marks = [
        {"start": token.idx, "end": token.idx + len(token), "label": labels[token.pos_]}
        for token in doc
        if token.pos_ in labels
    ]
    html = displacy.render(
        {"text": doc.text, "ents": marks, "title": None},
        style="ent",
        manual=True,
        jupyter=False,
        options={"colors": {label.upper(): colors[pos] for pos, label in labels.items()}},
    )
    otherwise = tuple(
        token.text
        for token, (_, pos) in zip(doc, planned, strict=True)
        if pos in labels and token.pos_ != pos
    )
    return Reading(html, otherwise)
