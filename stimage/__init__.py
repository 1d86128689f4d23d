"""Stimage: type a sentence, get a picture. Importing this package imports nothing else."""
