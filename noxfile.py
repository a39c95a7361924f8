"""Every check of this repository; `nox --list` says which run by default."""

import os
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).parent
MEMBERS = sorted(
    path.parent.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("packages/*/pyproject.toml"), *ROOT.glob("examples/*/*/pyproject.toml")]
)
SHARED = ("tests/acceptance/test_journeys.py", "tests/acceptance/test_replicas.py")
SUITES = {
    "workspace": ("Rules of layout; promises.", *sorted(map(str, ROOT.glob("tests/test_*.py")))),
    "acceptance": ("Journeys through the gateway of the whole shop.", "tests/acceptance"),
    "distributed": ("Two of each on Postgres and NATS.", "--distributed", *SHARED),
    "simulation": ("Whole systems under seeded order, time and faults.", "tests/simulation"),
    "security": ("What hostile callers, bytes and neighbours are refused.", "tests/security"),
    "planted": ("Bugs that a suite must catch; others with each commit.", "tests/faults/planted"),
    "faults": ("Kill, power loss, broken disks, hostile logic; planted bugs.", "tests/faults"),
}

nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "no" if os.environ.get("CI") else "yes"
nox.options.sessions = ["lint", "types", "arch", "proto", "test", *list(SUITES)[:-1]]
nox.options.error_on_missing_interpreters = True


def sync(session: nox.Session, *arguments: str) -> None:
    """Make the session's environment exactly what the lock says of `arguments`."""
    environment = {"UV_PROJECT_ENVIRONMENT": session.virtualenv.location}
    session.run_install("uv", "sync", "--frozen", "--exact", "--quiet", *arguments, env=environment)


def distribution(member: str) -> str:
    """Return the name of the distribution in a member's folder."""
    return f"angzarr-{'example-' * member.startswith('examples/')}{Path(member).name}"


@nox.session(python=False)
def lint(session: nox.Session) -> None:
    """Style of every file."""
    session.run(sys.executable, "-m", "ruff", "check", ".")
    session.run(sys.executable, "-m", "ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types, member by member."""
    sync(session, "--all-packages", "--no-default-groups", "--group", "checks", "--group", "proto")
    others = ["noxfile.py", "conftest.py"], ["tests"], ["benchmarks", "scripts"]
    for paths in (*([f"{member}/src"] for member in MEMBERS), *others):
        session.run("mypy", "--no-error-summary", *paths)


@nox.session
def arch(session: nox.Session) -> None:
    """Direction of imports."""
    sync(session, "--all-packages", "--no-default-groups", "--group", "arch")
    session.run("lint-imports", "--no-cache")


@nox.session
def proto(session: nox.Session) -> None:
    """Generated code equals what the protos say, which breaks no wire; `-- --write` writes it."""
    sync(session, "--all-packages", "--no-default-groups", "--group", "proto")
    session.run("buf", "lint", "proto")
    session.run("buf", "format", "--diff", "--exit-code", "proto")
    session.run("buf", "breaking", "proto", "--against", "proto/released.binpb")
    arguments = [] if "--write" in session.posargs else ["--check"]
    session.run("python", "scripts/generate_proto.py", *arguments, silent=True)


@nox.session
@nox.parametrize("package", [nox.param(distribution(m), id=distribution(m)) for m in MEMBERS])
def test(session: nox.Session, package: str) -> None:
    """Tests of one member in an environment that holds only what it declares."""
    member = next(member for member in MEMBERS if distribution(member) == package)
    has_group = "[dependency-groups]" in (ROOT / member / "pyproject.toml").read_text()
    packages = ["--package", package, "--package", "angzarr-workspace"]
    sync(session, *packages, "--no-default-groups", "--group", "test", *["--group=dev"] * has_group)
    session.run("pytest", "-q", f"{member}/tests", *session.posargs)


for name, (about, *paths) in SUITES.items():

    def suite(session: nox.Session, paths: tuple[str, ...] = tuple(paths)) -> None:
        sync(session, "--all-packages", "--no-default-groups", "--group", "test")
        session.run("pytest", "-q", *paths, *session.posargs)

    suite.__doc__ = about
    nox.session(name=name)(suite)


@nox.session
def minimums(session: nox.Session) -> None:
    """Every member's tests with the oldest dependencies that its manifest admits."""
    members = [f"--editable=./{member}" for member in MEMBERS]
    for what in (["--resolution=lowest-direct", "--no-sources", *members], ["--group=test"]):
        session.run_install("uv", "pip", "install", "--quiet", *what)
    session.run("pytest", "-q", "packages", "examples/python")


@nox.session
def coverage(session: nox.Session) -> None:
    """Which lines and branches of packages/ no test reaches, children included."""
    sync(session, "--all-packages", "--no-default-groups", "--group", "test")
    session.run("python", "scripts/measure_every_process.py")
    session.run("pytest", "-q", "packages", "tests/acceptance", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def bench(session: nox.Session) -> None:
    """Commands per second, latencies and memory, beside raw references of the same run."""
    sync(session, "--all-packages", "--no-default-groups", "--group", "test")
    session.run("python", "benchmarks/bench.py", *session.posargs)
