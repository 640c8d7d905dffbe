"""The web room of foresight."""
