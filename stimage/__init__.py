"""Stimage: type a sentence, get a picture. Importing this package imports nothing else."""

__version__ = "0.2.0"
