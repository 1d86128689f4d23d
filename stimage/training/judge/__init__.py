"""From a discriminator that drove a generator to a judge of pictures."""
