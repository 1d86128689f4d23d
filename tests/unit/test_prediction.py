"""Noise or velocity: what the file says decides, and where it is silent a trial of the weights."""

import json
import shutil

import pytest
import torch
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

from stimage import paths
from stimage.errors import ModelError
from stimage.importing.architecture import recognize
from stimage.importing.convert import convert
from stimage.importing.prediction import predicts_velocity
from stimage.importing.reader import Opened
from stimage.importing.state_dict_keys import Parts, to_original
from stimage.inference.pipeline import load_pipeline
from stimage.models.folder import WEIGHTS, ModelFolder, Record
from tests.support.tiny import tiny_pipeline
from tests.support.trained import trained_unet

UNET, VAE = "model.diffusion_model.", "first_stage_model."
TEXTS = {768: "cond_stage_model.transformer.text_model.", 1024: "cond_stage_model.model."}


def outline(width: int, **extra: torch.Tensor) -> dict[str, torch.Tensor]:
    """The names that tell Stable Diffusion 1 or 2; the numbers stand for nothing."""
    return {
        UNET + "input_blocks.0.0.weight": torch.zeros(1, 4, 1, 1),
        UNET + "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": torch.zeros(1, width),
        VAE + "conv.weight": torch.zeros(1),
        TEXTS[width] + "x": torch.zeros(1),
        **extra,
    }


def kind_of(width, facts=None, **extra):
    architecture = recognize(Opened(outline(width, **extra), facts or {}))
    assert architecture.if_velocity is None
    return architecture.configs["scheduler"]["prediction_type"]


@pytest.mark.parametrize("width", [768, 1024])
def test_what_the_file_says_decides(width):
    nothing = torch.zeros(0)
    assert kind_of(width, v_pred=nothing) == "v_prediction"
    assert kind_of(width, v_pred=nothing, ztsnr=nothing) == "v_prediction"
    assert kind_of(width, {"modelspec.prediction_type": "v"}) == "v_prediction"
    assert kind_of(width, {"modelspec.prediction_type": "epsilon"}) == "epsilon"


def test_a_file_trained_to_pure_noise_is_drawn_from_pure_noise():
    opened = Opened(outline(768, v_pred=torch.zeros(0), ztsnr=torch.zeros(0)))
    scheduler = recognize(opened).configs["scheduler"]
    assert scheduler["rescale_betas_zero_snr"] is True
    assert scheduler["timestep_spacing"] == "trailing"
    said = recognize(Opened(outline(768, v_pred=torch.zeros(0)))).configs["scheduler"]
    assert "rescale_betas_zero_snr" not in said


@pytest.mark.parametrize(("width", "sides"), [(768, (64, 64)), (1024, (64, 96))])
def test_where_the_file_is_silent_both_are_possible(width, sides):
    noise = recognize(Opened(outline(width), {"modelspec.prediction_type": 7, "global_step": 9}))
    velocity = noise.if_velocity
    assert velocity is not None
    kinds = [each.configs["scheduler"]["prediction_type"] for each in (noise, velocity)]
    assert kinds == ["epsilon", "v_prediction"]
    assert tuple(each.configs["unet"]["sample_size"] for each in (noise, velocity)) == sides


def test_a_network_that_is_told_the_guidance_keeps_its_input_for_it():
    condition = {UNET + "time_embed.cond_proj.weight": torch.zeros(320, 256)}
    architecture = recognize(Opened(outline(768, **condition)))
    assert architecture.configs["unet"]["time_cond_proj_dim"] == 256


def test_the_shipped_model_is_measured_rightly():
    assert predicts_velocity(load_pipeline("stimage-mini").pipeline.unet)


@pytest.fixture(scope="module", params=["epsilon", "v_prediction"])
def trained(request):
    return request.param, trained_unet(request.param)


def test_trained_networks_are_told_apart_in_every_dtype(trained):
    kind, unet = trained
    for dtype in (torch.bfloat16, torch.float32):
        assert predicts_velocity(unet.to(dtype)) is (kind == "v_prediction")


@pytest.mark.parametrize("silent", [True, False])
def test_a_file_of_any_name_is_imported_as_what_it_is(trained, silent, tmp_path, monkeypatch):
    """The names say the contrary, and so does what the file says, where it does."""
    kind, unet = trained
    wide = tiny_pipeline()
    wide.unet = unet
    config = {**wide.text_encoder.config.to_dict(), "hidden_size": 768}
    wide.text_encoder = CLIPTextModel(CLIPTextConfig(**config))
    monkeypatch.setattr(paths, "CHECKPOINT_CONFIGS", published(tmp_path / "configs", wide))
    parts = Parts(*(dict(getattr(wide, part).state_dict()) for part in WEIGHTS))
    flat = to_original(parts, unet.config, wide.vae.config)
    said, name = ("v", "database-v2-768") if kind == "epsilon" else ("epsilon", "512-base-ema")
    metadata = {"format": "pt"} if silent else {"modelspec.prediction_type": said}
    file = tmp_path / f"{name}.safetensors"
    save_file({n: t.contiguous() for n, t in flat.items()}, file, metadata=metadata)
    convert(file, tmp_path / "out", Record(), lambda *_: None)
    expected = kind if silent else {"epsilon": "epsilon", "v": "v_prediction"}[said]
    folder = ModelFolder(tmp_path / "out")
    assert folder.config("scheduler")["prediction_type"] == expected
    assert folder.record().origin.architecture == (
        "Stable Diffusion 1.x" + (" (v)" if expected == "v_prediction" else "")
    )
    assert (
        load_pipeline(str(tmp_path / "out")).pipeline.scheduler.config.prediction_type == expected
    )


def published(home, pipeline):
    """Tiny configs in place of those of Stable Diffusion 1, as an archive of weights needs them."""
    pipeline.save_pretrained(home / "sd-v1")
    for weights in (home / "sd-v1").rglob("*.safetensors"):
        weights.unlink()
    file = home / "sd-v1" / "scheduler" / "scheduler_config.json"
    file.write_text(json.dumps({"_class_name": "DDIMScheduler", "prediction_type": "epsilon"}))
    shutil.copytree(home / "sd-v1" / "tokenizer", home / "clip")
    return home


def test_other_inputs_are_refused_whatever_the_file_says():
    for channels, code in ((9, "inpainting"), (8, "other_input"), (5, "other_input")):
        first = {UNET + "input_blocks.0.0.weight": torch.zeros(1, channels, 1, 1)}
        with pytest.raises(ModelError) as caught:
            recognize(Opened(outline(768) | first))
        assert caught.value.code == code
