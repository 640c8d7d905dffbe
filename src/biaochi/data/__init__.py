"""Shipped facts, each with its source: the taxonomy, declared regional plans, provincial facts, technology series."""
