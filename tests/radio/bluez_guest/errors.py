"""The error of a guest that cannot run."""


class GuestError(Exception):
    """There is no guest; the message says what is missing or went wrong, and what to do."""
