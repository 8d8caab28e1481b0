"""Text that people write, and text as it can be shown to them."""
