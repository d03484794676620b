"""spark: a pair programmer in the terminal for models that answer at once."""

__version__ = "0.1.0"
