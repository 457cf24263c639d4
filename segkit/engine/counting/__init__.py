"""Rows counted by account and week: which small tables are kept, and what a window over them is worth."""
