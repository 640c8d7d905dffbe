"""Pages of purchases, offers, contracts and red flags."""
