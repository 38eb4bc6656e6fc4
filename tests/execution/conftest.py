"""The execution package imports LEAN's names: the offline engine provides them before any test module is read."""

import simulator.algorithm_imports

simulator.algorithm_imports.install()
