"""The text encoder: CLIP's kind, small. It is trained together with the U-Net."""

from __future__ import annotations

from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

MAX_TOKENS = 32


def new_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Return CLIP's text model with random weights, 1.6 M parameters.

    It turns token ids, (B, 32), into prompt_embeds, (B, 32, 192).
    """
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=192,
        intermediate_size=768,
        projection_dim=192,
        num_hidden_layers=3,
        num_attention_heads=3,
        max_position_embeddings=MAX_TOKENS,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        attn_implementation="eager",
    )
    return CLIPTextModel(config)
