"""The audit: what was ordered, refused, held back, stopped and answered, line by line."""
