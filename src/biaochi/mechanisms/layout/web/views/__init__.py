"""Pages of the layout."""
