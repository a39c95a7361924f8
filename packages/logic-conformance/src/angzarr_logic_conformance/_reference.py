"""The reference protocol: its messages and services, field numbers 1 to 99."""

import importlib
from typing import Any

from google.protobuf import any_pb2, duration_pb2, empty_pb2, timestamp_pb2
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

FILES = (
    "types",
    "aggregate",
    "saga",
    "process_manager",
    "projector",
    "query",
    "gateway",
    "edition",
    "speculative",
    "upcaster",
)
FIRST_ADDED_FIELD = 100
ADDED = {"RpcStatus", "ComponentOutcome", "CommandOutcome"}


class _Reference:
    """What a file says without our additions."""

    @staticmethod
    def of(file: FileDescriptorProto) -> bytes:
        """Return the file without what was added to the reference."""
        ours = {f"angzarr/{name}.proto" for name in FILES}
        kept = [it for it in file.dependency if it.startswith("google/") or it in ours]
        del file.dependency[:]
        file.dependency.extend(kept)
        messages = [it for it in file.message_type if it.name not in ADDED]
        del file.message_type[:]
        for message in messages:
            _Reference.strip(message)
            file.message_type.append(message)
        return file.SerializeToString()

    @staticmethod
    def strip(message: DescriptorProto) -> None:
        """Remove the added fields, and the oneofs that are empty without them."""
        fields = [it for it in message.field if it.number < FIRST_ADDED_FIELD]
        choices = list(message.oneof_decl)
        used = sorted({it.oneof_index for it in fields if it.HasField("oneof_index")})
        for one in fields:
            if one.HasField("oneof_index"):
                one.oneof_index = used.index(one.oneof_index)
        del message.field[:], message.oneof_decl[:]
        message.field.extend(fields)
        message.oneof_decl.extend(choices[index] for index in used)


def reference_pool() -> DescriptorPool:
    """Return the messages and services as the reference protocol has them."""
    pool = DescriptorPool()
    for module in (any_pb2, duration_pb2, empty_pb2, timestamp_pb2):
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    for name in FILES:
        found = importlib.import_module(f"angzarr.{name}_pb2").DESCRIPTOR.serialized_pb
        pool.AddSerializedFile(_Reference.of(FileDescriptorProto.FromString(found)))
    return pool


POOL = reference_pool()


def message_class(name: str) -> Any:  # noqa: ANN401 - a class that is made at run time
    """Return the class of a message of the reference protocol."""
    return GetMessageClass(POOL.FindMessageTypeByName(f"angzarr.{name}"))


def methods_of(service: str) -> dict[str, tuple[Any, Any]]:
    """Return path, request and reply class of each unary method of a service."""
    found = POOL.FindServiceByName(f"angzarr.{service}")
    return {
        f"/angzarr.{service}/{it.name}": (
            GetMessageClass(it.input_type),
            GetMessageClass(it.output_type),
        )
        for it in found.methods
    }
