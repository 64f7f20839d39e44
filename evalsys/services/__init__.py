"""Use cases: each one function, one transaction, one audit entry."""
