"""The generator: one schema in, every binding, header, check and reference page out."""
