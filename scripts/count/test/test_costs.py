"""Wavefronts by the rule of costs.py, and accesses that must not be."""

import unittest

import numpy as np

from count import costs

from .program import U32, run, words

LANES = np.arange(32)
ALL = LANES >= 0


class WavefrontsTest(unittest.TestCase):
    def waves(self, text, stride):
        return run(text, R1=(1024 + LANES * stride).astype(U32)).counts[0][1]

    def test_by_stride(self):
        for text, stride, expected in (
            ("LDS R2, [R1]", 4, 1),
            ("LDS R2, [R1]", 0, 1),
            ("LDS R2, [R1]", 8, 2),
            ("LDS R2, [R1]", 128, 32),
            ("LDS.64 R4, [R1]", 8, 2),
            ("LDS.128 R4, [R1]", 16, 4),
            ("LDS.128 R4, [R1]", 128, 32),
            ("LDS.128 R4, [R1]", 144, 4),
            ("LDSM.16.M88.4 R4, [R1]", 16, 4),
            ("LDSM.16.M88.4 R4, [R1]", 128, 32),
        ):
            with self.subTest(text=text, stride=stride):
                self.assertEqual(self.waves(text, stride), expected)

    def test_lanes_that_are_off_cost_nothing(self):
        self.assertEqual(costs.wavefronts(LANES * 128, LANES < 2, 4), 2)
        self.assertEqual(costs.ideal_wavefronts(LANES < 2, 4), 1)

    def test_sectors(self):
        self.assertEqual(len(costs.sectors(LANES * 16, ALL, 16)), 16)
        self.assertEqual(len(costs.sectors(LANES * 0, ALL, 4)), 1)


class MemoryTest(unittest.TestCase):
    def test_what_was_stored_is_loaded(self):
        a, v = (1024 + 4 * np.random.default_rng(3).permutation(32)).astype(U32), words()
        w = run(
            "STS [R1+0x80], R2; LDS R3, [R1+0x80]; SHFL.BFLY PT, R4, R2, 0x4, 0x1f; LDS.U16 R5, [R1+0x80]", R1=a, R2=v
        )
        np.testing.assert_array_equal(w.r[3], v)
        np.testing.assert_array_equal(w.r[4], v[LANES ^ 4])
        np.testing.assert_array_equal(w.r[5], v & U32(0xFFFF))

    def test_wild_and_misaligned_accesses_stop(self):
        with self.assertRaises(RuntimeError):
            run("LDS R3, [R1]", R1=U32(1024 + (1 << 20)))
        with self.assertRaises(RuntimeError):
            run("LDS.64 R4, [R1]", R1=U32(1028))
