"""What the command line can do; each file is one command."""
