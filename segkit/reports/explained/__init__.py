"""The explanation of one account in words: its story, its conditions, its timeline."""
