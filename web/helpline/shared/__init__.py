"""What chat and console both need, and neither owns: clean text, logs, limits, serving."""
