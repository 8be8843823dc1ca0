package io.github.densenet4j.internal.backend;

import java.lang.ref.Cleaner;

/** Gives back what objects hold that became garbage before they were closed, and says so. */
public final class Forgotten {
  private static final System.Logger LOG = System.getLogger("io.github.densenet4j");
  private static final Cleaner CLEANER = Cleaner.create();

  private Forgotten() {}

  /**
   * Watches {@code owner}, which runs what is returned when it is closed.
   *
   * @param what is held, for the log
   * @param free gives it back, is run once and must not refer to {@code owner}
   */
  public static Runnable watch(Object owner, String what, Runnable free) {
    var closing = new Closing(what, free);
    var cleanable = CLEANER.register(owner, closing);
    return () -> {
      closing.byOwner = true;
      cleanable.clean();
    };
  }

  private static final class Closing implements Runnable {
    private final String what;
    private final Runnable free;
    private volatile boolean byOwner;

    Closing(String what, Runnable free) {
      this.what = what;
      this.free = free;
    }

    @Override
    public void run() {
      if (!byOwner) {
        LOG.log(System.Logger.Level.WARNING, "{0} was not closed and is given back now: close it when it is done", what);
      }
      free.run();
    }
  }
}
