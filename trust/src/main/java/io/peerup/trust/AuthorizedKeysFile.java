package io.peerup.trust;

import io.peerup.control.Failure;
import io.peerup.libp2p.PeerId;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file `authorized_keys` and everyone who wants to know when it changes: a [WatchedFile] that
/// also notices the end of an authorisation within half a second. All methods are thread-safe.
///
/// When the file cannot be read (wrong mode, a symlink) the last content that could be read stays
/// in force, and [#problem] says so. A missing file authorises nobody.
public final class AuthorizedKeysFile implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AuthorizedKeysFile.class);

  private final Path path;
  private final InstantSource clock;
  private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();
  private final WatchedFile<AuthorizedKeys> file;
  private Set<PeerId> allowed = Set.of();

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

    static Change between(Set<PeerId> before, Set<PeerId> now) {
      return new Change(minus(now, before), minus(before, now));
    }

    boolean isNone() {
      return added.isEmpty() && removed.isEmpty();
    }

    private static Set<PeerId> minus(Set<PeerId> left, Set<PeerId> right) {
      return left.stream()
          .filter(each -> !right.contains(each))
          .collect(Collectors.toUnmodifiableSet());
    }
  }

  private AuthorizedKeysFile(Path path, InstantSource clock) {
    this.path = path;
    this.clock = clock;
    this.file = WatchedFile.open(path, new Kind());
  }

  /// Loads the file and starts watching it. A missing file is no failure; it appears with the first
  /// [#update].
  ///
  /// @throws Failure if it exists and cannot or must not be read
  public static AuthorizedKeysFile open(Path path, InstantSource clock) {
    return new AuthorizedKeysFile(path, clock);
  }

  /// The content in force. Never blocks.
  public AuthorizedKeys current() {
    return file.current();
  }

  /// Whether this peer was deleted from the file. A file that is missing as a whole was lost rather
  /// than edited: it authorises nobody, and says nothing about whom to forget.
  public boolean lacks(PeerId peer) {
    return !isMissing() && current().lacks(peer);
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
    return file.problem();
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
    file.reload();
  }

  /// Changes the file: reads it anew, applies `change` to what is there now, and replaces it
  /// atomically. What others write at the same time is not lost: if the file changes under our
  /// hands, the change is applied again to what they wrote. Returns the new content, in force.
  ///
  /// Throws what `change` throws.
  ///
  /// @throws Failure if the file cannot be read or written; nothing is changed then
  public AuthorizedKeys update(UnaryOperator<AuthorizedKeys> change) {
    return file.update(change);
  }

  /// Stops watching. Idempotent.
  @Override
  public void close() {
    file.close();
  }

  /// Tells a change to those who want to know; one that fails does not keep it from the others.
  static void tell(List<Consumer<Change>> listeners, Change change) {
    if (change.isNone()) {
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

  private final class Kind implements WatchedFile.Kind<AuthorizedKeys> {

    @Override
    public AuthorizedKeys parse(byte[] bytes) {
      return AuthorizedKeys.parse(bytes);
    }

    @Override
    public byte[] render(AuthorizedKeys content) {
      return content.render();
    }

    @Override
    public Failure busy() {
      return new Failure(
          "authorized-keys-busy",
          "another program keeps writing " + path,
          "close it and try again");
    }

    @Override
    public Optional<Failure> missing() {
      return Optional.empty();
    }

    @Override
    public void accepted(AuthorizedKeys before, AuthorizedKeys now) {
      if (!now.equals(before)) {
        now.disabled()
            .forEach(l ->
                LOG.atWarn()
                    .addKeyValue("file", path)
                    .addKeyValue("line", l.number())
                    .log("line disabled: {}", l.reason()));
      }
    }

    /// Compares who is authorised now with who was the last time, which also finds expiries.
    @Override
    public void looked(AuthorizedKeys content) {
      Instant now = clock.instant();
      Set<PeerId> before = allowed;
      allowed =
          content.peers().stream()
              .filter(p -> !p.isExpired(now))
              .map(AuthorizedPeer::peer)
              .collect(Collectors.toUnmodifiableSet());
      tell(listeners, Change.between(before, allowed));
    }
  }
}
