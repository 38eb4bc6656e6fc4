"""The .NET exceptions an algorithm can catch, with their inheritance as pythonnet shows it (they are `Exception`s, a missing key is no KeyError)."""


class SystemException(Exception):  # noqa: N818 - .NET's name
    """System.SystemException."""


class ArgumentException(SystemException):
    """System.ArgumentException: an argument LEAN refuses."""


class ArgumentOutOfRangeException(ArgumentException):
    """System.ArgumentOutOfRangeException."""


class InvalidCastException(SystemException):
    """System.InvalidCastException: a LEAN object is not of the kind a call needs."""


class InvalidOperationException(SystemException):
    """System.InvalidOperationException: the call is not allowed in the present state."""


class KeyNotFoundException(SystemException):
    """System.Collections.Generic.KeyNotFoundException: a dictionary-like LEAN object lacks the key."""


class NotSupportedException(SystemException):
    """System.NotSupportedException."""
