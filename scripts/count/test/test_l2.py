"""What a cache that keeps what was used last lets through."""
import struct
import unittest
from unittest import mock

from count import l2, recording

PIXELS, CHANNELS = 1024, 16  # a sector each


def launch(kernel, reversed_, **words):
    """Parameters are words, by their places."""
    of = [words.get(f"w{i}", 0) for i in range(48)] + [reversed_]
    return recording.Launch(kernel, (16, 1), 128, 0, struct.pack(f"<{len(of)}Q", *of))


def made_and_read(reversed_):
    """z is made from x, and read again for y."""
    x, z, y = 1 << 20, 2 << 20, 3 << 20
    pitch = dict(w4=CHANNELS, w5=CHANNELS)
    first = launch("dn_bnrelu_conv1x1_fprop_48_small", 1, w0=z, w2=x, w7=CHANNELS, w8=PIXELS, w18=CHANNELS, **pitch)
    map_of = dict(w10=PIXELS, w11=32, w12=32)
    second = launch(
        "dn_bnrelu_conv3x3_fprop_16_streamed", reversed_, w0=y, w2=z, w7=CHANNELS, w21=CHANNELS, **map_of, **pitch
    )
    return [first, second]


class L2Test(unittest.TestCase):
    def through(self, reversed_, tensors):
        """Through a cache that holds so many tensors; in tensors."""
        each = PIXELS * CHANNELS * 2
        with mock.patch.object(l2, "BYTES", tensors * each):
            return l2.through(made_and_read(reversed_), True) / each

    def test_what_fits_comes_once(self):
        self.assertEqual(self.through(1, 3), 3)  # x is read, z and y are written

    def test_what_does_not_fit_comes_again(self):
        self.assertEqual(self.through(1, 1), 4)

    def test_what_was_written_last_is_there_in_the_other_order(self):
        self.assertLess(self.through(0, 1), 3.75)


if __name__ == "__main__":
    unittest.main()
