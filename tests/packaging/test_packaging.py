"""The distribution holds every folder, file and version that it says it holds, and its parts keep their distance."""

from __future__ import annotations

import ast
import tomllib
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
MAX_LINES = 400
OURS = ("compiler", "runtime", "tests")


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def pins() -> dict[str, Version]:
    rows = [row for row in (ROOT / "constraints.txt").read_text().splitlines() if row and not row.startswith("#")]
    parts = [row.split("==") for row in rows]
    return {canonicalize_name(name): Version(version) for name, version in parts}


def folder_of(package: str) -> Path:
    return ROOT.joinpath(*package.removeprefix("proscribe.").split("."))


def test_every_folder_with_code_is_packaged(pyproject: dict[str, Any]) -> None:
    found = {"proscribe.policies"}
    for top in ("compiler", "runtime"):
        for path in (ROOT / top).rglob("*.py"):
            found.add(".".join(("proscribe", *path.parent.relative_to(ROOT).parts)))
    assert found == set(pyproject["tool"]["setuptools"]["packages"])


def test_package_directories_exist_and_the_namespace_has_no_init(pyproject: dict[str, Any]) -> None:
    for package, folder in pyproject["tool"]["setuptools"]["package-dir"].items():
        assert folder_of(package) == ROOT / folder
        assert (ROOT / folder).is_dir()
    assert not (ROOT / "proscribe").exists()


def test_package_data_patterns_match_files(pyproject: dict[str, Any]) -> None:
    data = pyproject["tool"]["setuptools"]["package-data"]
    empty = [
        f"{package}: {pattern}"
        for package, patterns in data.items()
        for pattern in patterns
        if not any(path.is_file() for path in folder_of(package).glob(pattern))
    ]
    assert empty == []


def test_files_that_are_no_code_are_package_data(pyproject: dict[str, Any]) -> None:
    """A grammar, a template or weights that no pattern names would work in place and be missing in the wheel."""
    data = pyproject["tool"]["setuptools"]["package-data"]
    shipped = {path for package in data for pattern in data[package] for path in folder_of(package).glob(pattern)}
    forgotten = [
        str(path.relative_to(ROOT))
        for top in ("compiler", "runtime", "policies")
        for path in (ROOT / top).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc") and path not in shipped
    ]
    assert forgotten == []


def test_the_console_script_leads_to_a_command(pyproject: dict[str, Any]) -> None:
    assert pyproject["project"]["scripts"] == {"proscribe": "proscribe.compiler.cli.main:main"}
    module, _, name = pyproject["project"]["scripts"]["proscribe"].partition(":")
    assert callable(getattr(import_module(module), name))
    installed = entry_points(group="console_scripts", name="proscribe")
    assert {entry.value for entry in installed} == {"proscribe.compiler.cli.main:main"}


def test_pins_satisfy_the_ranges(pyproject: dict[str, Any], pins: dict[str, Version]) -> None:
    project = pyproject["project"]
    extras = project["optional-dependencies"].values()
    wanted = [Requirement(text) for text in [*project["dependencies"], *(text for extra in extras for text in extra)]]
    pinned = [requirement for requirement in wanted if canonicalize_name(requirement.name) in pins]
    outside = [str(r) for r in pinned if pins[canonicalize_name(r.name)] not in r.specifier]
    assert outside == []
    names = {canonicalize_name(requirement.name) for requirement in wanted}
    assert set(pins) <= names, "a pin of something that pyproject.toml does not ask for"


def test_every_plain_dependency_is_pinned(pyproject: dict[str, Any], pins: dict[str, Version]) -> None:
    names = {canonicalize_name(Requirement(text).name) for text in pyproject["project"]["dependencies"]}
    assert names <= set(pins)


def imported(path: Path, package: str) -> set[str]:
    """Every module that a file imports anywhere in it, by its absolute name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return names


def test_imports_are_read_rightly(tmp_path: Path) -> None:
    code = tmp_path / "x.py"
    code.write_text("def f():\n    from ..compiler import plan\nimport a.b\nfrom .c import d\n")
    assert {"proscribe.compiler", "a.b", "proscribe.runtime.c"} <= imported(code, "proscribe.runtime")


def test_runtime_never_imports_the_compiler() -> None:
    guilty = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "runtime").rglob("*.py")
        for name in imported(path, ".".join(("proscribe", *path.parent.relative_to(ROOT).parts)))
        if name == "proscribe.compiler" or name.startswith("proscribe.compiler.")
    ]
    assert guilty == []


def test_no_file_is_too_long_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for top in OURS
        for path in (ROOT / top).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert long == {}


def test_what_only_developers_install_is_imported_by_tests_only() -> None:
    """lark reads the grammar on paper; `check` does without it."""
    tools = {"hypothesis", "lark", "mypy", "pytest", "yaml"}
    users = [
        str(path.relative_to(ROOT))
        for top in ("compiler", "runtime")
        for path in (ROOT / top).rglob("*.py")
        if {name.partition(".")[0] for name in imported(path, "")} & tools
    ]
    assert users == []
