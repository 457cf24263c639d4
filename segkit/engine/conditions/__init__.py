"""Conditions over rows of account and week: compiled, evaluated once, and said in words."""
