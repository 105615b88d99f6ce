"""TensorBoard in the terminal; as a library, everything in a TensorBoard log directory as NumPy arrays."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "open_logdir"]

if TYPE_CHECKING:
    from tbtui.store.opening import open_logdir


def __getattr__(name: str) -> Any:
    """`open_logdir` on first use: `tbtui --version` need not load NumPy."""
    if name == "open_logdir":
        from tbtui.store.opening import open_logdir

        return open_logdir
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
