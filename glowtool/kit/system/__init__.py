"""The system's processes, signals, sockets and standard streams."""
