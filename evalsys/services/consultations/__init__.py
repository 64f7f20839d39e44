"""Public consultation of a draft: everybody comments without an account, and the oversight body answers in public."""
