"""The web room of the ruler: frameworks, submissions, profiles."""
