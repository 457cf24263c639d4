"""What runs leave on disk: files that are whole or not there, run folders, and the past read from them."""
