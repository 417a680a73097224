"""A study: its configuration, the run, the folder it leaves, verification, and scoring new texts with it.

This is the only room that knows the order of the stages.
"""

from research.study._analysis import Analysis, analyse
from research.study._apply import apply_run
from research.study._config import Loaded, flatten, load_config, write_config
from research.study._experiment import Outcome, experiment_main
from research.study._folder import RunFolder
from research.study._manifest import file_hash, read_manifest
from research.study._models import Models, Paragraphs
from research.study._run import Run, check_study, load_study, run_study
from research.study._schema import PathValue, Section, json_schema, study_model
from research.study._verify import verify_run

__all__ = [
    "run_study",
    "load_study",
    "check_study",
    "apply_run",
    "verify_run",
    "Run",
    "Models",
    "Paragraphs",
    "Loaded",
    "load_config",
    "write_config",
    "flatten",
    "json_schema",
    "study_model",
    "Section",
    "PathValue",
    "RunFolder",
    "read_manifest",
    "file_hash",
    "Analysis",
    "analyse",
    "Outcome",
    "experiment_main",
]
