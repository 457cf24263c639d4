"""Decisions held against something else: another rule set, or what really happened (`evaluate`)."""
