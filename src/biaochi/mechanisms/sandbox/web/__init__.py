"""The web room of the sandbox."""
