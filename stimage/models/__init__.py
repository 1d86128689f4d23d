"""Which models exist, and what a model folder is. Knows no torch."""
