"""Accounts through time: their snapshots, who is on the roster when, and in which zone their days end."""
