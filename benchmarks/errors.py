"""What ends a benchmark early."""


class BenchError(Exception):
    """A measurement is impossible; the text is a sentence for people."""
