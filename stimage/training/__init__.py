"""How Stimage Mini is made. The app never imports this; they meet in `models/stimage-mini/`.

Letters in shapes: B pictures, C channels, H and W pixels, h and w latent cells (H/8, W/8),
T tokens, D width of a token's vector.
"""
