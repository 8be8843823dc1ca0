package io.github.densenet4j.internal.report;

import java.util.List;
import java.util.SequencedMap;

/**
 * All that a picture of a memory plan shows.
 *
 * @param title the network and what is done with it
 * @param summary a sentence below the title
 * @param totalBytes the size of the arena
 * @param categories bytes by category, at most six; their order gives the colours
 * @param buffers where and when each buffer lies
 * @param phases the parts of the program, in order and without gaps, from operation 0 on
 * @param peak the operation at which most bytes live
 */
public record TimelineData(
    String title,
    String summary,
    long totalBytes,
    SequencedMap<String, Long> categories,
    List<Rectangle> buffers,
    List<Span> phases,
    Peak peak) {

  /**
   * A buffer: bytes [offset, offset + bytes) of the arena during operations first to last, both counted.
   *
   * @param category a key of {@link #categories}
   */
  public record Rectangle(String name, String category, long offset, long bytes, int first, int last) {}

  /** A part of the program. */
  public record Span(String name, int operations) {}

  /**
   * The peak.
   *
   * @param index of the operation, from 0
   * @param operation what it is, for people
   * @param bytes that live there
   */
  public record Peak(int index, String operation, long bytes) {}

  int operations() {
    return phases.stream().mapToInt(Span::operations).sum();
  }
}
