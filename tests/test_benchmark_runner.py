from benchmarks.__main__ import areas, main


def test_areas_are_found_by_their_files():
    assert {"analysis", "greeks_accuracy"} <= set(areas())
    assert not [name for name in areas() if name.startswith("_")]


def test_an_unknown_area_is_refused_with_the_list(capsys):
    assert main(["nonsense"]) == 2
    assert "no benchmark area nonsense; there are: analysis" in capsys.readouterr().err
