"""The interlocks of the device, each a small unit; one table of them is evaluated every tick."""
