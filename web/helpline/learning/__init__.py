"""The learning loop: a candidate is trained, compared, and takes the place of the model in use."""
