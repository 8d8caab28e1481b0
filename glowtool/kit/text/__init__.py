"""Text that people write, and text made safe to show them."""
