"""A bleak backend over bumble: scanner and client for any HCI controller, a virtual one or a dongle."""
