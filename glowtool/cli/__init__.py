"""The command line: the only place that prints and asks."""


def main() -> None:
    """Run the command line and leave with its exit status."""
    from glowtool.cli.app import run

    run()


__all__ = ["main"]
