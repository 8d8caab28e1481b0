"""What holds for every test: examples are not timed, since machines are noisy, and a failure says how to repeat it."""

from hypothesis import settings

settings.register_profile("glowtool", deadline=None, print_blob=True)
settings.load_profile("glowtool")
