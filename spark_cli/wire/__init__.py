"""The model's end of the wire: requests out, reply parts in."""
