"""ConvNeXt atto in PyTorch, weight for weight the network of `bcc.models` (see `convert.py`)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

DEPTHS = (2, 2, 6, 2)
DIMS = (40, 80, 160, 320)


class Block(nn.Module):
    """Depthwise 7 x 7, layer norm, two dense layers, learned scale, sum; skipped now and then in training."""

    def __init__(self, dim: int, drop: float) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(dim, dim, 7, padding=3, groups=dim)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.expand = nn.Linear(dim, 4 * dim)
        self.shrink = nn.Linear(4 * dim, dim)
        self.scale = nn.Parameter(torch.full((dim,), 0.1))
        self.drop = drop

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.depthwise(x).permute(0, 2, 3, 1)
        y = self.shrink(F.gelu(self.expand(self.norm(y))))
        y = (self.scale * y).permute(0, 3, 1, 2)
        if self.training and self.drop:
            kept = torch.rand(len(x), 1, 1, 1, device=x.device) >= self.drop
            y = y * (kept.to(y.dtype) / (1 - self.drop))
        return x + y


class ChannelNorm(nn.Module):
    """Layer norm over the channels of (batch, channels, height, width)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim, eps=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Atto(nn.Module):
    """From float images (B, 3, 96, 96), values 0..255, to logits (B, classes)."""

    def __init__(self, classes: int = 8, drop_path: float = 0.0) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before, block = 3, 0
        for stage, (depth, dim) in enumerate(zip(DEPTHS, DIMS, strict=True)):
            if stage == 0:
                layers += [nn.Conv2d(3, dim, 4, stride=4), ChannelNorm(dim)]
            else:
                layers += [ChannelNorm(before), nn.Conv2d(before, dim, 2, stride=2)]
            for _ in range(depth):
                layers.append(Block(dim, drop_path * block / (sum(DEPTHS) - 1)))
                block += 1
            before = dim
        self.body = nn.Sequential(*layers)
        self.norm = nn.LayerNorm(before, eps=1e-6)
        self.logits = nn.Linear(before, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1) * 255)
        self.register_buffer("deviation", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1) * 255)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = ((x - self.mean) / self.deviation).to(memory_format=torch.channels_last)
        return self.logits(self.norm(self.body(x).mean((2, 3))))
