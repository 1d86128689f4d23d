"""The page Experiments: try something on the real model, after a guess."""
