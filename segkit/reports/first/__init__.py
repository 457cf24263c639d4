"""The first screen: is the data fine, what moved, who to call first, and what was not alarmed."""
