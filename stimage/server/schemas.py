"""What the server takes and gives in OpenAI's form, and in the shortest one.

One source for three things: bodies are checked against these types, the OpenAPI document is made
from them, and `/docs` shows them. The names and meanings are OpenAI's (openai-openapi,
CreateImageRequest); `negative_prompt`, `num_inference_steps`, `guidance_scale` and `seed` are
extras that other open servers have, too. OpenAI's clients may send null for what is not given.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from stimage.images.formats import QUALITY, Format
from stimage.request import MAX_IMAGES, MAX_SEED, Limits, Request, new_seed
from stimage.service.protocol import Guidance, Name, Seed, Steps

Count = Annotated[int, Meta(ge=1, le=MAX_IMAGES)]
Size = Annotated[str, Meta(pattern=r"^(auto|[1-9][0-9]{0,4}x[1-9][0-9]{0,4})$")]
Percent = Annotated[int, Meta(ge=0, le=100)]
Partials = Annotated[int, Meta(ge=0, le=3, description="at most so many previews are sent")]


class Generate(Struct, forbid_unknown_fields=True, kw_only=True):
    """A sentence, and what may be said besides."""

    prompt: str
    negative_prompt: str | None = None
    seed: Seed | None = None
    num_inference_steps: Steps | None = None
    guidance_scale: Guidance | None = None


class Generated(Struct, kw_only=True):
    """The picture as a PNG in base64, and the seed that gives it again."""

    image: bytes
    seed: int


class ImagesRequest(Generate, forbid_unknown_fields=True, kw_only=True):
    """OpenAI's form. `size` is the model's own; `quality` and `moderation` change nothing."""

    model: Name | None = None
    n: Count | None = None
    size: Size | None = None
    response_format: Literal["b64_json", "url"] | None = None
    output_format: Format | None = None
    output_compression: Percent | None = None
    stream: bool | None = None
    partial_images: Partials | None = None
    user: Name | None = None
    quality: Literal["auto", "low", "medium", "high", "standard", "hd"] | None = None
    moderation: Literal["auto", "low"] | None = None
    background: Literal["auto", "opaque"] | None = None

    @property
    def format(self) -> Format:
        """The wanted format."""
        return self.output_format or Format.PNG

    @property
    def percent(self) -> int:
        """The wanted quality of JPEG and WebP."""
        return QUALITY if self.output_compression is None else self.output_compression


class Image(Struct, kw_only=True, omit_defaults=True):
    """One picture: in base64, or an address; and its seed."""

    b64_json: bytes | None = None
    url: str | None = None
    seed: int


class ImagesResponse(Struct, kw_only=True):
    """The pictures in the order of their seeds."""

    created: int
    data: list[Image]
    output_format: Format
    size: str


class ImageEvent(Struct, kw_only=True, omit_defaults=True):
    """An event of a stream: a preview, which is a JPEG, or a finished picture."""

    type: Literal["image_generation.partial_image", "image_generation.completed"]
    b64_json: bytes
    created_at: int
    output_format: Format
    size: str
    partial_image_index: int | None = None
    seed: int | None = None


class Model(Struct, kw_only=True):
    """A model that can be asked for."""

    id: str
    object: str = "model"
    created: int = 0
    owned_by: str = "stimage"


class Models(Struct, kw_only=True):
    """The model that draws now."""

    data: list[Model]
    object: str = "list"


class ErrorDetail(Struct, kw_only=True):
    """What is wrong; `param` names the field, `code` never changes, `message` may."""

    message: str
    type: str
    param: str | None
    code: str
    values: dict[str, Any]


class ErrorAnswer(Struct, kw_only=True):
    """OpenAI's form of an error."""

    error: ErrorDetail


class Health(Struct, kw_only=True):
    """Whether the server is up, or the model can draw."""

    status: str


def requests_of(asked: Generate, limits: Limits, count: int = 1) -> list[Request]:
    """Return one request for each picture; the seeds count up from the first.

    Raises:
        InvalidRequest: for the first value that is wrong.
    """
    values = {field: getattr(asked, field) for field in Generate.__struct_fields__}
    seed = new_seed() if asked.seed is None else asked.seed
    seeds = [(seed + number) % (MAX_SEED + 1) for number in range(count)]
    return [Request.from_mapping({**values, "seed": each}, limits) for each in seeds]
