"""The pages of the composition root."""
