"""Evidence: documents about a unit that its experts read before they score."""
