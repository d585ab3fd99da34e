"""A model card in Markdown (Mitchell et al. 2019): what a model is, for what, how good, and what not."""

from __future__ import annotations

from bcc.evaluation.intervals.metric_tables import OVERALL
from bcc.evaluation.reports.run_facts import Facts, facts_of, title_of
from bcc.runs import Run
from bcc.safe_text import in_markdown_file

_PURPOSE = """Learning and research about classifying images of single blood cells. **It is not a medical
device** and must not be used to decide anything about a patient. Each image should show one cell in the
middle, as large as in training; the model always answers with one of its {classes} classes, whatever it is
shown."""


def model_card(run: Run) -> str:
    """Write the card.

    Raises:
        UserError: the run has not been scored.
    """
    facts = facts_of(run)
    best, worst = facts.best_and_worst
    parts = [
        f"# Model card: {in_markdown_file(title_of(run))}",
        _table(["", ""], _about(facts)),
        "## What it is for",
        _PURPOSE.format(classes=len(facts.predictions.class_names)),
        "## Data",
        _table(["", ""], _data(facts)),
        f"## How good ({facts.predictions.split} images)",
        _table(["score", "value", "95 % interval"], _overall(facts)),
        in_markdown_file(f"Best: {best}. Worst: {worst}. {facts.verdict}".rstrip()),
        _table(["class", "images", "precision", "recall", "F1"], _classes(facts)),
        in_markdown_file("Most confused: " + ("; ".join(_pairs(facts)) or "nothing with anything") + "."),
        "## How sure",
        _confidence(facts),
        "## Caveats",
        "\n".join(f"- {in_markdown_file(one)}" for one in facts.caveats),
        "## Using it",
        "```python\nfrom bcc.models.saving import load_model\n\n"
        'model = load_model("model.keras")  # images float32 (N, side, side, 3), values 0..255\n```',
    ]
    return "\n\n".join(parts) + "\n"


def _confidence(facts: Facts) -> str:
    error = facts.calibration_tables.errors.iloc[0]
    ends = f"{error['low']:.3f} to {error['high']:.3f}"
    before = f"Expected calibration error {error['uncalibrated']:.3f} ({ends}) before calibration"
    better = f", {error['calibrated']:.3f} calibrated" if facts.calibration.fitted else ""
    return f"{before}{better}. {facts.calibration.sentence}"


def _about(facts: Facts) -> list[list[str]]:
    config = facts.config
    return [
        ["model", f"{config.get('model', '')}, images of {config.get('image_size', '?')} px"],
        ["starts from", facts.first_weights],
        ["trained", facts.trained or "unknown"],
        ["augmentation", str(config.get("recipe", ""))],
        ["classes", ", ".join(facts.predictions.class_names)],
    ]


def _data(facts: Facts) -> list[list[str]]:
    info = facts.dataset
    height, width = info["picture_size"]
    return [
        ["source", str(info["source"]) + (" (painted cells)" if facts.synthetic else "")],
        ["fingerprint", str(info["fingerprint"])],
        ["rows", f"{info['rows']:,} of {width} x {height} px"],
        ["preprocessing", str(info["preprocessing"])],
        ["scored on", f"{len(facts.predictions.rows):,} {facts.predictions.split} images"],
    ]


def _overall(facts: Facts) -> list[list[str]]:
    return [
        [OVERALL[line.measure][0], f"{line.value:.4f}", f"{line.low:.4f} to {line.high:.4f}"]
        for line in facts.predictions.measured.overall.itertuples()
    ]


def _classes(facts: Facts) -> list[list[str]]:
    return [
        [
            line["class"],
            f"{line['support']:,}",
            *(f"{line[name]:.3f}" for name in ("precision", "recall", "f1")),
        ]
        for _, line in facts.predictions.measured.wide().iterrows()
    ]


def _pairs(facts: Facts) -> list[str]:
    return [
        f"{pair.true} called {pair.predicted} ({pair.n}, {pair.share:.1%} of the class)"
        for pair in facts.predictions.confused_pairs.head(3).itertuples()
    ]


def _table(head: list[str], lines: list[list[str]]) -> str:
    def row(cells: list[str]) -> str:
        return "| " + " | ".join(map(in_markdown_file, cells)) + " |"

    return "\n".join([row(head), "|" + "---|" * len(head), *(row(line) for line in lines)])
