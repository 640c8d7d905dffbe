"""The web room of challenges."""
