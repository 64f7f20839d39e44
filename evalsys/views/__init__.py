"""Blueprints, one an audience."""
