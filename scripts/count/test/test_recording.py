"""What the software device writes down, read again."""
import pathlib
import struct
import tempfile
import unittest

from count import memory, recording


def launch(kernel):
    return recording.Launch(kernel, (1, 1), 32, 0, b"")


class RecordingTest(unittest.TestCase):
    def test_a_step_lies_between_the_last_session_and_its_end(self):
        names = ["dn_weights_pack", "a", "dn_weights_pack", "dn_weights_pack", "b", "c", "dn_weights_pack"]
        step = recording.last_step([launch(name) for name in names])
        self.assertEqual([each.kernel for each in step], ["b", "c", "dn_weights_pack"])

    def test_an_inference_ends_with_its_last_kernel(self):
        step = recording.last_step([launch(name) for name in ["dn_weights_pack", "a", "dn_weights_pack", "b", "c"]])
        self.assertEqual([each.kernel for each in step], ["b", "c"])

    def test_what_is_beside_others(self):
        names = ["dn_weights_gradient", "dn_t_weights", "dn_t_weights_fp32", "dn_weights_gradient", "dn_weights_pack"]
        found = recording.branched([launch(name) for name in names])
        self.assertEqual([each.beside for each in found], [True, True, True, False, False])

    def test_lines_and_pages(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "launches").write_text("dn_a 5 2 1 128 1 1 4096 0700000000000000ffffffffffffffff\n")
            found = recording.read(folder)[0]
            self.assertEqual(found.grid, (5, 2))
            self.assertEqual((found.threads, found.shared), (128, 4096))
            self.assertEqual(found.words, (7, 2**64 - 1))
            (folder / "memory").write_bytes(struct.pack("<QQ4s", 0x7D0000010000, 4, b"abcd"))
            read = memory.recorded(folder / "memory")
            at = 0x7D0000010000 - read.base
            self.assertEqual(bytes(read.bytes[at : at + 5]), b"abcd\0")
