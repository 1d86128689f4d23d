"""How a model gets here; the only room where hostile bytes are opened."""
