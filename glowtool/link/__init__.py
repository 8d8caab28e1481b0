"""The transport of bytes: adapters, the bumble backend for bleak, bonds and connections."""
