"""The web room of patient capital."""
