"""Panels of named experts: what their ratings say, with pseudonyms in place of names."""
