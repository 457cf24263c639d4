"""Which accounts need a customer-success team, from the files it already has."""

__version__ = "0.1.0"
