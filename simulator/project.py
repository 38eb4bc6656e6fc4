"""A LEAN project on disk: algorithm file, `config.json` and its parameters."""

import importlib.util
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from simulator.errors import ProjectError


@dataclass(frozen=True)
class Project:
    """What to run.

    Attributes:
        algorithm_file: the Python file with the algorithm class.
        parameters: parameters of config.json, then those given on the command line (the latter win).
        name: shown in results.
    """

    algorithm_file: Path
    parameters: Mapping[str, str] = field(default_factory=dict)
    name: str = ""

    @property
    def folder(self) -> Path:
        """Folder of the algorithm, first on the import path."""
        return self.algorithm_file.parent

    @classmethod
    def open(cls, path: Path | str, overrides: Mapping[str, str] | None = None) -> "Project":
        """The project in a folder (its `main.py`) or of a Python file; config.json beside it is optional.

        Raises:
            ProjectError: nothing to run there, or config.json is unreadable.
        """
        path = Path(path)
        file = (path / "main.py" if path.is_dir() else path).resolve()
        if not file.is_file() or file.suffix != ".py":
            raise ProjectError(f"{path}: no algorithm here. Expected a folder with main.py, or a Python file.")
        parameters = {**_configured_parameters(file.parent / "config.json"), **(overrides or {})}
        return cls(file, parameters, file.parent.name if file.stem == "main" else file.stem)

    def load_algorithm_class(self, base: type) -> type:
        """Imports the algorithm file and finds its class as LEAN does: alphabetically, the last subclass of `base` defined in it.

        Raises:
            ProjectError: the file defines no such class.
        """
        module = self._import()
        classes = [value for _, value in sorted(vars(module).items()) if _is_algorithm(value, base, module)]
        if not classes:
            raise ProjectError(
                f"{self.algorithm_file}: no class derives from QCAlgorithm. Expected `class Name(QCAlgorithm)` in this file."
            )
        chosen: type = classes[-1]
        return chosen

    def _import(self) -> ModuleType:
        self._take_precedence()
        name = self.algorithm_file.stem
        spec = importlib.util.spec_from_file_location(name, self.algorithm_file)
        if spec is None or spec.loader is None:
            raise ProjectError(f"{self.algorithm_file}: Python cannot import this file.")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    def _take_precedence(self) -> None:
        """Puts the folder first on the import path and forgets modules of other projects that hide this one's."""
        folder = str(self.folder)
        if folder in sys.path:
            sys.path.remove(folder)
        sys.path.insert(0, folder)
        own = {path.stem if path.suffix == ".py" else path.name for path in self.folder.iterdir() if path.suffix == ".py" or path.is_dir()}
        for name, module in list(sys.modules.items()):
            top = name.split(".", maxsplit=1)[0]
            if top not in own or top == "simulator":
                continue  # a module that is imported when it is first looked at stays unread
            file = getattr(module, "__file__", None)
            if file and not Path(file).resolve().is_relative_to(self.folder):
                del sys.modules[name]


def _is_algorithm(value: Any, base: type, module: ModuleType) -> bool:
    is_class = issubclass(type(value), type)  # isinstance() would look into a module that waits to be imported
    return is_class and issubclass(value, base) and value is not base and value.__module__ == module.__name__


def _configured_parameters(config: Path) -> dict[str, str]:
    if not config.is_file():
        return {}
    try:
        content = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as problem:
        raise ProjectError(
            f"{config}: not readable as JSON ({problem}). Correct it, or delete it to run with the code's defaults."
        ) from problem
    parameters = content.get("parameters", {}) if isinstance(content, dict) else None
    if not isinstance(parameters, dict):
        raise ProjectError(f'{config}: expected an object with "parameters": {{name: value}}.')
    return {str(name): str(value) for name, value in parameters.items()}
