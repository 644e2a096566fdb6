package io.peerup.trust;

import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A private file that people and programs edit while its content is in force. A shell: a virtual
/// thread looks at the file every 200 ms, so that what is written takes effect within half a
/// second. All methods are thread-safe.
///
/// When the file cannot be read (wrong mode, a symlink, content that is refused) the last content
/// that could be read stays in force, and [#problem] says so.
///
/// @param <T> the content, immutable
final class WatchedFile<T> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);

  private static final byte[] NOTHING = {};
  private static final Duration SETTLE = Duration.ofMillis(50);
  private static final int MISSING_LOOKS =
      (int) Limits.MISSING_GRACE.dividedBy(Limits.POLL_INTERVAL);

  /// What is special about one file. Called with the file's lock held, one call at a time.
  ///
  /// @param <T> the content
  interface Kind<T> {

    /// The content of the file's bytes. Throws [Failure] if they must not be in force.
    T parse(byte[] bytes);

    /// The bytes of a content.
    byte[] render(T content);

    /// Who keeps writing the file.
    Failure busy();

    /// What it means that a file that was there is gone: empty if as much as an empty one, else why
    /// the last content stays in force.
    Optional<Failure> missing();

    /// Something was read.
    void accepted(T before, T now);

    /// A look is over, whether or not something was read.
    void looked(T now);
  }

  private final Path path;
  private final Kind<T> kind;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();
  private volatile T current;
  private volatile @Nullable Failure problem;
  private FileStamp loaded = FileStamp.MISSING;
  private FileStamp seen = FileStamp.MISSING;
  private boolean wasThere;
  private int missingLooks;
  private boolean closed;

  private WatchedFile(Path path, Kind<T> kind) {
    this.path = path;
    this.kind = kind;
    this.current = kind.parse(NOTHING);
  }

  /// Loads the file and starts watching it. A missing file is no failure; it appears with the first
  /// [#update].
  ///
  /// @throws Failure if it exists and cannot or must not be read
  static <T> WatchedFile<T> open(Path path, Kind<T> kind) {
    WatchedFile<T> file = new WatchedFile<>(path, kind);
    file.reload();
    Thread.ofVirtual().name("watch " + path.getFileName()).start(file::watch);
    return file;
  }

  /// The content in force. Never blocks.
  T current() {
    return current;
  }

  /// Why the file on disk is not what is in force, or empty if it is.
  Optional<Failure> problem() {
    return Optional.ofNullable(problem);
  }

  /// Reads the file now.
  ///
  /// @throws Failure if it cannot or must not be read; the last content then stays in force
  void reload() {
    lock.lock();
    try {
      FileStamp before = FileStamp.of(path);
      loaded = before;
      if (before.equals(FileStamp.MISSING) && wasThere && kind.missing().isPresent()) {
        throw kind.missing().get();
      }
      byte[] content = content();
      T next = kind.parse(content);
      // Written between the two looks: what was read may be half of it, so look again soon.
      accept(FileStamp.of(path).equals(before) ? before : FileStamp.UNKNOWN, next);
    } catch (Failure e) {
      problem = e;
      throw e;
    } finally {
      lock.unlock();
    }
  }

  /// Changes the file: reads it anew, applies `change` to what is there now, and replaces it
  /// atomically. What others write at the same time is not lost: if the file changes under our
  /// hands, the change is applied again to what they wrote. Returns the new content, in force.
  ///
  /// Throws what `change` throws.
  ///
  /// @throws Failure if the file cannot be read or written; nothing is changed then
  T update(UnaryOperator<T> change) {
    lock.lock();
    try {
      for (int attempt = 0; attempt < Limits.UPDATE_ATTEMPTS_MAX; attempt++) {
        if (tryUpdate(change)) {
          return current;
        }
      }
      throw kind.busy();
    } finally {
      lock.unlock();
    }
  }

  /// Stops watching. Idempotent.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      closing.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean tryUpdate(UnaryOperator<T> change) {
    FileStamp stamp = FileStamp.of(path);
    if (!stamp.equals(loaded) && !staysFor(stamp, SETTLE)) {
      return false; // someone is writing it at this moment
    }
    byte[] before = content();
    T next = change.apply(kind.parse(before));
    byte[] after = kind.render(next);
    if (!FileStamp.of(path).equals(stamp) || !Arrays.equals(before, content())) {
      return false;
    }
    boolean gone = stamp.equals(FileStamp.MISSING) && after.length > 0;
    if (gone || !Arrays.equals(before, after)) {
      PrivateFiles.write(path, after);
    }
    stamp = FileStamp.of(path);
    accept(Arrays.equals(after, content()) ? stamp : FileStamp.UNKNOWN, next);
    return true;
  }

  private boolean staysFor(FileStamp stamp, Duration time) {
    pause(time);
    return FileStamp.of(path).equals(stamp);
  }

  private byte[] content() {
    return PrivateFiles.readIfExists(path).orElseGet(this::withoutFile);
  }

  private byte[] withoutFile() {
    return kind.missing().isPresent() ? kind.render(current) : NOTHING;
  }

  /// Runs on the watching thread until [#close].
  private void watch() {
    lock.lock();
    try {
      while (!closed) {
        pause(Limits.POLL_INTERVAL);
        if (!closed) {
          look();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void look() {
    FileStamp stamp = FileStamp.of(path);
    missingLooks = stamp.equals(FileStamp.MISSING) ? missingLooks + 1 : 0;
    // Two looks must agree before the file is read: a program may be writing it right now.
    boolean settled = stamp.equals(seen);
    seen = stamp;
    boolean inGrace = missingLooks > 0 && missingLooks <= MISSING_LOOKS;
    if (!stamp.equals(loaded) && settled && !inGrace) {
      try {
        reload();
      } catch (Failure e) {
        LOG.atWarn()
            .addKeyValue("file", path)
            .log("not reloaded, the last content stays in force: {}", e.message());
      }
    }
    kind.looked(current);
  }

  private void accept(FileStamp stamp, T content) {
    T before = current;
    current = content;
    problem = null;
    loaded = stamp;
    seen = stamp;
    wasThere |= !stamp.equals(FileStamp.MISSING);
    kind.accepted(before, content);
    kind.looked(content);
  }

  /// Waits with the lock given back meanwhile; returns at once when closed.
  private void pause(Duration time) {
    long nanos = time.toNanos();
    try {
      while (nanos > 0 && !closed) {
        nanos = closing.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("interrupted", "interrupted while waiting for " + path, "", e);
    }
  }
}
