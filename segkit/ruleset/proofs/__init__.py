"""What rules can be shown to do before any account is looked at, each fault with an account that shows it."""

from segkit.ruleset.proofs.faults import prove

__all__ = ["prove"]
