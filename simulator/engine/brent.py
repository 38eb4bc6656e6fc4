"""Root finding with the very steps of MathNet's Brent.FindRoot: its tolerance is loose, so another method differs in the fourth decimal."""

from collections.abc import Callable
from typing import Final

_PRECISION: Final = 2.0**-51


def find_root(function: Callable[[float], float], lower: float, upper: float, accuracy: float, max_iterations: int = 100) -> float | None:
    """A root between two bounds, None when there is no change of sign or no convergence."""
    low, root, high = lower, upper, upper
    f_low, f_high = function(low), function(high)
    f_root = f_high
    step = previous = 0.0
    if f_low * f_high > 0:
        return None
    x_mid = float("nan")
    for _ in range(max_iterations + 1):
        if (f_root > 0) == (f_high > 0) and f_root != 0 and f_high != 0:
            high, f_high = low, f_low
            step = previous = root - low
        if abs(f_high) < abs(f_root):
            low, root, high = root, high, root
            f_low, f_root, f_high = f_root, f_high, f_root
        tolerance = _PRECISION * abs(root) + 0.5 * accuracy
        x_mid, old = (high - root) / 2, x_mid
        if abs(x_mid) <= tolerance or f_root == 0:
            return root
        if x_mid == old:
            return None
        if abs(previous) >= tolerance and abs(f_low) > abs(f_root):
            step, previous = _interpolated(low, root, high, (f_low, f_root, f_high), x_mid, tolerance, step, previous)
        else:
            step = previous = x_mid
        low, f_low = root, f_root
        root += step if abs(step) > tolerance else (abs(tolerance) if x_mid >= 0 else -abs(tolerance))
        f_root = function(root)
    return None


def _interpolated(
    low: float, root: float, high: float, values: tuple[float, float, float], x_mid: float, tolerance: float, step: float, previous: float
) -> tuple[float, float]:
    """A secant or inverse quadratic step when it is short enough, else half the bracket."""
    f_low, f_root, f_high = values
    s = f_root / f_low
    if low == high:
        p, q = 2.0 * x_mid * s, 1.0 - s
    else:
        q = f_low / f_high
        r = f_root / f_high
        p = s * (2.0 * x_mid * q * (q - r) - (root - low) * (r - 1.0))
        q = (q - 1.0) * (r - 1.0) * (s - 1.0)
    q = -q if p > 0 else q
    p = abs(p)
    if 2.0 * p < min(3.0 * x_mid * q - abs(tolerance * q), abs(previous * q)):
        return p / q, step
    return x_mid, x_mid
