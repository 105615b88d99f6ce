"""One module per kind of data, and the list of them. A dashboard is added by one module and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tbtui.dashboards.base import Dashboard
    from tbtui.store import Store
    from tbtui.widgets.session import Session


GRAPH_PLUGINS = ("graphs", "graph_run_metadata", "graph_run_metadata_graph", "graph_keras_model")
"""Plugins whose values hold computation graphs."""


@dataclass(frozen=True, slots=True)
class DashboardKind:
    """One line of the registry. The module is imported when the dashboard is first shown."""

    id: str
    title: str
    path: str
    """`module:Class`."""
    has_data: Callable[[Store], bool]
    """Cheap: asked whenever the store moved. Only kinds that have data get a tab."""

    def make(self, session: Session) -> Dashboard:
        """The dashboard itself."""
        module, _, name = self.path.partition(":")
        dashboard: Dashboard = getattr(import_module(module), name)(session)
        return dashboard


def _has_scalars(store: Store) -> bool:
    return "scalars" in store.plugins()


def _has_histograms(store: Store) -> bool:
    return "histograms" in store.plugins()


def _has_graphs(store: Store) -> bool:
    plugins = store.plugins()
    return any(plugin in plugins for plugin in GRAPH_PLUGINS)


def _has_images(store: Store) -> bool:
    return "images" in store.plugins()


def _has_audio(store: Store) -> bool:
    return "audio" in store.plugins()


def _has_text(store: Store) -> bool:
    return "text" in store.plugins()


def _has_profiles(store: Store) -> bool:
    return store.has_profiles


REGISTRY: tuple[DashboardKind, ...] = (
    DashboardKind("scalars", "Scalars", "tbtui.dashboards.scalars:ScalarsDashboard", _has_scalars),
    DashboardKind("histograms", "Histograms", "tbtui.dashboards.histograms:HistogramsDashboard", _has_histograms),
    DashboardKind(
        "distributions", "Distributions", "tbtui.dashboards.distributions:DistributionsDashboard", _has_histograms
    ),
    DashboardKind("layers", "Layers", "tbtui.dashboards.layers:LayersDashboard", _has_histograms),
    DashboardKind("graphs", "Graph", "tbtui.dashboards.graph:GraphDashboard", _has_graphs),
    DashboardKind("profile", "Profile", "tbtui.dashboards.profile:ProfileDashboard", _has_profiles),
    DashboardKind("images", "Images", "tbtui.dashboards.images:ImagesDashboard", _has_images),
    DashboardKind("audio", "Audio", "tbtui.dashboards.audio:AudioDashboard", _has_audio),
    DashboardKind("text", "Text", "tbtui.dashboards.text:TextDashboard", _has_text),
)
"""In the order of the tabs."""
