"""What host and roller say to each other, declared once. Pure: no asyncio, no Bluetooth library, no files."""
