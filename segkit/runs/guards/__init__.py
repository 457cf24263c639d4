"""Limits on a whole run: while one trips that nobody has accepted, nothing is published.

A guard is a function of what a run decided; `judge.GUARDS` names them all.
"""
