"""The rule of wavefronts, written twice, and layouts that it is for."""
import unittest

import numpy as np

from count import banks, costs

random = np.random.default_rng(5)


class BanksTest(unittest.TestCase):
    def test_both_rules_agree(self):
        for size in (4, 8, 16):
            for _ in range(50):
                addresses = random.integers(0, 256, 32) * size
                on = random.random(32) < 0.8
                lanes = [int(a) if o else None for a, o in zip(addresses, on)]
                self.assertEqual(banks.waves(lanes, size), costs.wavefronts(addresses, on, size))

    def test_planes_have_no_conflicts(self):
        for rows in (1, 64, 99, 256, 370):
            self.assertEqual(banks.ldmatrix(banks.plane(rows)), 4)
            # eight lanes write the channels of a pixel
            self.assertEqual(banks.waves([t % 8 * banks.plane(rows) + t // 8 * 16 for t in range(32)], 16), 4)

    def test_zeros_lie_in_the_banks_of_what_they_replace(self):
        self.assertEqual(banks.ldmatrix(banks.plane(99), zeros=(5, 21)), 4)

    def test_a_plane_without_its_padding_conflicts(self):
        self.assertEqual(banks.waves([t % 8 * 1024 + t // 8 * 16 for t in range(32)], 16), 32)
