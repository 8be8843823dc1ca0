package io.github.densenet4j.internal.training;

import io.github.densenet4j.error.ConfigurationException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Compares a training with the one in its folder, both as a checkpoint's metadata describes them: may it be resumed,
 * and to the same bits?
 */
final class ResumeCheck {
  static final String EPOCHS = "epochs";

  /** What changes bits and nothing else. */
  private static final Set<String> BITS = Set.of("device", "strategy", "precision", "digest", "mean", "std");

  /** May change bits, and is nobody's choice. */
  private static final String PROCESSOR = "processor";

  /** Changes samples of JPEG files by a level, and is nobody's choice either. */
  private static final String DECODER = "decoder";

  /** Those of the checkpoint are gone on with where the data are the same. */
  private static final Set<String> MEASURED = Set.of("mean", "std");

  /** Data that moved is the same data. */
  private static final String NAME = "data";

  private static final int LONGEST_QUOTE = 60;

  private final Path folder;
  private final boolean anyBits;
  private final boolean extended;
  private final List<String> warnings = new ArrayList<>();

  /**
   * @param anyBits whether the training may end in other bits than if it had not been stopped
   * @param extended whether it may have more epochs than before
   */
  ResumeCheck(Path folder, boolean anyBits, boolean extended) {
    this.folder = folder;
    this.anyBits = anyBits;
    this.extended = extended;
  }

  /**
   * Compares the parts of two descriptions.
   *
   * @return sentences about what is allowed but no longer the same
   * @throws ConfigurationException if they are not one training
   */
  List<String> compare(Map<String, Object> wanted, Map<String, Object> found) {
    for (String part : wanted.keySet()) {
      compare((Map<?, ?>) wanted.get(part), (Map<?, ?>) found.get(part), part);
    }
    return List.copyOf(warnings);
  }

  private void compare(Map<?, ?> wanted, Map<?, ?> found, String part) {
    var keys = new LinkedHashSet<Object>(wanted.keySet());
    keys.addAll(found.keySet());
    boolean decoded = !text(wanted.get(DECODER)).equals(text(found.get(DECODER)));
    for (var key : keys) {
      Object now = wanted.get(key);
      Object before = found.get(key);
      // As text, because JSON does not tell an int from a long.
      if (decoded && MEASURED.contains(key)) {
        continue;
      }
      if (!text(now).equals(text(before)) && !isUnknown(part, key, before)) {
        different(key.toString(), before, now);
      }
    }
  }

  /** Checkpoints of before version 0.1 have no digest and no computation. */
  private static boolean isUnknown(String part, Object key, Object before) {
    return key.equals(NAME) || before == null && (part.equals("computation") || key.equals("digest"));
  }

  private void different(String key, Object before, Object now) {
    if (key.equals(PROCESSOR)) {
      warnings.add(
          "was computed by " + before + " and goes on by " + now
              + ": it is no longer promised to end in the bits of a training that was not stopped");
    } else if (key.equals(EPOCHS) && isLonger(before, now)) {
      if (!extended) {
        throw refused(difference(key, before, now), ", let it have more with Trainer.extend,");
      }
      warnings.add(
          "was started with " + before + " epochs and goes on to " + now
              + ": where its schedule depends on their number, it does not end as one that was started with these");
    } else if (key.equals(DECODER)) {
      warnings.add(
          "was decoded by " + before + " and goes on with " + now
              + ": pixels of JPEG files may differ, so it need not end in the bits of a training that was not stopped");
    } else if (!BITS.contains(key)) {
      throw refused(difference(key, before, now), "");
    } else if (!anyBits) {
      throw refused(
          difference(key, before, now) + ", which changes the bits it ends in",
          ", allow other bits with IfExists.RESUME_WITH_DIFFERENT_BITS,");
    }
  }

  private static boolean isLonger(Object before, Object now) {
    return before instanceof Number old && now instanceof Number epochs && epochs.longValue() > old.longValue();
  }

  private ConfigurationException refused(String difference, String remedy) {
    return new ConfigurationException(
        folder + " was started " + difference + ": repeat the settings of its start" + (remedy.isEmpty() ? "," : remedy)
            + " or choose another folder",
        "IfExists.RESUME_WITH_DIFFERENT_BITS", "Trainer.extend", "another folder", "strategy", "precision", "device");
  }

  private static String difference(String key, Object before, Object now) {
    if (key.equals("digest")) {
      return "on other images or labels, or in another order (checksum " + before + ", now it is " + now + ")";
    }
    if (before instanceof List<?> old && now instanceof List<?> list && old.size() == list.size()) {
      for (int i = 0; i < old.size(); i++) {
        if (!text(old.get(i)).equals(text(list.get(i)))) {
          return "with %s[%d] %s, now it is %s".formatted(key, i, quoted(old.get(i)), quoted(list.get(i)));
        }
      }
    }
    return "with " + key + " " + quoted(before) + ", now it is " + quoted(now);
  }

  private static String quoted(Object value) {
    String text = text(value);
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
  }

  private static String text(Object value) {
    return Objects.toString(value, "unset");
  }
}
