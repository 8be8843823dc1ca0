"""Opcodes against NumPy and Python's own integers."""

import unittest

import numpy as np

from count import sass
from count.opcodes_float import to_bf16

from .program import U32, random, run, words

F32 = np.float32


class IntegersTest(unittest.TestCase):
    def same(self, found, expected):
        np.testing.assert_array_equal(found, np.broadcast_to(expected, np.shape(found)))

    def test_sums_and_products(self):
        a, b, c = words(), words(), words()
        w = run(
            "IADD3 R4, P0, R1, R2, RZ; IADD3.X R5, R3, RZ, RZ, P0, !PT; IADD3 R6, R1, -R2, RZ;"
            "IMAD R7, R1, R2, R3; IMAD.WIDE R8, R1, R2, RZ; IMAD.HI.U32 R10, R1, R2, RZ",
            R1=a,
            R2=b,
            R3=c,
        )
        wide = a.astype(np.uint64) + b
        self.same(w.r[4], wide.astype(U32))
        self.same(w.r[5], c + (wide >> np.uint64(32)).astype(U32))
        self.same(w.r[6], a - b)
        self.same(w.r[7], a * b + c)
        product = (a.view(np.int32).astype(np.int64) * b.view(np.int32)).view(np.uint64)
        self.same(w.r[8] | w.r[9].astype(np.uint64) << np.uint64(32), product)
        self.same(w.r[10], (a.astype(np.uint64) * b >> np.uint64(32)).astype(U32))

    def test_a_product_of_128_bits(self):
        a, b = words(), words()
        w = run(
            "IMAD.WIDE.U32 R4, P0, R1, R2, R8; IMAD.WIDE.U32.X R6, R1, R2, R8, P0",
            R1=a,
            R2=b,
            R8=U32(0xFFFFFFFF),
            R9=U32(0xFFFFFFFF),
        )
        for lane in range(32):
            low = int(a[lane]) * int(b[lane]) + 2**64 - 1
            self.assertEqual(int(w.r[4][lane]) | int(w.r[5][lane]) << 32, low % 2**64)
            high = int(a[lane]) * int(b[lane]) + 2**64 - 1 + (low >> 64)
            self.assertEqual(int(w.r[6][lane]) | int(w.r[7][lane]) << 32, high % 2**64)

    def test_bits(self):
        a, b, c, n = words(), words(), words(), random.integers(0, 40, 32).astype(U32)
        w = run(
            "LOP3.LUT R4, R1, R2, R3, 0xca, !PT; SHF.L.U32 R5, R1, R9, RZ; SHF.R.S32.HI R6, RZ, R9, R1;"
            "PRMT R7, R1, 0x5410, R2; LEA R8, R1, R2, 0x3; SHF.R.U32.HI R10, RZ, R9, R1",
            R1=a,
            R2=b,
            R3=c,
            R9=n,
        )
        self.same(w.r[4], (a & b) | (~a & c))
        pairs = list(zip(a.tolist(), n.tolist()))
        self.same(w.r[5], [x << k & 0xFFFFFFFF if k < 32 else 0 for x, k in pairs])
        self.same(w.r[6].view(np.int32), [x >> min(k, 31) for x, k in zip(a.view(np.int32).tolist(), n.tolist())])
        self.same(w.r[7], (a & U32(0xFFFF)) | b << U32(16))
        self.same(w.r[8], (a << U32(3)) + b)
        self.same(w.r[10], [x >> k if k < 32 else 0 for x, k in pairs])

    def test_predicates(self):
        a, b = words(), words()
        w = run(
            "ISETP.GT.AND P0, P1, R1, R2, PT; SEL R3, R1, R2, P0; @!P0 MOV R4, 0x7; FSETP.GEU.AND P2, PT, R5, R6, PT",
            R1=a,
            R2=b,
            R4=U32(1),
            R5=np.full(32, np.nan, F32).view(U32),
            R6=a,
        )
        greater = a.view(np.int32) > b.view(np.int32)
        self.same(w.p[0], greater)
        self.same(w.p[1], ~greater)
        self.same(w.r[3], np.where(greater, a, b))
        self.same(w.r[4], np.where(greater, 1, 7))
        self.same(w.p[2], True)  # unordered


class FloatsTest(unittest.TestCase):
    def test_bfloat16_rounds_to_even_and_clips(self):
        x = np.resize(np.array([0x3F808000, 0x3F818000, 0x3F808001, 0xBF800000, 0x7FC00000, 0x80000000], U32), 32)
        w = run("F2FP.BF16.F32.PACK_AB R2, R1, RZ; F2FP.RELU.BF16.F32.PACK_AB R3, RZ, R1", R1=x)
        packed = [0x3F800000, 0x3F820000, 0x3F810000, 0xBF800000, 0x7FFF0000, 0x80000000]
        np.testing.assert_array_equal(w.r[2], np.resize(np.array(packed, U32), 32))
        np.testing.assert_array_equal(w.r[3], np.resize(np.array([0x3F80, 0x3F82, 0x3F81, 0, 0, 0], U32), 32))

    def test_a_product_of_matrices(self):
        """ldmatrix of A (16, 16) and, transposed, of B (16, 8)."""
        a, b = (
            ((to_bf16(random.normal(0, 1, shape).astype(F32))) << U32(16)).view(F32) for shape in ((16, 16), (16, 8))
        )
        halves = [(x.view(U32) >> U32(16)).astype(np.uint16) for x in (a, b)]
        tiles = halves[0].reshape(2, 8, 2, 8).transpose(2, 0, 1, 3)  # rows 0-7 of channels 0-7, rows 8-15, ...
        shared = np.concatenate([np.ascontiguousarray(x).view(np.uint8).reshape(-1) for x in (tiles, halves[1])])
        lanes = np.arange(32)
        w = run(
            "LDSM.16.M88.4 R4, [R1]; LDSM.16.MT88.2 R8, [R2+0x200]; HMMA.16816.F32.BF16 R12, R4, R8, RZ;"
            "HMMA.16816.F32.BF16 R16, R4, R8, R12",
            shared=shared,
            R1=(1024 + lanes * 16).astype(U32),
            R2=(1024 + lanes % 16 * 16).astype(U32),
        )
        found = np.zeros((16, 8))
        for k in range(4):
            found[lanes // 4 + k // 2 * 8, lanes % 4 * 2 + k % 2] = w.r[16 + k].view(F32)
        np.testing.assert_allclose(found, 2 * (a.astype(float) @ b), rtol=1e-5, atol=1e-5)


class FlowTest(unittest.TestCase):
    def test_lanes_that_turn_differently_meet_again(self):
        n = np.arange(32).astype(U32)
        w = run(
            "BSSY B0, `(out); ISETP.EQ.AND P0, PT, R1, RZ, PT; @P0 BRA `(out); IADD3 R1, R1, -0x1, RZ;"
            "IADD3 R2, R2, 0x2, RZ; BRA `(loop); BSYNC B0; IADD3 R3, R3, 0x1, RZ",
            dict(loop=16, out=96),
            R1=n,
            R2=n,
            R3=U32(0),
        )
        np.testing.assert_array_equal(w.r[2], 3 * n)
        np.testing.assert_array_equal(w.r[3], np.ones(32))
        self.assertEqual(w.counts[7][0], 1)  # together

    def test_what_is_unknown_stops(self):
        with self.assertRaises(sass.Unknown):
            run("FROB R1, R2")
