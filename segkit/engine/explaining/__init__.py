"""One account as it was decided: what held, what it lacks, and when it may leave."""
