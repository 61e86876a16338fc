"""More than one process of each kind, under load, checked against the store row by row."""
