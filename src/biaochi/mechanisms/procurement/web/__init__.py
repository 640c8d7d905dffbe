"""The web room of procurement."""
