"""Build a recipe step by step, and show the training images that it produces."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from bcc.augment import (
    PRESETS,
    Recipe,
    Step,
    catalogue,
    delete_recipe,
    read_recipe,
    recipe_names,
    recipe_of_file,
    save_recipe,
)
from bcc.augment.previews import images_per_second
from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.trash import Discarded, take_back
from pages.parts.augment import sliders, training_images
from pages.parts.state import server_memory
from pages.parts.text import errors, formatting

STEPS, NAME = "recipe.steps", "recipe.name"
"""Keys of the session for the steps, each with a unique number, and for the name of their recipe."""

DELETED = "recipe.deleted"
"""Where it keeps the recipe that it deleted last."""

DRAFT = "recipe_draft"
"""Name under which unsaved steps are remembered, together with the name of their recipe."""

FILE, PROBLEM = "recipe.file", "recipe.problem"
"""Where it keeps a file to import, and why that did not work."""


@st.fragment
def show(dataset: Dataset) -> None:
    """Draw the editor; only this fragment reruns when a step changes."""
    _open()
    left, right = st.columns([6, 11], gap="medium")
    with left:
        _add()
        recipe = _steps()
        _keep(recipe)
        _save(recipe)
    with right:
        about = recipe.about or "Your own recipe."
        st.caption(
            f"{formatting.plain(about)} Forty training images with their labels, exactly as the model "
            f"sees them: each step is applied to an image with its probability."
        )
        training_images.show(dataset, recipe)
        _cost(dataset, recipe)


def _open() -> None:
    """Choose a recipe to start from."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = recipe_names()
        name = st.selectbox(
            "Recipe",
            names,
            index=names.index("gentle"),
            key="recipe.open",
            bind="query-params",
            persist_state="session",
            width=260,
            help="A recipe that ships with BCC or one of your own. Train offers the same list.",
        )
        own = name not in PRESETS
        st.button(
            "Delete",
            icon=":material/delete:",
            key="recipe.delete",
            disabled=not own,
            on_click=_delete,
            args=(name,),
            help="Move this recipe to the trash. Runs keep their own copy.",
        )
        _receive()
    _undo()
    if st.session_state.get(NAME) != name:
        draft = server_memory.read(DRAFT)
        with errors.shown():
            _take(draft[1] if draft and draft[0] == name else read_recipe(name), name)


def _delete(name: str) -> None:
    try:
        st.session_state[DELETED] = delete_recipe(name)
    except UserError as error:
        st.session_state[PROBLEM] = str(error)
        return
    st.session_state.pop("recipe.open", None)
    st.session_state.pop(NAME, None)


def _undo() -> None:
    """Offer to restore the recipe that was deleted last."""
    one = st.session_state.get(DELETED)
    if one is None or not one.path.exists():
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/delete: **{formatting.plain(one.path.stem)}** is in the trash.", width="content"
        )
        st.button(
            "Undo", icon=":material/undo:", key="recipe.undo", on_click=_take_back, args=(one,),
            help="Restore the recipe.",
        )  # fmt: skip


def _take_back(one: Discarded) -> None:
    try:
        st.session_state["recipe.open"] = take_back(one).stem
    except UserError as error:
        st.session_state[PROBLEM] = str(error)


def _receive() -> None:
    """Import a recipe from a file; it joins the person's own recipes."""
    with st.popover("Import", icon=":material/upload:", help="Import a recipe from a file."):
        file = st.file_uploader(
            "A recipe's .json file",
            type=["json"],
            max_upload_size=1,
            key=FILE,
            help="As made by the JSON button below. It is saved under the file's name and offered on Train.",
        )
        st.button(
            "Import it",
            icon=":material/upload:",
            key="recipe.import",
            disabled=file is None,
            on_click=_take_file,
            help="Saves it among your own recipes and opens it here.",
        )
    problem = st.session_state.pop(PROBLEM, "")
    if problem:
        st.error(formatting.plain(problem), icon=":material/error:")


def _take_file() -> None:
    file = st.session_state[FILE]
    name = "".join(letter if letter.isalnum() or letter in " -_" else " " for letter in Path(file.name).stem)
    name = _free_name(name.strip(" -")[:50] or "imported")
    try:
        save_recipe(recipe_of_file(file.getvalue(), file.name), name)
    except UserError as error:
        st.session_state[PROBLEM] = str(error)
        return
    st.session_state["recipe.open"] = name
    st.session_state.pop(NAME, None)


def _free_name(wanted: str) -> str:
    """Return the wanted name, or one like it that no recipe has yet."""
    number, name = 2, wanted
    while name in recipe_names():
        name, number = f"{wanted} {number}", number + 1
    return name


def _take(recipe: Recipe, name: str) -> None:
    st.session_state[NAME] = name
    st.session_state["recipe.about"] = recipe.about
    st.session_state[STEPS] = [(_number(), step) for step in recipe.steps]


def _keep(recipe: Recipe) -> None:
    """Remember unsaved changes, so that a reload does not lose them."""
    name = st.session_state[NAME]
    draft = server_memory.read(DRAFT)
    with errors.shown(stop=False):
        if recipe.steps == read_recipe(name).steps:
            if draft is not None:
                server_memory.forget(DRAFT)
        elif draft != (name, recipe):
            server_memory.write(DRAFT, (name, recipe))


def _number() -> int:
    """Return a number that no step of this session has had, so that widgets move with their step."""
    st.session_state["recipe.count"] = st.session_state.get("recipe.count", 0) + 1
    result: int = st.session_state["recipe.count"]
    return result


def _add() -> None:
    kinds = catalogue()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Another step",
            list(kinds),
            format_func=lambda one: f"{kinds[one].topic} · {kinds[one].title.lower()}",
            key="recipe.kind",
            width=260,
            help="The augmentation to add at the end.",
        )
        st.button(
            "Add",
            icon=":material/add:",
            key="recipe.add",
            on_click=lambda: st.session_state[STEPS].append(
                (_number(), Step(augmentation=kinds[name](), probability=0.5))
            ),
            help="Add it with probability 0.5.",
        )


def _steps() -> Recipe:
    """Draw the steps in order."""
    steps = st.session_state[STEPS]
    if not steps:
        st.info("No steps: images are not changed. Add one above.", icon=":material/info:")
    made = []
    for place, (number, step) in enumerate(steps):
        with st.container(border=True, gap="xxsmall"):
            made.append((number, _step(place, number, step, len(steps))))
    st.session_state[STEPS] = made
    return Recipe(about=st.session_state.get("recipe.about", ""), steps=tuple(step for _, step in made))


def _step(place: int, number: int, step: Step, count: int) -> Step:
    kind = type(step.augmentation)
    key = f"recipe.step.{number}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        enabled = st.checkbox(
            f"{place + 1}. {kind.title}", step.enabled, key=f"{key}.on", help=f"{kind.about} {kind.hurts}"
        )
        with st.container(horizontal=True, gap="xxsmall", width="content"):
            for icon, what, where, off in (
                ("arrow_upward", "Earlier", place - 1, place == 0),
                ("arrow_downward", "Later", place + 1, place == count - 1),
                ("close", "Remove", None, False),
            ):
                st.button(
                    "",
                    icon=f":material/{icon}:",
                    key=f"{key}.{icon}",
                    type="tertiary",
                    disabled=off,
                    on_click=_move,
                    args=(place, where),
                    help=what,
                )
    probability = st.slider(
        "Probability",
        0.0,
        1.0,
        float(step.probability),
        0.05,
        key=f"{key}.probability",
        help="Probability that this step is applied to an image.",
    )
    with st.expander("Values", icon=":material/tune:"):
        augmentation = sliders.sliders(kind, f"{key}.value", step.augmentation)
    return Step(augmentation=augmentation, probability=probability, enabled=enabled)


def _move(place: int, where: int | None) -> None:
    """Move a step to another position, or remove it."""
    steps = st.session_state[STEPS]
    one = steps.pop(place)
    if where is not None:
        steps.insert(where, one)


def _save(recipe: Recipe) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name",
            key="recipe.save_as",
            placeholder="my recipe",
            width=200,
            help="The name to save it under; Train offers it from then on.",
        )
        if st.button(
            "Save", icon=":material/save:", key="recipe.save", disabled=not name, help="Save this recipe."
        ):
            with errors.shown(stop=False):
                save_recipe(recipe.model_copy(update={"about": ""}), name)
                st.toast(f"Saved as '{formatting.plain(name)}': choose it in Train.", icon=":material/check:")
        st.download_button(
            "JSON",
            lambda: recipe.model_dump_json(indent=2),
            "recipe.json",
            "application/json",
            key="recipe.download",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            help="The recipe as a file, for the command line (--set recipe=FILE) or for a colleague.",
        )


def _cost(dataset: Dataset, recipe: Recipe) -> None:
    height, width = dataset.image_shape
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Measure the cost",
            icon=":material/speed:",
            key="recipe.measure",
            help="Run the recipe as the training pipeline does, on images of this size.",
        ):
            with st.spinner("Measuring"):
                speed = images_per_second(recipe, (height, width))
            st.markdown(
                f"**{speed:,.0f} images a second** at {width} × {height} px on this machine; it runs in "
                f"parallel with the training step, which has to wait only if it is faster than this."
            )
