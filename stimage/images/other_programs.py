"""How other programs say in a picture how it was made, each in its own form.

AUTOMATIC1111's text, which many write and which has a file of its own (`infotext.py`); JSON with
the settings by name (InvokeAI, Fooocus, SwarmUI, NovelAI); a text for each setting (Easy
Diffusion); and the graph of ComfyUI.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from stimage.images.infotext import NUMBERS, number, read_infotext

FIELDS = {  # ours -> theirs, in lower case with _ for a space; the first that is there counts
    "prompt": ("positive_prompt", "prompt"),
    "negative_prompt": ("negative_prompt", "negativeprompt", "negative", "uc"),
    "seed": ("seed", "noise_seed"),
    "num_inference_steps": ("steps", "num_inference_steps"),
    "guidance_scale": ("cfg_scale", "cfgscale", "guidance_scale", "scale", "cfg"),
    "scheduler": ("sampler_name", "sampler", "scheduler"),
    "model": ("base_model", "model", "model_name", "name", "ckpt_name"),
}
JSON = re.compile(r'[{\[]\s*["{\[\]}]')  # how it begins, whole or damaged
TEXTS = ("text", "text_g", "text_l", "string", "prompt", "value")  # inputs of a node with words
NO_WORDS = {"clip", "model", "vae", "image", "latent_image", "samples", "control_net"}


def read_other(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return what the texts of a picture tell, by our names; `program` names whose form it is.

    Texts in no form that is known tell nothing.
    """
    parameters = texts.get("parameters", "").strip()
    plain = read_infotext(parameters) if parameters and not JSON.match(parameters) else {}
    if "seed" in plain:
        return plain
    for program, found in _readings(texts):
        if values := _named(found):
            return {"program": program, **values} if program else values
    return plain


def json_object(text: str) -> dict[str, Any]:
    """Return the JSON object in a text, {} if there is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _readings(texts: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each way to read the texts: the program, and settings by its names or ours."""
    whole = {name: json_object(text) for name, text in texts.items()}
    none: dict[str, Any] = {}
    yield "InvokeAI", whole.get("invokeai_metadata", none)
    yield "InvokeAI", _old_invoke(whole.get("sd-metadata", none).get("image"))
    yield "InvokeAI", _dream(texts.get("Dream", ""))
    if texts.get("Software") == "NovelAI":
        yield "NovelAI", {"prompt": texts.get("Description"), **whole.get("Comment", none)}
    settings = whole.get("parameters", none)
    yield "SwarmUI", settings.get("sui_image_params", none)
    yield "Fooocus" if "fooocus_scheme" in texts else str(settings.get("software", "")), settings
    yield "ComfyUI", _comfyui(whole.get("prompt", none))
    if "parameters" not in texts and not JSON.match(texts.get("prompt", "")):
        yield "Easy Diffusion", texts


def _named(found: object) -> dict[str, Any]:
    """Return settings by our names, {} without a prompt; numbers may be text."""
    if not isinstance(found, Mapping):
        return {}
    theirs = {str(name).lower().replace(" ", "_"): value for name, value in found.items()}
    values: dict[str, Any] = {}
    for name, names in FIELDS.items():
        value = next((theirs[other] for other in names if other in theirs), None)
        if name == "model" and isinstance(value, Mapping):
            value = value.get("name", value.get("model_name"))
        if name in NUMBERS and isinstance(value, str | float):
            value = number(str(value))
        if value not in (None, ""):
            values[name] = value
    return values if isinstance(values.get("prompt"), str) else {}


def _old_invoke(image: object) -> Mapping[str, Any]:
    """Read the JSON of InvokeAI 2, which has a list of prompts with weights."""
    if not isinstance(image, Mapping):
        return {}
    prompts = image.get("prompt")
    if isinstance(prompts, list):
        prompts = ", ".join(str(p.get("prompt")) for p in prompts if isinstance(p, Mapping))
    return {**image, **_without_brackets(prompts)} if isinstance(prompts, str) else {}


def _dream(line: str) -> Mapping[str, Any]:
    """Read InvokeAI's command line: `"a fox [a dog]" -s 50 -S 7 -C 7.5 -A k_lms`."""
    match = re.match(r'"(.*)"((?: -\w+.*)?)$', line.strip(), re.DOTALL)
    if match is None:
        return {}
    options = dict(re.findall(r" -(\w+) (\S+)", match[2]))
    names = {"s": "steps", "S": "seed", "C": "cfg_scale", "A": "sampler"}
    given = {name: options[letter] for letter, name in names.items() if letter in options}
    return {**_without_brackets(match[1]), **given}


def _without_brackets(prompt: str) -> dict[str, str]:
    """Take what should not be in the picture out of a prompt of InvokeAI 2."""
    unwanted = ", ".join(re.findall(r"\[([^\[\]]*)\]", prompt))
    wanted = re.sub(r"\s*\[[^\[\]]*\]", "", prompt)
    return {"prompt": wanted, **({"negative_prompt": unwanted} if unwanted else {})}


def _comfyui(graph: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read the sampler of a graph, and the words that lead to it."""
    nodes = {
        str(name): node["inputs"]
        for name, node in graph.items()
        if isinstance(node, Mapping) and isinstance(node.get("inputs"), Mapping)
    }
    samplers = [inputs for inputs in nodes.values() if {"positive", "negative"} <= inputs.keys()]
    samplers = [inputs for inputs in samplers if {"seed", "noise_seed"} & inputs.keys()]
    if not samplers:
        return {}
    first = min(samplers, key=lambda inputs: inputs.get("denoise", 1) != 1)
    words = {
        f"{side}_prompt": ", ".join(dict.fromkeys(_words(nodes, first[side], set())))
        for side in ("positive", "negative")
    }
    models = [inputs["ckpt_name"] for inputs in nodes.values() if "ckpt_name" in inputs]
    settings = {name: value for name, value in first.items() if not isinstance(value, list)}
    settings.pop("scheduler", None)  # its schedule of noise
    return {**settings, **words, "model": models[0] if models else None}


def _words(nodes: Mapping[str, Any], link: object, seen: set[str]) -> Iterator[str]:
    """Yield the texts of a node and of all that lead to it; a link is [name of a node, output]."""
    name = str(link[0]) if isinstance(link, list) and link else ""
    if name in seen or name not in nodes or len(seen) > 200:
        return
    seen.add(name)
    for key, value in nodes[name].items():
        if key in TEXTS and isinstance(value, str) and value.strip():
            yield value.strip()
        elif key not in NO_WORDS:
            yield from _words(nodes, value, seen)
