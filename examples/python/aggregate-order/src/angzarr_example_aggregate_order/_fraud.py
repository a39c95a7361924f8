"""The question to an external service before a payment is confirmed."""

import logging
from typing import Protocol

from angzarr_client import TryAgainError
from angzarr_settings import variable
from examples.order_pb2 import OrderState

RESULTS = frozenset({"approved", "review_required", "declined"})
OK = 200


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


class HttpFraudCheck:
    """POST {url}/check, one attempt, a bounded number at once."""

    def __init__(self, url: str, *, timeout_seconds: float, limit: int) -> None:
        import httpx  # noqa: PLC0415 - only an order service with a fraud check pays for it

        self._http = httpx
        self._url = f"{url}/check"
        self._client = httpx.AsyncClient(timeout=timeout_seconds)
        self._limit = limit
        self._asked = 0

    async def check(self, order: OrderState, idempotency_key: str) -> str:
        """Return the service's result."""
        if self._asked >= self._limit:
            raise _unavailable("too many requests")
        self._asked += 1
        try:
            return await self._ask(order, idempotency_key)
        except (TimeoutError, self._http.HTTPError) as error:
            raise _unavailable(type(error).__name__) from error
        finally:
            self._asked -= 1

    async def _ask(self, order: OrderState, idempotency_key: str) -> str:
        answer = await self._client.post(
            self._url,
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


def fraud_check() -> FraudCheck:
    """Return what FRAUD_SERVICE_URL, FRAUD_TIMEOUT_SECONDS and FRAUD_MAX_CONCURRENT say."""
    url = variable("FRAUD_SERVICE_URL")
    if not url:
        logging.getLogger("order").warning("FRAUD_SERVICE_URL is not set: nothing is checked")
        return NoFraudCheck()
    seconds = float(variable("FRAUD_TIMEOUT_SECONDS", "2"))
    limit = int(variable("FRAUD_MAX_CONCURRENT", "64"))
    return HttpFraudCheck(url, timeout_seconds=seconds, limit=limit)


def _unavailable(cause: str) -> TryAgainError:
    return TryAgainError(f"Fraud check unavailable: {cause}")
