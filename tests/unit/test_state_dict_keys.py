"""The names of the weights, there and back again."""

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from stimage.importing.state_dict_keys import Parts, from_original, to_original
from stimage.models.weights_files import modern_name

SHAPES = {
    "first level without attention, one layer": {
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "block_out_channels": (8, 16, 16),
        "layers_per_block": 1,
        "attention_head_dim": (1, 2, 2),
        "use_linear_projection": False,
        "mid_block_add_attention": False,
        "text": "clip",
    },
    "as Stable Diffusion 1": {
        "down_block_types": ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        "up_block_types": ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        "block_out_channels": (8, 16, 16, 16),
        "layers_per_block": 2,
        "attention_head_dim": 2,
        "use_linear_projection": False,
        "mid_block_add_attention": True,
        "text": "clip",
    },
    "as Stable Diffusion 2": {
        "down_block_types": ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        "up_block_types": ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        "block_out_channels": (8, 16, 16, 16),
        "layers_per_block": 2,
        "attention_head_dim": (1, 2, 2, 2),
        "use_linear_projection": True,
        "mid_block_add_attention": True,
        "text": "open_clip",
    },
}


@pytest.fixture(params=SHAPES.values(), ids=list(SHAPES))
def networks(request):
    torch.manual_seed(0)
    shape = dict(request.param)
    text, attention = shape.pop("text"), shape.pop("mid_block_add_attention")
    unet = UNet2DConditionModel(**shape, cross_attention_dim=8, norm_num_groups=4)
    channels = shape["block_out_channels"]
    vae = AutoencoderKL(
        block_out_channels=channels,
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels),
        layers_per_block=shape["layers_per_block"],
        norm_num_groups=4,
        mid_block_add_attention=attention,
    )
    config = CLIPTextConfig(
        vocab_size=40,
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=8,
        bos_token_id=0,
        eos_token_id=1,
    )
    return unet, vae, CLIPTextModel(config), text


def parts_of(unet, vae, text):
    return Parts(dict(unet.state_dict()), dict(vae.state_dict()), dict(text.state_dict()))


def test_every_weight_comes_back_with_its_name_and_its_bits(networks):
    unet, vae, text, style = networks
    before = parts_of(unet, vae, text)
    flat = to_original(before, unet.config, vae.config, style)
    after = from_original(flat, unet.config, vae.config)
    for part in ("unet", "vae", "text_encoder"):
        old, new = getattr(before, part), getattr(after, part)
        assert old.keys() == new.keys()
        for name in old:
            assert torch.equal(old[name], new[name]), name


def test_the_names_are_the_ones_diffusers_knows(networks):
    """An independent reader, diffusers' own converter, must understand what we write."""
    from diffusers.loaders.single_file_utils import (
        convert_ldm_unet_checkpoint,
        convert_ldm_vae_checkpoint,
    )

    unet, vae, text, style = networks
    flat = to_original(parts_of(unet, vae, text), unet.config, vae.config, style)
    theirs = convert_ldm_unet_checkpoint(dict(flat), dict(unet.config))
    assert theirs.keys() == unet.state_dict().keys()
    for name, tensor in unet.state_dict().items():
        assert torch.equal(tensor, theirs[name]), name
    if vae.config.mid_block_add_attention:
        theirs = convert_ldm_vae_checkpoint(dict(flat), dict(vae.config))
        assert {modern_name(name) for name in theirs} == vae.state_dict().keys()


def test_what_belongs_to_no_network_is_left_out(networks):
    unet, vae, text, style = networks
    before = parts_of(unet, vae, text)
    flat = to_original(before, unet.config, vae.config, style)
    extra = {
        "model_ema.diffusion_modeltime_embed0weight": torch.ones(1),
        "betas": torch.ones(1000),
        "first_stage_model.loss.logvar": torch.ones(1),
        "cond_stage_model.transformer.text_model.embeddings.position_ids": torch.arange(8),
    }
    after = from_original(flat | extra, unet.config, vae.config)
    assert after.unet.keys() == before.unet.keys()
    assert after.vae.keys() == before.vae.keys()
    assert after.text_encoder.keys() == before.text_encoder.keys()


def test_a_weight_that_the_config_does_not_explain_is_not_lost_in_silence(networks):
    unet, vae, text, style = networks
    parts = parts_of(unet, vae, text)
    parts.unet["down_blocks.9.resnets.0.conv1.weight"] = torch.ones(1)
    with pytest.raises(KeyError, match=r"down_blocks\.9"):
        to_original(parts, unet.config, vae.config, style)


def test_names_of_older_libraries_become_todays():
    old = "decoder.mid_block.attentions.0.query.weight"
    assert modern_name(old) == "decoder.mid_block.attentions.0.to_q.weight"
    assert modern_name("encoder.mid_block.attentions.0.proj_attn.bias").endswith("to_out.0.bias")
    assert modern_name("text_model.final_layer_norm.bias") == "final_layer_norm.bias"
    assert modern_name("down_blocks.0.attentions.0.proj_in.bias").endswith("proj_in.bias")
