from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bcc.datasets import Preprocessing
from bcc.errors import UserError
from bcc.training import TrainConfig, assemble, preset_names, read_config, read_preset


def written(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_settings_are_laid_over_the_defaults() -> None:
    config = assemble(settings=["model=atto", "weights=none", "epochs=3"])
    assert config == TrainConfig(model="atto", weights="none", epochs=3)


def test_later_ones_win(tmp_path: Path) -> None:
    preset = read_preset("quick")["config"]
    file = written(tmp_path / "c.json", {"epochs": 5, "data": {"validation": 0.2, "train": 0.7}})
    config = assemble("quick", file, ["epochs=7", "data.test=0.2", "data.train=0.6"], {"source": "other.npz"})
    assert config.all.learning_rate == preset["all"]["learning_rate"] != TrainConfig().all.learning_rate
    assert config.epochs == 7
    assert config.data.source == "other.npz"
    assert (config.data.train, config.data.validation, config.data.test) == (0.6, 0.2, 0.2)


def test_what_is_not_said_about_the_data_changes_nothing() -> None:
    config = assemble("quick", data={"source": None, "classes": None})
    assert config.data.source == read_preset("quick")["config"]["data"]["source"]


@pytest.mark.parametrize(
    ("setting", "field", "value"),
    [
        ("accumulate=3", "accumulate", 3),
        ("class_weights=true", "class_weights", True),
        ("weights=runs/first", "weights", "runs/first"),
        ("recipe=flips", "recipe", "flips"),
        (" epochs =4", "epochs", 4),
        ("weights=null", "weights", "none"),
        ("weights=a=b.keras", "weights", "a=b.keras"),
        ("hidden_layers=1024,512", "hidden_layers", (1024, 512)),
        ("hidden_layers=[64]", "hidden_layers", (64,)),
        ("hidden_layers=64", "hidden_layers", (64,)),
    ],
)
def test_values_are_read_as_json_where_they_can_be(setting: str, field: str, value: object) -> None:
    assert getattr(assemble(settings=[setting]), field) == value


def test_sections_are_reached_with_dots() -> None:
    config = assemble(settings=["data.preprocessing.kind=resize", "data.preprocessing.size=64"])
    assert config.data.preprocessing == Preprocessing(kind="resize", size=64)


SENTENCES = [
    ("epoch=3", r"^The training config has no field 'epoch'; it knows .*\bepochs\b"),
    ("data.sourc=x", r"^The training config has no field 'data.sourc'; it knows .*\bdata.source\b"),
    ("data.preprocessing.kid=resize", r"no field 'data.preprocessing.kid'; it knows .*\.kind\b"),
    ("epochs=0", r"^All phases have 0 epochs: give head, fine_tune or all at least one\.$"),
    ("epochs=-1", r"^In the training config, 'all.epochs' should be greater than or equal to 0, not -1\.$"),
    ("epochs=3.5", r"'all.epochs' should be a valid integer.*not 3.5"),
    ("epochs=many", r"'all.epochs' should be a valid integer.*not 'many'"),
    ("epochs=2000", r"'all.epochs' should be less than or equal to 1000, not 2000"),
    ("learning_rate=0", r"'all.learning_rate' should be greater than 0, not 0"),
    ("learning_rate=NaN", r"'all.learning_rate' should be a finite number, not nan"),
    ("learning_rate=Infinity", r"'all.learning_rate' should be a finite number"),
    ("average_weights=1", r"'average_weights' should be less than 1, not 1"),
    ("recipe=wild", r"^There is no recipe 'wild': choose one of none, flips, gentle"),
    ("model=huge", r"'model' should be 'atto', 'femto'.*not 'huge'"),
    ('model=["atto"]', r"'model' should be 'atto', 'femto'.*not \['atto'\]"),
    (
        "weights=imagenet",
        r"^There are no ImageNet weights for 'atto': choose weights 'none', or a model from",
    ),
    ("data.train=0.5", r"^The shares train, validation and test must add up to 1, not 0.7\.$"),
    ("data.test=-0.1", r"'data.test' should be greater than or equal to 0, not -0.1"),
    ("data=images.npz", r"'data' should be a valid dictionary.*not 'images.npz'"),
    ("epochs", r"^'--set epochs' must look like field=value, for instance --set epochs=3\.$"),
    ("=3", r"^'--set =3' must look like field=value"),
]


@pytest.mark.parametrize(("setting", "sentence"), SENTENCES, ids=[setting for setting, _ in SENTENCES])
def test_bad_settings_are_one_sentence(setting: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        assemble(settings=[setting])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("shares", ["1.0,0.0,0.0", "0.0,0.5,0.5"])
def test_training_needs_both_sides(shares: str) -> None:
    train, validation, test = shares.split(",")
    settings = [f"data.train={train}", f"data.validation={validation}", f"data.test={test}"]
    with pytest.raises(UserError, match=r"^Training needs a train and a validation share above 0"):
        assemble(settings=settings)


def test_the_first_of_several_problems_is_told_and_the_others_counted() -> None:
    with pytest.raises(UserError, match=r"\(1 more field to mend\.\)$"):
        assemble(settings=["epochs=-1", "batch_size=0"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "The config file 'Mine.json' is not JSON"),
        ("", "The config file 'Mine.json' is not JSON"),
        ("\x00\x01", "The config file 'Mine.json' is not JSON"),
        ("[1]", "The config file 'Mine.json' must hold one JSON object with fields of the config"),
        ('"epochs"', "The config file 'Mine.json' must hold one JSON object"),
    ],
)
def test_bad_files_are_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    file = written(tmp_path / "Mine.json", content)
    for read in (lambda: assemble(file=file), lambda: read_config(file)):
        with pytest.raises(UserError, match=sentence):
            read()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no config file '.*gone.json'"):
        assemble(file=tmp_path / "gone.json")
    with pytest.raises(UserError, match="is not JSON"):
        assemble(file=tmp_path)


def test_an_old_config_names_its_file(tmp_path: Path) -> None:
    file = written(tmp_path / "Config.json", {"momentum": 0.9})
    with pytest.raises(UserError, match=r"^The config Config.json has no field 'momentum'"):
        read_config(file)


def test_unknown_presets_list_those_that_there_are() -> None:
    with pytest.raises(
        UserError, match=r"^There is no preset 'slow': choose one of .*quick, real-cells, robust\.$"
    ):
        assemble("slow")


@pytest.mark.parametrize("name", preset_names())
def test_presets_are_whole_configs(name: str) -> None:
    assert assemble(name).model == read_preset(name)["config"]["model"]
    assert len(read_preset(name)["about"]) > 20


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "model": st.sampled_from(["atto", "nano", "tiny", "xlarge"]),
            "epochs": st.integers(1, 1000),
            "learning_rate": st.floats(1e-9, 1.0),
            "label_smoothing": st.floats(0, 0.9),
            "seed": st.integers(0, 2**31 - 1),
            "class_weights": st.booleans(),
            "data": st.builds(
                lambda validation: {"train": 1 - validation, "validation": validation, "test": 0.0},
                st.sampled_from([0.1, 0.25, 0.5]),
            ),
        },
    )
)
def test_a_config_survives_json(values: dict) -> None:
    config = TrainConfig(**values)
    assert TrainConfig(**json.loads(json.dumps(config.model_dump(mode="json")))) == config
