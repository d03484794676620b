"""An OpenAI-compatible endpoint on loopback, whose model is a plain program."""
