"""A throw-away machine with the real Linux Bluetooth stack: kernel, D-Bus and bluetoothd, without a radio.

The guest is user-mode Linux (UML): a kernel built as an ordinary program, so it needs neither hardware support for
virtual machines nor Bluetooth in the machine's own kernel. Its root is the machine's own, read-only under an overlay in
memory, so the same Python and the same virtual environment run inside. What it takes is built once, from Debian 12's
packages, and cached outside the repository.
"""
