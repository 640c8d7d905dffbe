"""Pages of challenges: postings, bids, awards and milestones."""
