"""The way to the outputs: nothing rises too fast, and nothing passes a cap."""
