package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.PlainOp;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(names = {"TIGHT", "WIDE"})
record ConcatTest(Layout layout) {
  @SizeSweep
  void appendCopies(int pixels, int channels) {
    var harness = new OpHarness(layout);
    var x = draw(harness, "x", pixels, channels, 1);
    var y = harness.destination(harness.place("y", pixels, channels));
    var op = new PlainOp.ConcatAppend(y.slice(), x.slice(), pixels, channels);
    harness.run(List.of(op), outcome -> outcome.check(y, x.values(), _ -> 0));
  }

  @SizeSweep
  void splitCopies(int pixels, int channels) {
    var harness = new OpHarness(layout);
    var dy = draw(harness, "dy", pixels, channels, 1);
    var dx = harness.destination(harness.place("dx", pixels, channels));
    var op = new PlainOp.ConcatSplit(dx.slice(), dy.slice(), pixels, channels, false);
    harness.run(List.of(op), outcome -> outcome.check(dx, dy.values(), _ -> 0));
  }

  @SizeSweep
  void splitAddsToAnother(int pixels, int channels) {
    var harness = new OpHarness(layout);
    var dy = draw(harness, "dy", pixels, channels, 1);
    float[] before = new Draws(2).normal(pixels * channels, 0, 1);
    var dx = harness.updated(harness.place("dx", pixels, channels), before);
    var op = new PlainOp.ConcatSplit(dx.slice(), dy.slice(), pixels, channels, true);
    var expected = dx.values();
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) (expected[i] + dy.values()[i]);
    }
    harness.run(List.of(op), outcome -> outcome.check(dx, expected, _ -> 0));
  }

  /** Three inputs, in an order of writing that is not that of their places, and their gradients back out again. */
  @SizeSweep
  void aConcatenationComesApartAgain(int pixels, int channels) {
    var harness = new OpHarness(layout);
    List<Place> places = harness.adjacent("concatenation", pixels, channels, 3, 7);
    var ops = new ArrayList<Op>();
    var inputs = new ArrayList<Operand>();
    var slices = new ArrayList<Operand>();
    var apart = new ArrayList<Operand>();
    for (int i : new int[] {1, 2, 0}) {
      Place place = places.get(i);
      int count = place.channels();
      inputs.add(draw(harness, "x" + i, pixels, count, i));
      slices.add(harness.destination(place));
      apart.add(harness.destination(harness.place("dx" + i, pixels, count)));
      ops.add(new PlainOp.ConcatAppend(slices.getLast().slice(), inputs.getLast().slice(), pixels, count));
    }
    for (int i = 0; i < apart.size(); i++) {
      int count = apart.get(i).place().channels();
      ops.add(new PlainOp.ConcatSplit(apart.get(i).slice(), slices.get(i).slice(), pixels, count, false));
    }
    harness.run(
        ops,
        outcome -> {
          for (int i = 0; i < apart.size(); i++) {
            outcome.check(slices.get(i), inputs.get(i).values(), _ -> 0);
            outcome.check(apart.get(i), inputs.get(i).values(), _ -> 0);
          }
        });
  }

  private static Operand draw(OpHarness harness, String name, int pixels, int channels, long seed) {
    return harness.source(harness.place(name, pixels, channels), new Draws(seed).normal(pixels * channels, 0, 1));
  }
}
