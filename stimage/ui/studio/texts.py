"""Every text of the studio page, in English. Another language is another file like this one."""

from __future__ import annotations

from stimage.request import MAX_SEED, Request

# The row of links
STUDIO = "Studio"
HOW_IT_WORKS = "How it works"
MODELS = "Models"

# The box and its buttons
TITLE = "What do you want to see?"
PROMPT = "Your sentence"
PLACEHOLDER = "a fox sleeping in the forest"
SUBMIT = "Submit"
EXAMPLES = "Examples"
EXAMPLES_HELP = "Sentences to begin with. One click puts one into the box."
UNDO = "Undo"
UNDO_HELP = "Bring back what stood in the box before."

# Settings
SETTINGS = "Settings"
NEGATIVE_PROMPT = "What should not be in the picture"
NEGATIVE_PROMPT_HELP = "The negative prompt. [What is that?](/how_it_works#negative-prompt)"
SEED = "Seed"
NEW_EACH_TIME = "new each time"
SEED_HELP = (
    f"A number from 0 to {MAX_SEED}. The same sentence, settings and seed give the same picture; "
    "leave it empty for a new one each time. [What is a seed?](/how_it_works#seed)"
)
STEPS = "Steps"
STEPS_HELP = "How often the picture is improved. [What is a step?](/how_it_works#steps)"
GUIDANCE = "Guidance"
GUIDANCE_HELP = (
    "How closely the picture follows the sentence. [What is guidance?](/how_it_works#guidance)"
)
PICTURES = "How many pictures"
RELEASE_SEED = "New seed each time"

# While it draws
LOADING = "The model is being loaded. That happens once and takes a few seconds."
CANCEL = "Cancel"
CANCELLED = "Stopped. Your sentence is still in the box."
FORGOTTEN = (
    "The picture of this address is no longer here: pictures are kept in memory only. "
    "Press Submit to draw it again."
)

# Under a picture
DOWNLOAD = "Download"
DOWNLOAD_HELP = "The picture as a PNG file; its settings are written inside."
SAME_SEED = "Same again"
SAME_SEED_HELP = (
    "Draw it once more with this seed, and keep the seed: "
    "then change one word and see what changes."
)
VARIATION = "A variation"
VARIATION_HELP = "The same sentence and settings with a new seed."
LINK = "Link"
LINK_HELP = "Whoever opens this link can draw the same picture with one click."
MORE = "More"
EARLIER = "Earlier in this visit"


def kept_seed(seed: int) -> str:
    """Say that the next picture will have this seed."""
    return f"Seed {seed} is kept."


def before_yours(count: int) -> str:
    """Say how many pictures are drawn before this one."""
    return "Next in line" if count < 1 else f"{_pictures(count)} before yours"


def drawing(step: int, total: int, seconds_left: float | None) -> str:
    """Say how far the drawing is."""
    if step == 0:
        return "Starting with pure noise"
    text = f"Step {step} of {total}"
    if seconds_left is None:
        return text
    if seconds_left >= 90:
        return f"{text}, about {seconds_left / 60:.0f} minutes left"
    return f"{text}, {max(1, round(seconds_left))} s left"


def still_to_come(count: int) -> str:
    """Say how many pictures of the same wish follow."""
    return f"then {count} more"


def preview_of(prompt: str) -> str:
    """Describe an unfinished picture."""
    return f"Unfinished preview of: {prompt}"


def picture_of(prompt: str) -> str:
    """Describe a finished picture."""
    return f"Picture drawn by a computer: {prompt}"


def settings_line(request: Request, seconds: float, model: str) -> str:
    """Name what is needed to draw a picture again, and how long it took."""
    parts = [
        f"Seed {request.seed}",
        f"{request.num_inference_steps} steps",
        f"guidance {request.guidance_scale:g}",
    ]
    if request.negative_prompt:
        parts.append(f"without “{request.negative_prompt}”")
    return " · ".join([*parts, model, f"{seconds:.1f} s"])


def never_saw(words: list[str]) -> str:
    """Name the words the model has not learnt."""
    return f"The model never saw: {', '.join(words)}"


def too_many_words(words: list[str]) -> str:
    """Name the words that lie beyond what the model reads."""
    return f"The model stops reading before: {' '.join(words)}"


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"
