"""The web room of fair-competition review."""
