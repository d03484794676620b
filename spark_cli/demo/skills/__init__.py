"""What the demo model can do: one skill a file, each a plain program."""
