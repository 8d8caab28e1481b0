"""Ways to the roller: the adapter `sim` in the same process, HCI over TCP, a real radio."""
