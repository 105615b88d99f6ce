"""Our message classes: beside TensorFlow's and TensorBoard's in one process, and with the same bytes."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import descriptor_pool, text_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

PACKAGE = "tbtui.events.proto"
FOLDER = Path(importlib.import_module(PACKAGE).__path__[0])
MODULES = sorted(path.stem for path in FOLDER.glob("*_pb2.py"))

# Our message -> theirs, for every module of TensorBoard's that describes the same bytes.
SAME = {
    "Event": "tensorboard.compat.proto.event_pb2:Event",
    "RunMetadata": "tensorboard.compat.proto.config_pb2:RunMetadata",
    "MetaGraphDef": "tensorboard.compat.proto.meta_graph_pb2:MetaGraphDef",
    "GraphDef": "tensorboard.compat.proto.graph_pb2:GraphDef",
    "ImagePluginData": "tensorboard.plugins.image.plugin_data_pb2:ImagePluginData",
    "AudioPluginData": "tensorboard.plugins.audio.plugin_data_pb2:AudioPluginData",
    "PrCurvePluginData": "tensorboard.plugins.pr_curve.plugin_data_pb2:PrCurvePluginData",
    "VersionPluginData": "tensorboard.plugins.scalar.plugin_data_pb2:ScalarPluginData",
    "MeshPluginData": "tensorboard.plugins.mesh.plugin_data_pb2:MeshPluginData",
    "HParamsPluginData": "tensorboard.plugins.hparams.plugin_data_pb2:HParamsPluginData",
    "Layout": "tensorboard.plugins.custom_scalar.layout_pb2:Layout",
    "ProjectorConfig": "tensorboard.plugins.projector.projector_config_pb2:ProjectorConfig",
}


def ours(name: str) -> type:
    for module in MODULES:
        found = getattr(importlib.import_module(f"{PACKAGE}.{module}"), name, None)
        if found is not None:
            return found
    raise KeyError(name)


def assert_same_fields(mine: Descriptor, theirs: Descriptor, seen: set[str]) -> None:
    """Every field of ours is a field of theirs: number, type, repetition, presence."""
    if mine.full_name in seen or mine.full_name.startswith("google.protobuf."):
        return
    seen.add(mine.full_name)
    for field in mine.fields:
        assert field.number in theirs.fields_by_number, f"{mine.full_name}.{field.name}"
        other = theirs.fields_by_number[field.number]
        where = f"{mine.full_name}.{field.name} and {other.full_name}"
        assert field.is_repeated == other.is_repeated, where
        assert (field.containing_oneof is None) == (other.containing_oneof is None), where
        if field.type != other.type:
            assert {field.type, other.type} == {FieldDescriptor.TYPE_ENUM, FieldDescriptor.TYPE_INT32}, where
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            assert_same_fields(field.message_type, other.message_type, seen)
        elif field.type == FieldDescriptor.TYPE_ENUM:
            assert_same_numbers(field.enum_type, other.enum_type)


def assert_same_numbers(mine: EnumDescriptor, theirs: EnumDescriptor) -> None:
    assert set(mine.values_by_number) <= set(theirs.values_by_number), mine.full_name


@pytest.mark.parametrize("name", list(SAME))
def test_field_numbers_are_tensorboards(name: str) -> None:
    module, _, other = SAME[name].partition(":")
    assert_same_fields(ours(name).DESCRIPTOR, getattr(importlib.import_module(module), other).DESCRIPTOR, set())


def test_both_live_in_one_process_whoever_comes_first() -> None:
    theirs = ["tensorboard.compat.proto.event_pb2", "tensorboard.plugins.hparams.plugin_data_pb2"]
    mine = [f"{PACKAGE}.{module}" for module in MODULES]
    for order in (mine + theirs, theirs + mine):
        program = "import warnings; warnings.simplefilter('error')\n" + "\n".join(f"import {name}" for name in order)
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_everything_is_in_our_own_package_and_folder() -> None:
    assert MODULES
    for module in MODULES:
        file = importlib.import_module(f"{PACKAGE}.{module}").DESCRIPTOR
        assert file.package == "tbtui.proto"
        assert file.name == f"tbtui/events/proto/{module.removesuffix('_pb2')}.proto"
        assert descriptor_pool.Default().FindFileByName(file.name) is file


def test_generated_modules_are_there_for_every_file_and_run_with_the_oldest_protobuf() -> None:
    sources = sorted(path.stem for path in FOLDER.glob("*.proto"))
    assert [f"{source}_pb2" for source in sources] == MODULES
    for module in MODULES:
        assert "# Protobuf Python Version: 5.29.0" in (FOLDER / f"{module}.py").read_text()
        assert (FOLDER / f"{module}.pyi").exists()


def test_messages_survive_the_way_to_tensorboard_and_back() -> None:
    from tensorboard.plugins.hparams import plugin_data_pb2

    from tbtui.events.proto import plugins_pb2

    mine = plugins_pb2.HParamsPluginData()
    start = mine.session_start_info
    start.hparams["lr"].number_value = 0.1
    start.hparams["optimizer"].string_value = "adam"
    start.hparams["nesterov"].bool_value = True
    start.hparams["layers"].list_value.values.add().number_value = 3
    theirs = plugin_data_pb2.HParamsPluginData.FromString(mine.SerializeToString())
    assert theirs.session_start_info.hparams["layers"].list_value.values[0].number_value == 3
    again = plugins_pb2.HParamsPluginData.FromString(theirs.SerializeToString())
    assert again == mine


def test_projector_config_is_read_as_text() -> None:
    from tbtui.events.proto import plugins_pb2

    text = 'embeddings { tensor_name: "x" tensor_path: "t.tsv" sprite { image_path: "s.png" single_image_dim: 8 } }'
    config = text_format.Parse(text, plugins_pb2.ProjectorConfig())
    assert config.embeddings[0].sprite.single_image_dim == [8]


def test_a_profiler_capture() -> None:
    from tbtui.events.proto import xplane_pb2

    space = xplane_pb2.XSpace(hostnames=["vm1"])
    plane = space.planes.add(name="/host:CPU")
    plane.event_metadata[7].name = "matmul"
    event = plane.lines.add(name="python", timestamp_ns=5).events.add(metadata_id=7, offset_ps=0, duration_ps=9)
    assert event.WhichOneof("data") == "offset_ps"
    again = xplane_pb2.XSpace.FromString(space.SerializeToString())
    assert again.planes[0].event_metadata[again.planes[0].lines[0].events[0].metadata_id].name == "matmul"
