"""The path to the outputs: nothing rises too fast, and nothing exceeds a cap."""
