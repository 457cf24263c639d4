"""What about accepted data looks wrong or new: told with counts, left as it is."""
