"""What is in the repository is what it claims to be."""
