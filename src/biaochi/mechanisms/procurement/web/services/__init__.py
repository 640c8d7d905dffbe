"""What happens to a purchase beside its moves."""
