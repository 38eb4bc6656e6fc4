import sys

import pytest

from simulator.errors import ProjectError
from simulator.project import Project


class Base:
    pass


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "main.py").write_text(
        "from basis import Base\nfrom helpers import NAME\nclass B(Base): name = NAME\nclass A(Base): pass\n", encoding="utf-8"
    )
    (tmp_path / "helpers.py").write_text("NAME = 'first'\n", encoding="utf-8")
    (tmp_path / "basis.py").write_text("class Base: pass\n", encoding="utf-8")
    (tmp_path / "config.json").write_text('{"parameters": {"a": "1", "b": 2}}', encoding="utf-8")
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before
    for name in ("main", "helpers", "basis"):
        sys.modules.pop(name, None)


def test_command_line_wins_over_config(folder):
    assert dict(Project.open(folder, {"b": "3"}).parameters) == {"a": "1", "b": "3"}


def test_last_class_of_the_file_in_alphabetical_order_is_taken(folder):
    project = Project.open(folder)
    sys.path.insert(0, str(folder))
    from basis import Base as Root  # noqa: PLC0415 - exists only in the fixture's folder

    found = project.load_algorithm_class(Root)
    assert (found.__name__, found.name) == ("B", "first")


def test_modules_of_another_project_do_not_hide_this_ones(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "helpers.py").write_text("NAME = 'second'\n", encoding="utf-8")
    (other / "alone.py").write_text("import helpers\nclass Alone(object): name = helpers.NAME\n", encoding="utf-8")
    sys.path.insert(0, str(folder))
    import helpers  # noqa: PLC0415 - the first project's module is loaded before the second's

    assert helpers.NAME == "first"
    assert Project.open(other / "alone.py").load_algorithm_class(object).name == "second"
    sys.modules.pop("alone")


def test_a_file_without_algorithm_is_named(folder):
    with pytest.raises(ProjectError, match=r"main\.py: no class derives from QCAlgorithm"):
        Project.open(folder).load_algorithm_class(Base)


@pytest.mark.parametrize(
    ("content", "problem"), [("{", "not readable as JSON"), ('{"parameters": []}', "expected an object"), ("[]", "expected an object")]
)
def test_broken_config_is_named(folder, content, problem):
    (folder / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(ProjectError, match=problem):
        Project.open(folder)


def test_folder_without_main(tmp_path):
    with pytest.raises(ProjectError, match=r"Expected a folder with main\.py"):
        Project.open(tmp_path)
