"""thinbit beside its peers and the machine's limits: `python -m bench`, or `make bench`."""
