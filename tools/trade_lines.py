"""A journal's trades told in a line each, and held against the bands their figures have to be in."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reporting.performance_tracker import Kind, of_kind

_Bands = Mapping[str, tuple[float, float]]
_Facts = Mapping[str, Any]


def outside(events: Sequence[dict[str, Any]], bands: _Bands) -> list[str]:
    """Figures of opening proposals that left their bands, or are missing."""
    found = []
    for event in of_kind(events, Kind.PROPOSAL):
        for name, (low, high) in bands.items():
            figure = event["numbers"].get(name)
            if event["campaign"] == event["id"].rsplit("/", 1)[0] and (figure is None or not low <= figure <= high):
                found.append(f"{event['id']}: {name} is {figure}, expected {low:g} to {high:g}")
    return found


def tell(events: Sequence[dict[str, Any]], bands: _Bands) -> list[str]:
    """The trades of a journal, a line for each thing that happened."""
    lines: list[str] = []
    fills: dict[tuple[str, str], list[_Facts]] = {}
    for event in of_kind(events, Kind.FILL):
        fills.setdefault((event["at"], event["proposal"]), []).append(event)
    told = of_kind(events, Kind.SKIP, Kind.PROPOSAL, Kind.VERDICT, Kind.FILL, Kind.EXIT, Kind.POSITION, Kind.ERROR)
    for event in told:
        text = _TELLERS[Kind(event["kind"])](event, bands, fills.pop((event["at"], str(event.get("proposal"))), []))
        lines += [f"  {event['at'][5:16].replace('T', ' ')}  {text}"] if text else []
    return lines


def _skip(event: _Facts, _: _Bands, __: list[_Facts]) -> str:
    return f"no trade: {event['code']} {event.get('detail') or ''}".rstrip()


def _proposal(event: _Facts, bands: _Bands, _: list[_Facts]) -> str:
    figures = (
        f"{name} {event['numbers'][name]:.3g} in {low:g} to {high:g}" for name, (low, high) in bands.items() if name in event["numbers"]
    )
    legs = ", ".join(leg.rsplit(" ", 1)[0] for leg in event["legs"])
    price = f"{event['credit']:+.2f} at the middle, {event['natural_credit']:+.2f} at bids and asks"
    return "; ".join([f"proposed: {event['units']} x ({legs})", f"{price} a unit", *figures])


def _verdict(event: _Facts, _: _Bands, __: list[_Facts]) -> str:
    codes = f" ({', '.join(event['codes'])})" if event["codes"] else ""
    return f"allowed:  {event['units']} of {event['wanted']}{codes}"


def _fill(_: _Facts, __: _Bands, fills: list[_Facts]) -> str:
    """All legs of one order; empty for the second and further ones, told already."""
    if not fills:
        return ""
    cash, fees = sum(fill["cash"] for fill in fills), sum(fill["fee"] for fill in fills)
    legs = ", ".join(f"{fill['quantity']:+d} {fill['contract']} at {fill['price']:g}" for fill in fills)
    return f"filled:   {legs}; cash {cash:+,.2f}, fees {fees:,.2f}"


def _exit(event: _Facts, _: _Bands, __: list[_Facts]) -> str:
    figures = ", ".join(f"{name} {number:g}" for name, number in event["numbers"].items())
    return f"exit:     {event['reason']}" + (f" ({figures})" if figures else "")


def _position(event: _Facts, _: _Bands, __: list[_Facts]) -> str:
    return f"closed:   result {event['result']:+,.2f}" if event["status"] == "closed" else ""


def _error(event: _Facts, _: _Bands, __: list[_Facts]) -> str:
    return f"ERROR:    {event['what']} {event['subject']}: {event['error']}"


_TELLERS: Mapping[Kind, Callable[[_Facts, _Bands, list[_Facts]], str]] = {
    Kind.SKIP: _skip,
    Kind.PROPOSAL: _proposal,
    Kind.VERDICT: _verdict,
    Kind.FILL: _fill,
    Kind.EXIT: _exit,
    Kind.POSITION: _position,
    Kind.ERROR: _error,
}
