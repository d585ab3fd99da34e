"""A plain ConvNeXt in PyTorch, as the paper describes it: the peer for speed (needs torch==2.13.0)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from bcc.models import Architecture


class Block(nn.Module):
    """Depthwise 7 x 7, layer norm, two dense layers, learned scale, sum."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(dim, dim, 7, padding=3, groups=dim)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.expand = nn.Linear(dim, 4 * dim)
        self.shrink = nn.Linear(4 * dim, dim)
        self.scale = nn.Parameter(torch.full((dim,), 1e-6))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.depthwise(x).permute(0, 2, 3, 1)
        y = self.shrink(nn.functional.gelu(self.expand(self.norm(y))))
        return x + (self.scale * y).permute(0, 3, 1, 2)


class ChannelNorm(nn.Module):
    """Layer norm over the channels of (batch, channels, height, width)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim, eps=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def build(architecture: Architecture, classes: int) -> nn.Sequential:
    """Backbone, pooling and head; memory in channels-last order, which is the faster one on a CPU."""
    layers: list[nn.Module] = []
    before = 3
    for stage, (depth, dim) in enumerate(zip(architecture.depths, architecture.dims, strict=True)):
        if stage == 0:
            layers += [nn.Conv2d(before, dim, 4, stride=4), ChannelNorm(dim)]
        else:
            layers += [ChannelNorm(before), nn.Conv2d(before, dim, 2, stride=2)]
        layers += [Block(dim) for _ in range(depth)]
        before = dim
    layers += [
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.LayerNorm(before, eps=1e-6),
        nn.Linear(before, classes),
    ]
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def torch_calls(
    architecture: Architecture, side: int, batch: int, classes: int
) -> dict[str, Callable[[], object]]:
    """Forward, training step, and training step with everything but the head frozen."""
    torch.manual_seed(0)
    images = torch.rand(batch, 3, side, side).to(memory_format=torch.channels_last)
    labels = torch.randint(0, classes, (batch,))
    whole, frozen = build(architecture, classes), build(architecture, classes)
    for layer in frozen[:-2]:
        layer.requires_grad_(False)

    def forward() -> object:
        with torch.inference_mode():
            return whole.eval()(images)

    def train_step(model: nn.Sequential) -> Callable[[], object]:
        optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)

        def step() -> object:
            model.train()
            optimizer.zero_grad(set_to_none=True)
            loss = nn.functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            return loss.item()

        return step

    return {"forward": forward, "train step": train_step(whole), "frozen backbone": train_step(frozen)}
