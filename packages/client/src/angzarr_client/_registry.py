"""Handlers by message type; the type comes from the handler's annotation."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeGuard, TypeVar, overload

from google.protobuf.message import DecodeError, Message

from angzarr import type_name

Function = Callable[..., Any]
FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])
MessageT = TypeVar("MessageT", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """A function, the message it is for, and how many parameters it has."""

    message: type[Message]
    function: Function
    arity: int

    def invoke(self, *arguments: object) -> object:
        """Call the function with as many of the arguments as it takes."""
        return self.function(*arguments[: self.arity])


class Registry:
    """What handles which message; the state of the fold is the other of two parameters."""

    def __init__(self, argument: int, what: str, state: type[Message] | None = None) -> None:
        self._argument = argument
        self._what = what
        self._state = state
        self._handlers: dict[str, Handler] = {}

    @property
    def types(self) -> list[str]:
        """Return the full names of the handled types, sorted."""
        return sorted(self._handlers)

    def add(self, function: Function, message: type[Message] | None = None) -> None:
        """Register a handler.

        Raises:
            TypeError: its annotation names no message, or the type has a handler.
        """
        kind = message or self.annotated(function)
        name = kind.DESCRIPTOR.full_name
        if name in self._handlers:
            raise TypeError(f"{place(function)} handles {name}, which already has a handler.")
        arity = len(inspect.signature(function).parameters)
        self._handlers[name] = Handler(message=kind, function=function, arity=arity)

    def on(self, router: object, first: Function, function: Function | None) -> object:
        """Register what `.on` of a router was given; return what `.on` returns.

        A type and a function give the router back, a function alone itself.

        Raises:
            TypeError: see `add`, or the function takes another state than the fold's.
        """
        if is_message_type(first) and function is not None:
            self.add(function, first)
            return router
        if self._state is not None:
            self._check_state(first, self._state)
        self.add(first)
        return first

    def find(self, type_url: str) -> Handler | None:
        """Return the handler of a type, or None."""
        return self._handlers.get(type_name(type_url))

    def _check_state(self, function: Function, wanted: type[Message]) -> None:
        at = 1 - self._argument
        found = parameter_types(function)[at : at + 1]
        if found and isinstance(found[0], type) and found[0] is not wanted:
            given, name = found[0].__name__, wanted.__name__
            raise TypeError(f"{place(function)} takes the state {given}; its fold has {name}.")

    def annotated(self, function: Function) -> type[Message]:
        """Return the message that a function is for.

        Raises:
            TypeError: its annotation names none.
        """
        types = parameter_types(function)
        kind = types[self._argument] if len(types) > self._argument else None
        if isinstance(kind, type) and issubclass(kind, Message):
            return kind
        text = f"{place(function)} needs a message type on its {self._what} parameter."
        raise TypeError(text)


class Registering:
    """A router whose handlers are given by decorator, or after their message type."""

    _registry: Registry

    @overload
    def on(self, first: type[Message], function: Function) -> Self: ...

    @overload
    def on(self, first: FunctionT) -> FunctionT: ...

    def on(self, first: Any, function: Function | None = None) -> Any:
        """Register a handler; the router says what it takes and what it returns.

        Raises:
            TypeError: an annotation is missing, the type has a handler, or the state differs.
        """
        return self._registry.on(self, first, function)


def parameter_types(function: Function) -> list[object]:
    """Return the annotations of the parameters in order; None where there is none."""
    hints = inspect.get_annotations(function, eval_str=True)
    return [hints.get(name) for name in inspect.signature(function).parameters]


def result_type(function: Function) -> type[Message] | None:
    """Return the message that a function says it returns, or None."""
    found = inspect.get_annotations(function, eval_str=True).get("return")
    return found if is_message_type(found) else None


def place(function: Function) -> str:
    """Return where a function stands: its name, module and line."""
    code = inspect.unwrap(function).__code__
    return f"{function.__name__}() in {function.__module__}:{code.co_firstlineno}"


def parse(kind: type[MessageT], value: bytes) -> MessageT | None:
    """Return the message, or None if the bytes are not one."""
    try:
        return kind.FromString(value)
    except DecodeError:
        return None


def is_message_type(value: object) -> TypeGuard[type[Message]]:
    """Say whether a value is a message class."""
    return isinstance(value, type) and issubclass(value, Message)


async def outcome(value: object) -> object:
    """Return what a handler returned, awaited if it is asynchronous."""
    return await value if inspect.isawaitable(value) else value
