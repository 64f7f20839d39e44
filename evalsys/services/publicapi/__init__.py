"""The read-only interface for programs: what it answers, from published cards, and its own description."""
