"""Lists that people keep by hand: overrides and pauses, held against what the other files tell."""
