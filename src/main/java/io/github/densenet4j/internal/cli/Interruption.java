package io.github.densenet4j.internal.cli;

import io.github.densenet4j.train.TrainingListener;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/**
 * Ctrl-C while a training runs: the first one ends it after its step, with a checkpoint; a second one ends the process
 * at once. The JDK has signals in {@code sun.misc}, which may not be compiled against, so it is asked by name.
 */
final class Interruption implements TrainingListener, AutoCloseable {
  /** As shells have it of a process that ended by this signal: 128 + SIGINT. */
  static final int EXIT_CODE = 130;

  private static final String SIGNAL = "sun.misc.Signal";
  private static final String HANDLER = "sun.misc.SignalHandler";

  private final Console console;
  private final IntConsumer halt;
  private volatile boolean asked;
  private Object before;

  Interruption(Console console) {
    this(console, Runtime.getRuntime()::halt);
  }

  /** @param halt ends the process */
  Interruption(Console console, IntConsumer halt) {
    this.console = console;
    this.halt = halt;
  }

  @Override
  public void started(Start start) {
    try {
      var handler = Class.forName(HANDLER);
      before =
          handle(
              Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (_, method, _) -> {
                if (method.getName().equals("handle")) {
                  interrupt();
                }
                return null;
              }));
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("this JDK has no " + HANDLER, e);
    }
  }

  /** Returns what handled the signal before; null if this process may not handle it, as with -Xrs. */
  private static Object handle(Object handler) {
    try {
      var signal = Class.forName(SIGNAL);
      var interrupt = signal.getConstructor(String.class).newInstance("INT");
      return signal.getMethod("handle", signal, Class.forName(HANDLER)).invoke(null, interrupt, handler);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException) {
        return null;
      }
      throw new IllegalStateException("the signal cannot be handled", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has another " + SIGNAL, e);
    }
  }

  /** The signal has come. */
  void interrupt() {
    console.err().println(); // behind the ^C of the terminal
    if (asked) {
      halt.accept(EXIT_CODE);
    }
    asked = true;
    console.err().println("stopping after this step; Ctrl-C again stops at once");
  }

  /** Whether the training was to end. */
  boolean asked() {
    return asked;
  }

  @Override
  public Decision stepped(Step step) {
    return asked ? Decision.INTERRUPT : Decision.CONTINUE;
  }

  @Override
  public Decision epochEnded(Epoch epoch) {
    return asked ? Decision.INTERRUPT : Decision.CONTINUE;
  }

  @Override
  public void close() {
    if (before != null) {
      handle(before);
    }
  }
}
