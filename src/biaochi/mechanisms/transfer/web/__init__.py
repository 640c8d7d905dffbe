"""The web room of transfer: projects and their gates."""
