"""A whole roller: body, firmware, radio and flash, put together and kept in time."""
