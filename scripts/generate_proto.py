"""Generate the message code; with --check, compare it with what is committed."""

import argparse
import filecmp
import re
import shutil
import sys
import tempfile
from importlib import resources
from pathlib import Path

from google.protobuf import descriptor_pb2
from grpc_tools import protoc  # type: ignore[import-untyped]  # no stubs

ROOT = Path(__file__).resolve().parent.parent
TREES = {
    "angzarr": (ROOT / "proto", ROOT / "packages/proto/src"),
    "examples": (ROOT / "examples/proto", ROOT / "examples/python/proto/src"),
}


def main() -> int:
    """Generate into place, or into a scratch directory and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 on a difference"
    )
    check = parser.parse_args().check
    differing: list[str] = []
    for package, (protos, target) in TREES.items():
        with tempfile.TemporaryDirectory() as scratch:
            generate(package, protos, Path(scratch), target)
            for made in sorted(Path(scratch).rglob("*.py*")):
                kept = target / made.relative_to(scratch)
                if kept.exists() and filecmp.cmp(made, kept, shallow=False):
                    continue
                differing.append(str(kept.relative_to(ROOT)))
                if not check:
                    shutil.copyfile(made, kept)
    for name in differing:
        print("differs:" if check else "wrote", name)
    return int(check and bool(differing))


def generate(package: str, protos: Path, out: Path, target: Path) -> None:
    """Write the generated files of one tree below `out`."""
    files = sorted(map(str, (protos / package).glob("*.proto")))
    if not files:
        return
    descriptors = out / "descriptors.bin"
    status = protoc.main(
        [
            "protoc",
            f"-I{protos}",
            f"-I{TREES['angzarr'][0]}",
            f"-I{resources.files('grpc_tools') / '_proto'}",
            f"--python_out={out}",
            f"--grpc_python_out={out}",
            f"--mypy_out={out}",
            f"--mypy_grpc_out={out}",
            f"--descriptor_set_out={descriptors}",
            *files,
        ]
    )
    if status:
        sys.exit(status)
    kept = descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes())
    for file in kept.file:
        stub = out / file.name.replace(".proto", "_pb2.pyi")
        for message in file.message_type:
            add_traits(stub, message.name, package, target)
        grpc_code = out / file.name.replace(".proto", "_pb2_grpc.py")
        if not file.service:
            grpc_code.unlink()
            (out / file.name.replace(".proto", "_pb2_grpc.pyi")).unlink(missing_ok=True)
    if package == "angzarr":
        (out / package / "rpc.py").write_text(rpc_module(kept), encoding="utf-8")


def add_traits(stub: Path, message: str, package: str, target: Path) -> None:
    """Make the trait of a message, if there is one, a base of its class in the stub."""
    trait = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", message).lower()
    if not (target / package / "_traits" / f"{trait}.py").exists():
        return
    text = stub.read_text(encoding="utf-8")
    head = f"class {message}(_message.Message):"
    if head not in text:
        sys.exit(f"{stub.name} has no {head}")
    base = f"_{message}Traits"
    text = text.replace(head, f"class {message}(_message.Message, {base}):")
    line = f"from {package}._traits.{trait} import {message}Traits as {base}\n"
    at = text.index("import ")
    at = (
        text.index("\n", text.index("from google.protobuf import")) + 1
        if "from google" in text
        else at
    )
    stub.write_text(text[:at] + line + text[at:], encoding="utf-8")


def rpc_module(kept: descriptor_pb2.FileDescriptorSet) -> str:
    """Return the module of typed method descriptions, one class per service."""
    uses: set[str] = set()
    blocks: list[str] = []
    services: list[str] = []
    origin = {f".{f.package}.{m.name}": module(f.name) for f in kept.file for m in f.message_type}
    origin[".google.protobuf.Empty"] = "google.protobuf.empty_pb2"
    for file in kept.file:
        for service in file.service:
            lines = [f'class {service.name}:\n    """Methods of angzarr.{service.name}."""\n']
            for method in service.method:
                types = []
                for full in (method.input_type, method.output_type):
                    uses.add(f"from {origin[full]} import {full.rsplit('.', 1)[1]}")
                    types.append(full.rsplit(".", 1)[1])
                flags = "".join(
                    f", {name}=True"
                    for name, on in (
                        ("client_streams", method.client_streaming),
                        ("server_streams", method.server_streaming),
                    )
                    if on
                )
                lines.append(
                    f'    {method.name} = Method("angzarr.{service.name}", "{method.name}", '
                    f"{', '.join(types)}{flags})"
                )
            blocks.append("\n".join(lines))
            methods = ", ".join(f"{service.name}.{m.name}" for m in service.method)
            services.append(f'    "angzarr.{service.name}": ({methods},),')
    return "\n".join(
        [
            '"""Typed descriptions of every method; generated by scripts/generate_proto.py."""\n',
            "from collections.abc import Mapping",
            "from typing import Any, Final\n",
            *sorted(uses),
            "from angzarr._method import Method\n\n",
            "\n\n\n".join(blocks),
            "\n\nSERVICES: Final[Mapping[str, tuple[Method[Any, Any], ...]]] = {",
            *services,
            "}\n",
        ]
    )


def module(file: str) -> str:
    """Return the import path of the code generated from a proto file."""
    return file.removesuffix(".proto").replace("/", ".") + "_pb2"


if __name__ == "__main__":
    sys.exit(main())
