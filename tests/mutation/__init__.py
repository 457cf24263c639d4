"""How many small faults in the code of a room its tests notice: `python -m tests.mutation ROOM`."""
