"""What everybody can check: whether a reference is in the register, and whether a file is one that was published."""
