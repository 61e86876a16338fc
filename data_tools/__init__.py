"""Tools that look for faults in the training data and the held-out messages."""
