"""evalsys: evaluation of government units by the people around them."""

__version__ = "0.1.0"
