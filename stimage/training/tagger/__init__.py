"""Train the small spaCy pipeline of `models/pos-tagger`."""
