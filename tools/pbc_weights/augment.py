"""Distortions of a whole batch on one device; every image draws its own values.

Written for a GPU: each operation is computed once, on the images of the batch that drew it, and all draws
are made on the host, so that nothing waits for the device. Images are float32 (B, 3, H, W), values 0..255.
It covers what laboratories differ in (dyes, white balance, background, exposure, scale, resolution, focus)
and the operations of RandAugment; seeds are other ones than those of the suites that score
(`bcc.evaluation`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

DYES = ((0.728, 0.592, 0.345), (0.370, 0.924, 0.097))
GLASS = (253.3, 227.5, 200.7)


class Augment:
    """Draws and applies distortions.

    Args:
        device: where the images are.
        seed: of all draws on the host.
    """

    def __init__(self, device: torch.device, seed: int) -> None:
        self.device = device
        self.rng = np.random.default_rng(seed)

    def t(self, values: object) -> torch.Tensor:
        return torch.as_tensor(np.asarray(values), dtype=torch.float32).to(self.device, non_blocking=True)

    def idx(self, mask: np.ndarray) -> torch.Tensor:
        return torch.as_tensor(np.flatnonzero(mask)).to(self.device, non_blocking=True)

    def __call__(self, x: torch.Tensor, s: float) -> torch.Tensor:
        """Distort uint8 (B, 3, H, W) at a strength (1 is the full range) to float32 of the same shape."""
        r, n = self.rng, len(x)
        x = x.float()
        # Some are only turned and mirrored, so that plain images stay familiar.
        light = r.random(n) < 0.12
        x = self.geometry(x, s, light)
        on = ~light
        x = self.some(x, on & (r.random(n) < 0.55 * s), lambda p: self.stain(p, s))
        x = self.some(x, on & (r.random(n) < 0.5), lambda p: self.balance(p, s))
        x = self.some(x, on & (r.random(n) < 0.2), self.resolution)
        # Then a chain of up to three operations, in an order of its own for each image.
        ops = [
            self.brightness,
            self.contrast,
            self.colour,
            self.sharpness,
            self.solarise,
            self.posterise,
            self.equalise,
            self.autocontrast,
            self.blur,
            self.noise,
            self.cutout,
            self.permute,
            self.shift,
            self.blur,
            self.noise,
            self.cutout,
            self.colour,
            self.hue,
        ]
        count = r.choice(4, n, p=[0.25, 0.3, 0.27, 0.18])
        for slot in range(3):
            which = np.where(on & (count > slot), r.integers(0, len(ops), n), -1)
            for place, op in enumerate(ops):
                x = self.some(x, which == place, partial(op, s=s))
            x = x.clamp(0, 255)
        return x

    def some(
        self, x: torch.Tensor, mask: np.ndarray, change: Callable[[torch.Tensor], torch.Tensor]
    ) -> torch.Tensor:
        """Change the chosen images only."""
        if not mask.any():
            return x
        rows = self.idx(mask)
        x = x.clone() if not x.is_contiguous() else x
        x.index_copy_(0, rows, change(x.index_select(0, rows)).clamp(0, 255))
        return x

    def geometry(self, x: torch.Tensor, s: float, light: np.ndarray) -> torch.Tensor:
        """Turn, mirror, scale, stretch, shear, move, bend; beyond the border is a mirror image or a fill."""
        r, n, height = self.rng, len(x), x.shape[-1]
        quarter = r.integers(0, 4, n) * (math.pi / 2)
        mirror = np.where(r.random(n) < 0.5, -1.0, 1.0)
        on = ~light
        angle = quarter + np.where(on & (r.random(n) < 0.6), r.uniform(-math.pi / 4, math.pi / 4, n), 0)
        hi = math.log(1.75) * min(s, 1.2)
        scale = np.exp(np.where(on & (r.random(n) < 0.65), r.uniform(-hi, hi, n), 0))
        aspect = np.exp(np.where(on & (r.random(n) < 0.3), r.uniform(-0.2, 0.2, n) * s, 0))
        shear = np.where(on & (r.random(n) < 0.3), r.uniform(-0.5, 0.5, n) * min(s, 1.1), 0)
        moved = on & (r.random(n) < 0.5)
        length = (
            np.where(moved, np.where(r.random(n) < 0.6, r.uniform(0, 0.15, n), r.uniform(0.1, 0.34, n)), 0)
            * 2
        )
        way = r.uniform(0, 2 * math.pi, n)
        tx, ty = length * np.cos(way), length * np.sin(way)
        c, sn = np.cos(angle), np.sin(angle)
        # From a place in the result to one in the image, both in -1..1.
        a, b = c * mirror / scale * aspect, -sn / scale
        d, e = sn * mirror / scale * aspect, c / scale / aspect
        b, e = b + a * shear, e + d * shear
        theta = self.t(np.stack([np.stack([a, b, tx], -1), np.stack([d, e, ty], -1)], 1))
        grid = F.affine_grid(theta, list(x.shape), align_corners=False)
        bent = on & (r.random(n) < 0.2)
        if bent.any():
            rows = self.idx(bent)
            k = int(r.integers(3, 8))
            field = torch.randn(len(rows), 2, k, k, device=self.device) * (0.035 * s)
            field = F.interpolate(field, size=(height, height), mode="bicubic", align_corners=True).permute(
                0, 2, 3, 1
            )
            grid.index_add_(0, rows, field)
        out = F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
        filled = r.random(n) < 0.6
        if filled.any():
            rows = self.idx(filled)
            m = len(rows)
            kind = r.random(m)
            mean = x.index_select(0, rows).mean((2, 3))
            grey = self.t(r.uniform(0, 255, (m, 1)).repeat(3, 1))
            tint = self.t(r.uniform(0, 255, (m, 3)))
            glass = self.t(np.tile(GLASS, (m, 1)))
            kind = self.t(kind)[:, None]
            plain = torch.where(kind < 0.7, grey, torch.where(kind < 0.8, tint, glass))
            fill = torch.where(kind < 0.35, mean, plain)
            part_grid = grid.index_select(0, rows)
            inside = (part_grid.abs() <= 1).all(-1)[:, None]
            part = torch.where(inside, out.index_select(0, rows), fill[:, :, None, None])
            out.index_copy_(0, rows, part)
        return out

    def stain(self, p: torch.Tensor, s: float) -> torch.Tensor:
        """Other colours and amounts of both dyes, as from another laboratory."""
        r, n = self.rng, len(p)
        old = np.array(DYES)
        old = old / np.linalg.norm(old, axis=1, keepdims=True)
        inverse = np.linalg.pinv(old)  # (3,2)
        new = old[None] + r.normal(0, 0.09 * s, (n, 2, 3))
        new = np.clip(new, 0.02, None)
        new /= np.linalg.norm(new, axis=2, keepdims=True)
        turned = r.random(n) < 0.7
        new = np.where(turned[:, None, None], new, old[None])
        amounts = np.exp(r.uniform(-0.6, 0.5, (n, 2)) * s)
        glass = self.t(np.array(GLASS) + 1)[None, :, None, None]
        density = torch.log(glass / (p + 1))
        flat = density.flatten(2)  # n,3,HW
        found = (self.t(inverse.T)[None] @ flat.clamp_min(0)).clamp_min(0)  # n,2,HW
        delta = (
            self.t(np.transpose(new * amounts[:, :, None], (0, 2, 1))) @ found - self.t(old.T)[None] @ found
        )
        return glass * torch.exp(-(density + delta.view_as(p))) - 1

    def balance(self, p: torch.Tensor, s: float) -> torch.Tensor:
        """Another white balance, light and gamma."""
        r, n = self.rng, len(p)
        gains = np.exp(r.normal(0, 0.11 * s, (n, 3)) * (r.random((n, 1)) < 0.8))
        light = np.exp(r.uniform(-0.3, 0.25, (n, 1)) * s * (r.random((n, 1)) < 0.6))
        gamma = np.exp(r.uniform(-0.45, 0.45, n) * s * (r.random(n) < 0.5))
        y = (p * self.t(gains * light)[:, :, None, None]).clamp(0, 255) / 255
        return 255 * y.clamp_min(1e-6) ** self.t(gamma)[:, None, None, None]

    def resolution(self, p: torch.Tensor) -> torch.Tensor:
        """Down to a few pixels and up again."""
        r, n, height = self.rng, len(p), p.shape[-1]
        which = r.integers(0, 4, n)
        for place, side in enumerate((28, 40, 48, 64)):
            rows = self.idx(which == place)
            if len(rows) == 0:
                continue
            small = F.interpolate(p.index_select(0, rows), size=(side, side), mode="area")
            mode = "bicubic" if r.random() < 0.6 else "bilinear"
            p.index_copy_(
                0, rows, F.interpolate(small, size=(height, height), mode=mode, align_corners=False)
            )
        return p

    def sgn(self, n: int) -> np.ndarray:
        return np.where(self.rng.random(n) < 0.5, -1.0, 1.0)

    def m(self, n: int, s: float) -> np.ndarray:
        return self.rng.uniform(0.1, 1.0, n) * s

    def c(self, values: np.ndarray) -> torch.Tensor:
        return self.t(values)[:, None, None, None]

    def brightness(self, p: torch.Tensor, s: float) -> torch.Tensor:
        return p + self.c(110 * self.m(len(p), s) * self.sgn(len(p)))

    def grey(self, p: torch.Tensor) -> torch.Tensor:
        return (p * self.t([0.299, 0.587, 0.114])[None, :, None, None]).sum(1, keepdim=True)

    def contrast(self, p: torch.Tensor, s: float) -> torch.Tensor:
        n = len(p)
        middle = self.grey(p).mean((2, 3), keepdim=True)
        return middle + (p - middle) * self.c(1 + 0.8 * np.minimum(self.m(n, s), 1.1) * self.sgn(n))

    def colour(self, p: torch.Tensor, s: float) -> torch.Tensor:
        n = len(p)
        to = np.where(self.rng.random(n) < 0.75, np.minimum(self.m(n, s), 1), -self.m(n, s))
        return p + self.c(to) * (self.grey(p) - p)

    def kernel(self, sigma: np.ndarray, radius: int) -> torch.Tensor:
        at = torch.arange(-radius, radius + 1, device=self.device, dtype=torch.float32)
        k = torch.exp(-0.5 * (at[None] / self.t(sigma)[:, None]) ** 2)
        return k / k.sum(1, keepdim=True)

    def gauss(self, p: torch.Tensor, sigma: np.ndarray) -> torch.Tensor:
        """Blur, each image by its own sigma, as products with banded matrices."""
        n, channels, height, width = p.shape
        radius = 8
        k = self.kernel(np.maximum(sigma, 0.05), radius).repeat_interleave(channels, 0)
        y = F.pad(p, (radius,) * 4, mode="reflect")
        at = (
            torch.arange(height, device=self.device)[:, None]
            + torch.arange(2 * radius + 1, device=self.device)[None]
        )
        band = torch.zeros(n * channels, height, height + 2 * radius, device=self.device)
        band.scatter_(
            2, at[None].expand(n * channels, -1, -1), k[:, None, :].expand(-1, height, -1).contiguous()
        )
        y = y.reshape(n * channels, height + 2 * radius, width + 2 * radius)
        y = band @ y @ band.transpose(1, 2)
        return y.view(n, channels, height, width)

    def sharpness(self, p: torch.Tensor, s: float) -> torch.Tensor:
        n = len(p)
        soft = self.gauss(p, np.full(n, 1.0))
        more = np.where(self.rng.random(n) < 0.5, 4 * self.m(n, s), -np.minimum(self.m(n, s), 1))
        return p + self.c(more) * (p - soft)

    def solarise(self, p: torch.Tensor, s: float) -> torch.Tensor:
        return torch.where(p >= self.c(256 - 128 * self.m(len(p), s)), 255 - p, p)

    def posterise(self, p: torch.Tensor, s: float) -> torch.Tensor:
        step = self.c(2.0 ** np.round(6 * np.minimum(self.m(len(p), s), 1)))
        return torch.floor(p / step) * step

    def equalise(self, p: torch.Tensor, s: float) -> torch.Tensor:
        n, channels, height, width = p.shape
        v = p.round().clamp(0, 255).long().view(n * channels, height * width)
        offset = torch.arange(n * channels, device=self.device)[:, None] * 256
        counts = (
            torch.bincount((v + offset).flatten(), minlength=n * channels * 256)
            .view(n * channels, 256)
            .float()
        )
        upto = counts.cumsum(1)
        first = (counts > 0).float().argmax(1, keepdim=True)
        low = upto.gather(1, first)
        table = ((upto - low) / (height * width - low).clamp_min(1) * 255).clamp(0, 255)
        even = table.gather(1, v).view_as(p)
        return p + self.c(np.minimum(self.m(n, s), 1)) * (even - p)

    def autocontrast(self, p: torch.Tensor, s: float) -> torch.Tensor:
        low, high = p.amin((2, 3), keepdim=True), p.amax((2, 3), keepdim=True)
        stretched = (p - low) * (255 / (high - low).clamp_min(1))
        return p + self.c(np.minimum(self.m(len(p), s), 1)) * (stretched - p)

    def blur(self, p: torch.Tensor, s: float) -> torch.Tensor:
        return self.gauss(p, 3 * self.m(len(p), min(s, 1.1)))

    def noise(self, p: torch.Tensor, s: float) -> torch.Tensor:
        n = len(p)
        grain = torch.randn_like(p)
        grey = self.t((self.rng.random(n) < 0.3).astype(float))[:, None, None, None]
        grain = grain * (1 - grey) + grain[:, :1] * grey
        return p + grain * self.c(50 * self.m(n, s))

    def cutout(self, p: torch.Tensor, s: float) -> torch.Tensor:
        r, n, height = self.rng, len(p), p.shape[-1]
        side = np.clip(40 * self.m(n, s) * height / 96, 2, 44 * height / 96)
        top, left = r.uniform(0, 1, n) * (height - side), r.uniform(0, 1, n) * (height - side)
        at = torch.arange(height, device=self.device, dtype=torch.float32)

        def band(low: np.ndarray, size: np.ndarray) -> torch.Tensor:
            low, size = self.t(low)[:, None], self.t(size)[:, None]
            return (at[None] >= low) & (at[None] < low + size)

        hole = band(top, side)[:, None, :, None] & band(left, side)[:, None, None, :]
        mean = p.mean((2, 3))
        grey = self.t(r.uniform(0, 255, (n, 1)).repeat(3, 1))
        fill = torch.where(self.t(r.random(n))[:, None] < 0.5, mean, grey)
        return torch.where(hole, fill[:, :, None, None], p)

    def permute(self, p: torch.Tensor, s: float) -> torch.Tensor:
        orders = np.array([(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
        order = torch.as_tensor(orders[self.rng.integers(0, 5, len(p))]).to(self.device)
        return p.gather(1, order[:, :, None, None].expand_as(p))

    def shift(self, p: torch.Tensor, s: float) -> torch.Tensor:
        n = len(p)
        return p + self.t(60 * self.m(n, s)[:, None] * self.rng.uniform(-1, 1, (n, 3)))[:, :, None, None]

    def hue(self, p: torch.Tensor, s: float) -> torch.Tensor:
        n = len(p)
        angle = self.rng.uniform(-1, 1, n) * 0.8 * s
        c, sn = np.cos(angle), np.sin(angle)
        k = 1 / 3
        q = math.sqrt(k)
        matrix = np.stack(
            [
                np.stack([c + (1 - c) * k, (1 - c) * k - q * sn, (1 - c) * k + q * sn], -1),
                np.stack([(1 - c) * k + q * sn, c + (1 - c) * k, (1 - c) * k - q * sn], -1),
                np.stack([(1 - c) * k - q * sn, (1 - c) * k + q * sn, c + (1 - c) * k], -1),
            ],
            1,
        )
        return (self.t(matrix) @ p.flatten(2)).view_as(p)
