"""The conformance vectors: calls from the schema, expectations from the reference model."""
