"""A request in, a picture out: everything that draws with torch."""
