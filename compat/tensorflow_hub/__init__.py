"""An inert stand-in for tensorflow_hub: importable, with nothing behind (see compat/README.md)."""

from __future__ import annotations

from tensorflow._stand_in import (
    VERSION,
    TensorFlowAbsentError,
    install_finder,
    module_attribute,
)

__all__ = ["TensorFlowAbsentError"]
__version__ = VERSION
__getattr__ = module_attribute(__name__)

install_finder()
