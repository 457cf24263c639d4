"""What `tune` found, for people: lines of 80 cells, and a picture."""
