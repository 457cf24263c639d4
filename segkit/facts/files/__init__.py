"""What a file is and what stands in it: found, opened, read as text with line numbers."""
