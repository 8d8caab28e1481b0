"""How bytes travel: adapters, the bumble backend for bleak, bonds and connections."""
