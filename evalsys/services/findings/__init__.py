"""Findings about offices: proposed by one person, decided by another, frozen into runs."""
