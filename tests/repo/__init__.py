"""The repository itself: structure, README, setting up."""
