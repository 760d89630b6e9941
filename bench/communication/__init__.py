"""What exchanges between ranks cost for each token: a model, and measured points beside it."""
