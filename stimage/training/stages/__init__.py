"""The stages of the training, one command each."""
