"""The web room of cultivation: firms, their titles, the rules."""
