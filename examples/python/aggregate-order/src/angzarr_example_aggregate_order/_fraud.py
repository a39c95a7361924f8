"""The question to an external service before a payment is confirmed."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

from angzarr_client import TryAgainError
from angzarr_settings import SettingsError, variable
from examples.order_pb2 import OrderState

RESULTS = ("approved", "review_required", "declined")
OK = 200
NumberT = TypeVar("NumberT", int, float)


class FraudCheck(Protocol):
    """Says what it thinks of a payment."""

    async def check(self, order: OrderState, idempotency_key: str) -> str:
        """Return approved, review_required, declined, or "" for not checked.

        Raises:
            TryAgainError: there is no answer.
        """


class NoFraudCheck:
    """What runs where no service is configured: nothing is checked."""

    async def check(self, order: OrderState, idempotency_key: str) -> str:
        """Return "": not checked."""
        del order, idempotency_key
        return ""

    async def aclose(self) -> None:
        """Do nothing; there is no connection."""


class HttpFraudCheck:
    """POST {url}/check, one attempt, a bounded number at once."""

    def __init__(self, url: str, *, timeout_seconds: float, limit: int) -> None:
        import httpx  # noqa: PLC0415 - only an order service with a fraud check pays for it

        self._failure = httpx.HTTPError
        self._client = httpx.AsyncClient(base_url=url, timeout=timeout_seconds)
        self._timeout_seconds = timeout_seconds
        self._limit = limit
        self._asked = 0

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def check(self, order: OrderState, idempotency_key: str) -> str:
        """Return the service's result."""
        if self._asked >= self._limit:
            raise _unavailable("too many requests")
        self._asked += 1
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._ask(order, idempotency_key)
        except TimeoutError as error:
            raise _unavailable("no answer in time") from error
        except self._failure as error:
            raise _unavailable(type(error).__name__) from error
        finally:
            self._asked -= 1

    async def _ask(self, order: OrderState, idempotency_key: str) -> str:
        answer = await self._client.post(
            "/check",
            json={
                "customer_id": order.customer_id,
                "amount_cents": order.total_cents,
                "payment_method": order.payment_method,
            },
            headers={"Idempotency-Key": idempotency_key},
        )
        if answer.status_code != OK:
            raise _unavailable(f"status {answer.status_code}")
        try:
            result = answer.json()["result"]
        except (ValueError, KeyError, TypeError) as error:
            raise _unavailable("unreadable answer") from error
        if result not in RESULTS:
            raise _unavailable(f"unknown result {result}")
        return str(result)


def fraud_check() -> NoFraudCheck | HttpFraudCheck:
    """Return what FRAUD_SERVICE_URL, FRAUD_TIMEOUT_SECONDS and FRAUD_MAX_CONCURRENT say.

    Raises:
        SettingsError: one of the two numbers is not a positive number.
    """
    url = variable("FRAUD_SERVICE_URL")
    if not url:
        logging.getLogger("order").warning("FRAUD_SERVICE_URL is not set: nothing is checked")
        return NoFraudCheck()
    seconds = _positive("FRAUD_TIMEOUT_SECONDS", "2", float)
    limit = _positive("FRAUD_MAX_CONCURRENT", "64", int)
    return HttpFraudCheck(url, timeout_seconds=seconds, limit=limit)


def _positive(name: str, default: str, kind: Callable[[str], NumberT]) -> NumberT:
    text = variable(name, default)
    try:
        number = kind(text)
    except ValueError:
        number = kind("0")
    if not number > 0:
        raise SettingsError(f"{name} is {text!r}", name, "Make it a positive number.")
    return number


def _unavailable(cause: str) -> TryAgainError:
    return TryAgainError(f"Fraud check unavailable: {cause}")
