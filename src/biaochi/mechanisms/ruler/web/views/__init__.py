"""Pages of the ruler."""
