package io.github.densenet4j.internal.backend.cuda.library;

import java.util.Optional;
import java.util.stream.Stream;

/** An enum constant that stands for one of a C header. */
public interface NativeConstant {
  int value();

  /** Its name in the header. */
  String nativeName();

  /** The constant of a value, if the enum has it; newer libraries may have more. */
  static <E extends Enum<E> & NativeConstant> Optional<E> of(Class<E> type, int value) {
    return Stream.of(type.getEnumConstants()).filter(constant -> constant.value() == value).findFirst();
  }
}
