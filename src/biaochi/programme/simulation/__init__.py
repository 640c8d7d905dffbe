"""Comparing ways to run a programme before a yuan is spent: the same simulated years under each policy.

What a region sees (ruler), what it knows of others (disclosure), over how many routes a fund spreads (routes), how
noisy its reviews are (review_noise) and how strict a sandbox guards (sandbox_alpha) — each policy meets the same luck.
"""
