"""The portal's own requests to identity providers: bounded in time and size, and never redirected."""

import json
from typing import Any

import requests

from portal.access import certificates

#: Seconds to wait for a connection and for each part of the answer. A person is waiting meanwhile.
TIMEOUT = (3.05, 5)

#: Bytes. The largest real key sets and descriptions are below 100 kB.
LARGEST_ANSWER = 512 * 1024


class NotFetched(Exception):
    """An address that did not give a JSON object."""


def fetch_json(address: str) -> dict[str, Any]:
    """The JSON object at an address.

    A redirect counts as a failure: whoever can redirect the description of a provider could replace it.
    Raises :class:`NotFetched`.
    """
    try:
        with requests.get(
            address,
            timeout=TIMEOUT,
            allow_redirects=False,
            verify=certificates.bundle(),
            stream=True,
            headers={"Accept": "application/json"},
        ) as response:
            if response.status_code != requests.codes.ok:
                raise NotFetched(f"answered with status {response.status_code}")
            return _object(_bounded(response))
    except requests.RequestException as error:
        raise NotFetched(why(error)) from error


def why(error: Exception) -> str:
    """The kind of a failure; a certificate that is not good is named, with the setting to look at."""
    fault = certificates.fault_of(error)
    return (
        f"was not reached: its certificate {fault}. Look at SSL_CERT_FILE" if fault else type(error).__name__
    )


def _bounded(response: requests.Response) -> bytes:
    content = b""
    for part in response.iter_content(64 * 1024):
        content += part
        if len(content) > LARGEST_ANSWER:
            raise NotFetched("answered with too much")
    return content


def _object(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError as error:
        raise NotFetched("answered with something that is not JSON") from error
    if not isinstance(answer, dict):
        raise NotFetched("answered with something that is not a JSON object")
    return answer
