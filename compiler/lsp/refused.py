"""What a person asked for and cannot have, with the reason that the editor shows."""

from __future__ import annotations

from pygls.exceptions import JsonRpcException


class Refused(JsonRpcException):
    """`RequestFailed` of the protocol."""

    CODE = -32803
