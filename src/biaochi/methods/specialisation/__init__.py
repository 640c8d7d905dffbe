"""Specialisation of regions in tracks: quotients, relatedness, complexity, similarity, crowding, coordination."""
