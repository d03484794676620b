"""The loop: ops go down, events come up."""
