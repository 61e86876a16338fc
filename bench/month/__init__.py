"""A month of the learning loop, played: visitors, staff who correct, candidates, switches."""
