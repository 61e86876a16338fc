from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow
import thinc.compat

from tests.bot.conftest import ROOT

OURS = sorted(
    path for folder in ("actions", "components") for path in (ROOT / folder).rglob("*.py")
)
STOOD_IN_FOR = {"tensorflow", "tensorflow_hub", "tensorflow_text", "keras"}


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_of_ours_imports_tensorflow(path: Path) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert not imported & STOOD_IN_FOR


def test_a_stand_in_that_is_used_says_what_it_is() -> None:
    with pytest.raises(tensorflow.TensorFlowAbsentError, match=r"tensorflow\.keras\.Model .*DIET"):
        tensorflow.keras.Model()
    with pytest.raises(tensorflow.TensorFlowAbsentError, match=r"compat/README\.md"):
        tensorflow.constant([1.0, 2.0])


def test_diet_says_that_tensorflow_is_missing() -> None:
    from rasa.utils.tensorflow.models import RasaModel

    with pytest.raises(tensorflow.TensorFlowAbsentError, match="DIETClassifier"):
        RasaModel()


def test_what_rasa_does_while_it_is_imported_stays_silent() -> None:
    class Layer(tensorflow.keras.layers.Layer):
        @tensorflow.function
        def call(self) -> str:
            return "as written"

        @tensorflow.function(experimental_relax_shapes=True)
        def call_relaxed(self) -> str:
            return "as written"

    assert Layer.call(None) == Layer.call_relaxed(None) == "as written"
    assert not isinstance(3, tensorflow.Tensor)
    assert tensorflow.data.Dataset[int] is tensorflow.data.Dataset
    assert tensorflow.Tensor is tensorflow.Tensor


def test_thinc_sees_no_tensorflow() -> None:
    assert not thinc.compat.has_tensorflow


def test_an_import_prints_nothing() -> None:
    code = "import tensorflow, tensorflow_hub, tensorflow_text, keras.utils.tf_utils"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_our_pipeline_and_policies_run_without_touching_a_stand_in() -> None:
    """Any use of a stand-in raises; that training and answering work proves the rest.

    (test_server.py trains and runs a whole bot in this environment.)
    """
    code = (
        "import components.channel, components.tracker_store, components.intent_classifier,"
        " components.entity_linker, components.safety_gate\n"
        "from components.spacy_pipeline import build_model\n"
        "from components.sentence_model import SentenceModel\n"
        "assert build_model().model('what is Mayzent').ents\n"
        "assert SentenceModel().embed(['what is SPMS']).shape == (1, 384)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
