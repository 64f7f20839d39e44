"""Questionnaires: one immutable document a version, what a rater sees of it, and how an analyst builds it."""
