"""The dice on the studio page."""
