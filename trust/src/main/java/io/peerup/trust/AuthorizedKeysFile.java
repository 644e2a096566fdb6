package io.peerup.trust;

import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.PeerId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file `authorized_keys` and everyone who wants to know when it changes. A shell: a virtual
/// thread looks at the file every 200 ms, so that what a person or another program writes takes
/// effect within half a second, and so does the end of an authorisation. All methods are
/// thread-safe.
///
/// When the file cannot be read (wrong mode, a symlink) the last content that could be read stays
/// in force, and [#problem] says so. A missing file authorises nobody.
public final class AuthorizedKeysFile implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AuthorizedKeysFile.class);

  private static final byte[] NOTHING = {};
  private static final Duration SETTLE = Duration.ofMillis(50);
  private static final int MISSING_LOOKS =
      (int) Limits.MISSING_GRACE.dividedBy(Limits.POLL_INTERVAL);

  private final Path path;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();
  private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();
  private volatile AuthorizedKeys current = AuthorizedKeys.empty();
  private volatile @Nullable Failure problem;
  private Set<PeerId> allowed = Set.of();
  private FileStamp loaded = FileStamp.MISSING;
  private FileStamp seen = FileStamp.MISSING;
  private int missingLooks;
  private boolean closed;

  /// Who may speak to us now and might not before, and the other way round.
  ///
  /// @param added authorised from now on
  /// @param removed authorised no longer: removed from the file, disabled, or expired. Cut its
  ///   connections
  public record Change(Set<PeerId> added, Set<PeerId> removed) {
    public Change {
      added = Set.copyOf(added);
      removed = Set.copyOf(removed);
    }
  }

  private AuthorizedKeysFile(Path path, InstantSource clock) {
    this.path = path;
    this.clock = clock;
  }

  /// Loads the file and starts watching it. A missing file is no failure; it appears with the first
  /// [#update].
  ///
  /// @throws Failure if it exists and cannot or must not be read
  public static AuthorizedKeysFile open(Path path, InstantSource clock) {
    AuthorizedKeysFile file = new AuthorizedKeysFile(path, clock);
    file.reload();
    Thread.ofVirtual().name("authorized-keys-watch").start(file::watch);
    return file;
  }

  /// The content in force. Never blocks.
  public AuthorizedKeys current() {
    return current;
  }

  /// Whether this peer was deleted from the file. A file that is missing as a whole was lost rather
  /// than edited: it authorises nobody, and says nothing about whom to forget.
  public boolean lacks(PeerId peer) {
    return !isMissing() && current.lacks(peer);
  }

  /// Whether there is no file now.
  public boolean isMissing() {
    return FileStamp.of(path).equals(FileStamp.MISSING);
  }

  /// Where it lies.
  public Path path() {
    return path;
  }

  /// Why the file on disk is not what is in force, or empty if it is.
  public Optional<Failure> problem() {
    return Optional.ofNullable(problem);
  }

  /// Calls `listener` after each change of who is authorised, on the thread that found it out, one
  /// call at a time. It must not take long; it may call this object.
  public void onChange(Consumer<Change> listener) {
    listeners.add(listener);
  }

  /// Reads the file now.
  ///
  /// @throws Failure if it cannot or must not be read; the last content then stays in force
  public void reload() {
    lock.lock();
    try {
      FileStamp before = FileStamp.of(path);
      loaded = before;
      byte[] content = content();
      // Written between the two looks: what was read may be half of it, so look again soon.
      accept(FileStamp.of(path).equals(before) ? before : FileStamp.UNKNOWN, content);
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
  public AuthorizedKeys update(UnaryOperator<AuthorizedKeys> change) {
    lock.lock();
    try {
      for (int attempt = 0; attempt < Limits.UPDATE_ATTEMPTS_MAX; attempt++) {
        if (tryUpdate(change)) {
          return current;
        }
      }
      throw new Failure(
          "authorized-keys-busy",
          "another program keeps writing " + path,
          "close it and try again");
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

  private boolean tryUpdate(UnaryOperator<AuthorizedKeys> change) {
    FileStamp stamp = FileStamp.of(path);
    if (!stamp.equals(loaded) && !staysFor(stamp, SETTLE)) {
      return false; // someone is writing it at this moment
    }
    byte[] before = content();
    byte[] after = change.apply(AuthorizedKeys.parse(before)).render();
    if (!FileStamp.of(path).equals(stamp) || !Arrays.equals(before, content())) {
      return false;
    }
    if (!Arrays.equals(before, after)) {
      PrivateFiles.write(path, after);
    }
    stamp = FileStamp.of(path);
    accept(Arrays.equals(after, content()) ? stamp : FileStamp.UNKNOWN, after);
    return true;
  }

  private boolean staysFor(FileStamp stamp, Duration time) {
    pause(time);
    return FileStamp.of(path).equals(stamp);
  }

  private byte[] content() {
    return PrivateFiles.readIfExists(path).orElse(NOTHING);
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
    tellChanges();
  }

  private void accept(FileStamp stamp, byte[] content) {
    AuthorizedKeys before = current;
    current = AuthorizedKeys.parse(content);
    problem = null;
    loaded = stamp;
    seen = stamp;
    if (!current.equals(before)) {
      current
          .disabled()
          .forEach(l ->
              LOG.atWarn()
                  .addKeyValue("file", path)
                  .addKeyValue("line", l.number())
                  .log("line disabled: {}", l.reason()));
    }
    tellChanges();
  }

  /// Compares who is authorised now with who was the last time, which also finds expiries.
  private void tellChanges() {
    Instant now = clock.instant();
    Set<PeerId> before = allowed;
    allowed =
        current.peers().stream()
            .filter(p -> !p.isExpired(now))
            .map(AuthorizedPeer::peer)
            .collect(Collectors.toUnmodifiableSet());
    Change change = new Change(minus(allowed, before), minus(before, allowed));
    if (change.added().isEmpty() && change.removed().isEmpty()) {
      return;
    }
    for (Consumer<Change> listener : listeners) {
      try {
        listener.accept(change);
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).log("internal error: a listener failed");
      }
    }
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

  private static Set<PeerId> minus(Set<PeerId> left, Set<PeerId> right) {
    Set<PeerId> out = new HashSet<>(left);
    out.removeAll(right);
    return out;
  }
}
