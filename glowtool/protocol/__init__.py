"""The protocol between host and roller, declared once. Pure: no asyncio, no Bluetooth library, no files."""
