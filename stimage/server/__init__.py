"""The service behind HTTP: OpenAI's form, the studio's own, and what an operator asks."""
