"""The page Inside this picture."""
