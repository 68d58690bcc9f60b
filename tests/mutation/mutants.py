"""Small faults, one at a time: each mutant is a module with one comparison, number, word or statement changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_WORKED_OUT: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr, ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}  # fmt: skip
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed place of a module."""

    line: int
    what: str
    tree: ast.Module

    @property
    def code(self) -> str:
        return ast.unparse(self.tree)


def mutants_of(source: str) -> Iterator[Mutant]:
    """All mutants, in the order of the file."""
    places = [
        (at, number) for at, node in enumerate(_nodes(ast.parse(source))) for number, _ in enumerate(_changes(node))
    ]
    for at, number in places:
        # Changes are made in place: a fresh tree each time.
        tree = ast.parse(source)
        node = next(islice(_nodes(tree), at, None))
        what, change = list(_changes(node))[number]
        change()
        line = node.target.lineno if isinstance(node, ast.comprehension) else getattr(node, "lineno", 0)
        yield Mutant(line, what, ast.fix_missing_locations(tree))


def _nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """Everything that runs within functions: no annotations, decorators or docstrings."""

    def within(node: ast.AST) -> Iterator[ast.AST]:
        yield node
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_comment"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not _is_text(child):
                    yield from within(child)

    def functions(node: ast.AST) -> Iterator[ast.FunctionDef]:
        """The outermost ones: what stands in them is met on the way down."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef):
                yield child
            else:
                yield from functions(child)

    for function in functions(tree):
        for statement in (*function.body, *function.args.defaults):
            if function.name != "__repr__" and not _is_text(statement):
                yield from within(statement)


def _is_text(node: ast.AST) -> bool:
    return (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) or isinstance(node, ast.JoinedStr)


def _changes(node: ast.AST):  # type: ignore[no-untyped-def]
    """What can be made wrong about this node: a name and the deed."""
    if isinstance(node, ast.Compare):
        for at, op in enumerate(node.ops):
            new = _COMPARED[type(op)]
            yield f"{type(op).__name__} is {new.__name__}", lambda at=at, new=new: node.ops.__setitem__(at, new())
    elif isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"{type(node.op).__name__} is {other.__name__}", lambda: setattr(node, "op", other())
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _WORKED_OUT:
        worked = _WORKED_OUT[type(node.op)]
        yield f"{type(node.op).__name__} is {worked.__name__}", lambda: setattr(node, "op", worked())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        yield f"{type(node.op).__name__} is nothing", lambda: setattr(node, "op", ast.UAdd()) or _truth(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} is {not node.value}", lambda: setattr(node, "value", not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield f"{node.value} is {node.value + 1}", lambda: setattr(node, "value", node.value + 1)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 20:
        yield f"{node.value!r} is another word", lambda: setattr(node, "value", node.value + "X")
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in _CALLED:
        yield f"{node.id} is {_CALLED[node.id]}", lambda: setattr(node, "id", _CALLED[node.id])
    yield from _conditions(node)
    yield from _statements(node)


def _truth(node: ast.UnaryOp) -> None:
    """`not x` becomes the truth of x, not its sign."""
    call = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])
    node.operand, node.op = ast.UnaryOp(ast.Not(), call), ast.Not()


def _conditions(node: ast.AST):  # type: ignore[no-untyped-def]
    if isinstance(node, ast.If | ast.While | ast.IfExp) and not isinstance(node.test, ast.Compare):
        yield "the condition is turned", lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.comprehension):
        for at in range(len(node.ifs)):
            yield "a filter is gone", lambda at=at: node.ifs.pop(at)


def _statements(node: ast.AST):  # type: ignore[no-untyped-def]
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield "it returns None", lambda: setattr(node, "value", ast.Constant(None))
    body = getattr(node, "body", None)
    for block in (body, getattr(node, "orelse", None)):
        if not isinstance(block, list):
            continue
        for at, statement in enumerate(block):
            if isinstance(statement, ast.Expr | ast.AugAssign | ast.Break | ast.Continue) and not _is_text(statement):
                yield (
                    f"line {statement.lineno} is gone",
                    lambda at=at, block=block: block.__setitem__(at, ast.Pass()),
                )
            elif isinstance(statement, ast.Return) and statement.value is None:
                yield f"line {statement.lineno} does not return", lambda at=at, b=block: b.__setitem__(at, ast.Pass())


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
