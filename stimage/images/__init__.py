"""What a picture file says of itself."""
