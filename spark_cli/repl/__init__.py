"""The live face: prompt_toolkit for the keys, the terminal's own scrollback."""
