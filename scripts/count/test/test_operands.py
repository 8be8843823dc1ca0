"""Operands that are not registers."""
import unittest

import numpy as np

from .program import U32, run


class ConstantBankTest(unittest.TestCase):
    def test_by_a_register(self):
        """The first words are threads of a block, 1, 1, and blocks of the grid."""
        w = run(
            "MOV R2, c[0x0][0x0]; LDC R3, c[0x0][R1]; LDC.64 R4, c[0x0][R1+0x4]; LDC R6, c[0x0][RZ]",
            R1=(np.arange(32) % 2 * 4).astype(U32),
        )
        np.testing.assert_array_equal(w.r[2], 32)
        np.testing.assert_array_equal(w.r[3], np.where(np.arange(32) % 2, 1, 32))
        np.testing.assert_array_equal(w.r[4], 1)
        np.testing.assert_array_equal(w.r[6], 32)
