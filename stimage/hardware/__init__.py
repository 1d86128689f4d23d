"""What this machine is: memory, processors, device, dtype."""
