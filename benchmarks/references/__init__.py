"""What segkit is held against: the same questions, asked of the raw files in other ways, each a process."""
