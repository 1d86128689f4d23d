"""Loading: the folder as it is, mapped and whole, in the dtype that is faster here."""

import json
import shutil
import sys

import pytest
import torch
from diffusers import AutoencoderTiny
from safetensors.torch import load_file, save_file

from stimage.config import DEFAULT_MODEL
from stimage.errors import ModelError, TooLittleMemory
from stimage.hardware import dtype as precision
from stimage.hardware import memory
from stimage.i18n import sentence
from stimage.inference import pipeline as loading
from stimage.inference.pipeline import load_pipeline
from stimage.models.folder import WEIGHTS, folder_of
from stimage.models.weights_files import weights_files
from tests.support.errors import refused

UNET = "diffusion_pytorch_model.safetensors"
SHIPPED = folder_of(DEFAULT_MODEL).path


@pytest.fixture
def folder(tiny_folder, tmp_path):
    """A copy one may break."""
    return shutil.copytree(tiny_folder, tmp_path / "broken")


def test_a_folder_loads_as_diffusers_itself_loads_it(tiny_folder):
    from diffusers import StableDiffusionPipeline

    ours = load_pipeline(str(tiny_folder))
    theirs = StableDiffusionPipeline.from_pretrained(tiny_folder, local_files_only=True)
    for part in WEIGHTS:
        expected = getattr(theirs, part).state_dict()
        loaded = getattr(ours.pipeline, part).state_dict()
        assert expected.keys() == loaded.keys()
        for name, tensor in expected.items():
            assert torch.equal(tensor, loaded[name]), name
    assert ours.pipeline.safety_checker is None
    assert ours.pipeline.scheduler.config.prediction_type == "v_prediction"
    assert len(ours.model_hash) == 12
    assert ours.folder.path == tiny_folder


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux' own tables")
def test_weights_of_the_right_type_stay_in_the_file(tiny_folder):
    pipeline = load_pipeline(str(tiny_folder)).pipeline
    address = pipeline.unet.conv_in.weight.data_ptr()
    with open("/proc/self/maps") as maps:  # noqa: PTH123 (not a file to be opened by path)
        for line in maps:
            low, high = (int(number, 16) for number in line.split()[0].split("-"))
            if low <= address < high:
                assert line.rstrip().endswith(f"unet/{UNET}")
                return
    pytest.fail("The weights lie nowhere.")


def test_a_part_of_another_type_is_converted(folder):
    file = folder / "unet" / UNET
    save_file({name: t.half() for name, t in load_file(file).items()}, file)
    loaded = load_pipeline(str(folder))
    assert {p.dtype for p in loaded.pipeline.unet.parameters()} == {loaded.dtype} == {torch.float32}


def test_a_weight_that_is_missing_is_said_at_once(folder):
    file = folder / "text_encoder" / "model.safetensors"
    tensors = load_file(file)
    tensors.pop(next(iter(tensors)))
    save_file(tensors, file)
    with refused(ModelError, "do not fit its config") as caught:
        load_pipeline(str(folder))
    assert caught.value.code == "weights_do_not_fit"


def test_a_file_cut_short_is_said_at_once(folder):
    file = folder / "vae" / UNET
    file.write_bytes(file.read_bytes()[:-100])
    with refused(ModelError, "can't be read") as caught:
        load_pipeline(str(folder))
    assert caught.value.code == "part_unreadable"


def test_a_folder_of_pickles_must_be_imported(folder):
    (folder / "unet" / UNET).rename(folder / "unet" / "diffusion_pytorch_model.bin")
    with refused(ModelError, "Import the model") as caught:
        load_pipeline(str(folder))
    assert caught.value.code == "part_not_imported"


def test_a_lost_vocabulary_is_said_at_once(folder):
    """Otherwise each prompt would be noise, without an error."""
    (folder / "tokenizer" / "tokenizer.json").unlink()
    with refused(ModelError, "tokenizer") as caught:
        load_pipeline(str(folder))
    assert caught.value.code == "tokenizer"


def test_a_folder_cannot_name_a_class_of_its_own(folder):
    file = folder / "scheduler" / "scheduler_config.json"
    for name in ("os.system", "Evil", "PipelineScheduler"):
        file.write_text(json.dumps({"_class_name": name}))
        with refused(ModelError, "unknown scheduler"):
            load_pipeline(str(folder))


def test_a_plain_name_of_the_file_goes_before_variants(folder):
    whole = folder / "unet" / UNET
    for variant in ("fp16", "non_ema"):
        shutil.copy(whole, folder / "unet" / f"diffusion_pytorch_model.{variant}.safetensors")
    assert weights_files(folder / "unet") == [whole]


def test_too_little_memory_is_said_before_a_byte_is_read(monkeypatch, tiny_folder):
    monkeypatch.setattr(memory, "left_mib", lambda: 100)
    monkeypatch.setattr(loading, "_assemble", lambda *_: pytest.fail("it was read"))
    with pytest.raises(TooLittleMemory) as caught:
        load_pipeline(str(tiny_folder))
    assert "100 MiB are left" in sentence(caught.value)


def test_a_tiny_decoder_that_is_here_decodes(monkeypatch, tiny_folder, tmp_path):
    monkeypatch.setenv("STIMAGE_MODELS", str(tmp_path))
    shutil.copytree(tiny_folder, tmp_path / "sd-1-5")
    channels = {"encoder_block_out_channels": (8,) * 4, "decoder_block_out_channels": (8,) * 4}
    AutoencoderTiny(**channels).save_pretrained(tmp_path / "taesd")
    monkeypatch.setattr(memory, "left_mib", lambda: 10_000)
    pipeline = load_pipeline("sd-1-5").pipeline
    assert type(pipeline.vae) is AutoencoderTiny
    latents = torch.zeros(1, 4, 4, 4)
    assert pipeline.vae.decode(latents).sample.shape == (1, 3, 32, 32)


def test_activations_are_reordered_and_weights_are_not(monkeypatch, tiny_folder):
    monkeypatch.setattr(loading, "dtype_for", lambda _config: torch.bfloat16)
    pipeline = load_pipeline(str(tiny_folder)).pipeline
    seen = []
    block = pipeline.unet.down_blocks[0].resnets[0]
    block.register_forward_pre_hook(lambda _m, inputs: seen.append(inputs[0]))
    pipeline("a fox", num_inference_steps=1)
    assert seen[0].is_contiguous(memory_format=torch.channels_last)
    assert pipeline.unet.conv_in.weight.is_contiguous()


def test_a_large_text_encoder_takes_memory_only_while_it_reads(monkeypatch, tiny_folder):
    draws = {"num_inference_steps": 2, "output_type": "np"}

    def picture(pipeline):
        return pipeline("a fox", generator=torch.Generator().manual_seed(1), **draws).images

    kept = picture(load_pipeline(str(tiny_folder)).pipeline)
    monkeypatch.setattr(loading, "LARGE_TEXT_ENCODER_BYTES", 0)
    pipeline = load_pipeline(str(tiny_folder)).pipeline
    for _ in range(2):
        assert (picture(pipeline) == kept).all()
        weights = list(pipeline.text_encoder.parameters())
        assert sum(p.untyped_storage().nbytes() for p in weights) == 4 * len(weights)


def test_the_dtype_is_taken_that_is_clearly_faster_at_the_networks_own_size(monkeypatch):
    times = {(320, 32): 0.3, (64, 16): 1.1}
    monkeypatch.setattr(precision, "bfloat16_ratio", lambda *size: times[size])
    assert precision.compute_dtype(320, 64) is torch.bfloat16
    assert precision.compute_dtype(64, 16) is torch.float32
    times[320, 32] = 6.0
    assert precision.compute_dtype(320, 64) is torch.float32
    assert (
        precision.dtype_for({"block_out_channels": [10**9], "sample_size": 10**9}) is torch.float32
    )


def test_the_probe_times_both_types():
    precision.bfloat16_ratio.cache_clear()
    assert 0 < precision.bfloat16_ratio(16, 8) < float("inf")  # a busy machine gives any ratio
