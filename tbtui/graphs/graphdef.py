"""GraphDef, MetaGraphDef and RunMetadata -> tables of nodes. What can't be parsed is left out and told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tbtui.events import wire
from tbtui.graphs.attributes import (
    called_functions,
    node_attributes,
    node_results,
    type_name,
    variable_result,
)
from tbtui.graphs.model import Attribute
from tbtui.graphs.table import LIBRARY, MAIN, Body, Result, Table, TableBuilder
from tbtui.graphs.variables import CAPTURES, RESOURCE, VARIABLES, Variable, sort_out

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from tbtui.events.proto.graph_pb2 import FunctionDef, GraphDef, NodeDef, OpDef
    from tbtui.events.proto.run_metadata_pb2 import RunMetadata

TRACE_VARIANTS = ("before optimisation", "after optimisation", "partitions")
ARGUMENT, RESULT = "Arg", "Retval"
"""Operations of the nodes that stand for the arguments and results of a function."""

_NAME, _OP, _INPUT, _DEVICE = (wire.key(number, wire.BYTES) for number in (1, 2, 3, 4))
_NODE, _LIBRARY = wire.key(1, wire.BYTES), wire.key(2, wire.BYTES)
_META_GRAPH = wire.key(2, wire.BYTES)


def graph_table(data: bytes, problems: list[str]) -> Table:
    """The table of a serialized GraphDef; what is wrong with it is added to the problems."""
    return table_of([("", parse_graph(data, problems))], problems)


def meta_graph_table(data: bytes, problems: list[str]) -> Table:
    """The table of the GraphDef inside a serialized MetaGraphDef."""
    return graph_table(meta_graph_data(data, problems), problems)


def meta_graph_data(data: bytes, problems: list[str]) -> bytes:
    """The serialized GraphDef inside a MetaGraphDef."""
    pieces = []
    try:
        pieces = [bytes(body) for key, _, body in wire.fields(memoryview(data)) if key == _META_GRAPH]
    except wire.BadWire as bad:
        problems.append(f"the meta graph is damaged: {bad}")
    return b"".join(pieces)


def trace_tables(metadata: RunMetadata) -> dict[str, list[tuple[str, GraphDef]]]:
    """The graphs among run metadata, by variant; several of one variant have a prefix each, as in TensorBoard."""
    functions = list(metadata.function_graphs)
    found = {
        TRACE_VARIANTS[0]: [one.pre_optimization_graph for one in functions if one.HasField("pre_optimization_graph")],
        TRACE_VARIANTS[1]: [
            one.post_optimization_graph for one in functions if one.HasField("post_optimization_graph")
        ],
        TRACE_VARIANTS[2]: [graph for one in functions for graph in one.partition_graphs]
        or list(metadata.partition_graphs),
    }
    return {
        variant: [(f"graph_{i}/" if len(graphs) > 1 else "", graph) for i, graph in enumerate(graphs)]
        for variant, graphs in found.items()
        if graphs
    }


def table_of(graphs: Sequence[tuple[str, GraphDef]], problems: list[str]) -> Table:
    """One table of several graphs, each below its prefix; their function libraries are one."""
    builder = TableBuilder()
    builder.problems = problems
    prefixes: list[str] = []
    known: set[str] = set()
    variables: dict[int, Variable] = {}
    for prefix, graph in graphs:
        builder.begin(_body(graph.node))
        _add_nodes(builder, graph.node, prefix, MAIN)
        variables.update(_variables(builder, graph.node))
        builder.end_space()
        prefixes.append(prefix)
    for _, graph in graphs:
        for function in graph.library.function:
            name = function.signature.name
            if name in known:
                continue
            known.add(name)
            _add_function(builder, function, name + "/")
            prefixes.append(name + "/")
    table = builder.finish(prefixes)
    sort_out(table, variables)
    return table


def _body(nodes: Sequence[NodeDef]) -> Body:
    return Body(
        lambda number: node_attributes(nodes[number]),
        lambda number: node_results(nodes[number]),
        lambda number: called_functions(nodes[number]),
    )


def _add_nodes(builder: TableBuilder, nodes: Sequence[NodeDef], prefix: str, root: int) -> None:
    add = builder.add
    if prefix:
        for node in nodes:
            add(prefix + node.name, node.op, node.device, node.input, root)
    else:
        for node in nodes:
            add(node.name, node.op, node.device, node.input, root)


def _variables(builder: TableBuilder, nodes: Sequence[NodeDef]) -> Iterator[tuple[int, Variable]]:
    """The variables among the nodes that were added last, by their numbers; captured ones may be something else."""
    first = len(builder.ops) - len(nodes)
    wanted = (VARIABLES | CAPTURES).intersection(builder.ops[first:])
    for i, node in enumerate(nodes) if wanted else ():
        if node.op in VARIABLES:
            name = wire.text(memoryview(node.attr["debug_name"].s)) if "debug_name" in node.attr else ""
            yield first + i, Variable(name or node.name, *variable_result(node))
        elif node.op in CAPTURES and RESOURCE in {dtype for dtype, _ in node_results(node)}:
            yield first + i, Variable(node.name, RESOURCE, None)


def _add_function(builder: TableBuilder, function: FunctionDef, prefix: str) -> None:
    """The nodes of a function, and one more for each of its arguments and results."""
    signature = function.signature
    arguments = list(signature.input_arg)
    builder.begin(Body(lambda number: [], lambda number: [(type_name(arguments[number].type), None)]))
    for argument in arguments:
        builder.add(prefix + argument.name, ARGUMENT, "", (), LIBRARY, made_up=True)
    builder.begin(_body(function.node_def))
    _add_nodes(builder, function.node_def, prefix, LIBRARY)
    taken = {argument.name for argument in arguments} | {node.name for node in function.node_def}
    results = [(name, function.ret.get(name, "")) for name in _result_names(signature, function)]
    results += [(name, "^" + source) for name, source in sorted(function.control_ret.items())]
    builder.begin(Body(_no_attributes, _no_results))
    for name, source in results:
        free = name
        while free in taken:
            free += "_result"
        taken.add(free)
        builder.add(prefix + free, RESULT, "", (source,) if source.strip("^") else (), LIBRARY, made_up=True)
    builder.end_space()


def _result_names(signature: OpDef, function: FunctionDef) -> list[str]:
    """Results in the order of the signature, then others that are returned all the same."""
    named = [one.name for one in signature.output_arg]
    return named + sorted(set(function.ret) - set(named))


def _no_attributes(number: int) -> list[Attribute]:
    return []


def _no_results(number: int) -> list[Result]:
    return []


def parse_graph(data: bytes, problems: list[str]) -> GraphDef:
    """A GraphDef. Where it is damaged, or a text in it is no UTF-8, as much of it as can be read."""
    from google.protobuf.message import DecodeError

    from tbtui.events.proto.graph_pb2 import GraphDef

    try:
        return GraphDef.FromString(data)
    except DecodeError:
        pass
    graph = GraphDef()
    mended = lost = 0
    try:
        for key, _, body in wire.fields(memoryview(data)):
            if key == _NODE:
                node = graph.node.add()
                if not _parsed(node, body):
                    node.Clear()
                    _mend(node, body)
                    mended += 1
            elif key == _LIBRARY:
                lost += not _parsed(graph.library, body)
    except wire.BadWire as bad:
        problems.append(f"the graph is damaged, {len(graph.node):,} nodes were read: {bad}")
    if mended:
        problems.append(f"{mended:,} nodes could be read in part only")
    if lost:
        problems.append("the function library is damaged")
    return graph


def parse_metadata(data: bytes, problems: list[str]) -> RunMetadata:
    """A RunMetadata; where it is damaged, those of its parts that can be read."""
    from google.protobuf.message import DecodeError

    from tbtui.events.proto.run_metadata_pb2 import RunMetadata

    try:
        return RunMetadata.FromString(data)
    except DecodeError:
        pass
    metadata = RunMetadata()
    lost = 0
    try:
        for key, _, body in wire.fields(memoryview(data)):
            if key & 7 == wire.BYTES:
                part = RunMetadata()
                whole = wire.write_varint(key) + wire.write_varint(len(body)) + bytes(body)
                if _parsed(part, memoryview(whole)):
                    metadata.MergeFrom(part)
                else:
                    lost += 1
    except wire.BadWire as bad:
        problems.append(f"the run metadata are damaged: {bad}")
    if lost:
        problems.append(f"{lost:,} parts of the run metadata can't be read")
    return metadata


def _parsed(message: Message, body: memoryview) -> bool:
    """Whether the bytes could be merged into a message."""
    from google.protobuf.message import DecodeError

    try:
        message.MergeFromString(bytes(body))
    except DecodeError:
        return False
    return True


def _mend(node: NodeDef, body: memoryview) -> None:
    """Name, operation, device and inputs of a node that protobuf refuses, as far as they go."""
    try:
        for key, _, piece in wire.fields(body):
            if key == _NAME:
                node.name = wire.text(piece)
            elif key == _OP:
                node.op = wire.text(piece)
            elif key == _DEVICE:
                node.device = wire.text(piece)
            elif key == _INPUT:
                node.input.append(wire.text(piece))
    except wire.BadWire:
        return
