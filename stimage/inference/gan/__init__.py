"""The GAN: a generator that draws in one step, and the discriminator that judges pictures."""
