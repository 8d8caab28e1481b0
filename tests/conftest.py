"""What holds for every test: examples are not timed, since machines are noisy, and a failure says how to repeat it."""

import platform

from hypothesis import settings

#: They need dbus-fast, which is there on Linux only, as BlueZ is.
collect_ignore_glob = [] if platform.system() == "Linux" else ["unit/test_bluez_*.py", "unit/test_link_radio.py"]

settings.register_profile("glowtool", deadline=None, print_blob=True)
settings.load_profile("glowtool")
