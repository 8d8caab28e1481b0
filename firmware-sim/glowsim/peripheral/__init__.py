"""The roller's Bluetooth side: advertising, pairing, bonds, and the GATT server that speaks for the firmware."""
