"""Real processes for tests: nodes, miroir, and what stands between them."""
