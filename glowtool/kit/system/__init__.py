"""Processes, signals, sockets and standard streams, as the system has them."""
