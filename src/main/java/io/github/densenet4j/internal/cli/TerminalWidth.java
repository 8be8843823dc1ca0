package io.github.densenet4j.internal.cli;

import static io.github.densenet4j.internal.backend.library.NativeType.HOST;
import static io.github.densenet4j.internal.backend.library.NativeType.INT;
import static io.github.densenet4j.internal.backend.library.NativeType.SIZE;

import io.github.densenet4j.internal.backend.library.LoadedLibrary;
import io.github.densenet4j.internal.backend.library.NativeCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** How wide the terminal is that this process writes to, asked again each time: its window may be resized. */
final class TerminalWidth {
  static final int USUAL = 80;

  private static final long WINDOW_SIZE = 0x5413; // TIOCGWINSZ
  private static final int OUTPUT = 1;
  private static final long COLUMNS_OFFSET = Short.BYTES; // behind the rows

  private final MethodHandle ioctl = LoadedLibrary.ofSystem().bind("ioctl", INT, INT, SIZE, HOST);
  private final MemorySegment size = Arena.global().allocate(4 * Short.BYTES);

  /** COLUMNS if the environment has it, else what the terminal says, else the usual. */
  int columns() {
    String columns = System.getenv("COLUMNS");
    if (columns != null && columns.matches("[1-9][0-9]{0,4}")) {
      return Integer.parseInt(columns);
    }
    NativeCall call = () -> (int) ioctl.invokeExact(OUTPUT, WINDOW_SIZE, size);
    int found = call.status() == 0 ? Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, COLUMNS_OFFSET)) : 0;
    return found > 0 ? found : USUAL;
  }
}
