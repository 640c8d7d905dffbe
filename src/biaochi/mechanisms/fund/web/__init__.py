"""The web room of the exploration fund."""
