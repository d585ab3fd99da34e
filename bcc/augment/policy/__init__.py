"""Augmentations that choose among augmentations."""

from bcc.augment.policy.aug_mix import AugMix
from bcc.augment.policy.one_of import OneOf
from bcc.augment.policy.rand_augment import RandAugment

__all__ = ["AugMix", "OneOf", "RandAugment"]
