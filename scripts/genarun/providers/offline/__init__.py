"""The offline provider: answers and pictures without a network or a key, the same for the same seed and request."""
