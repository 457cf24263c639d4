"""Who and what is left out on purpose: consent, retention, tests, each with its reason."""
