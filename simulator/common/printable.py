"""What every object of .NET has (Object.ToString)."""


class Printable:
    """Gives a class with a text of its own .NET's name for it."""

    __slots__ = ()

    def to_string(self) -> str:
        """The same as `str`."""
        return str(self)
