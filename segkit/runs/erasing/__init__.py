"""`erase`: one id, and whoever it stands for, out of everything that is kept, for ever."""
