"""The register of offices: their tree, the categories they are compared in, what they offer, what became of them."""
