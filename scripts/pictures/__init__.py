"""The pictures of README and docs, each made anew by one command: `make pictures`."""
