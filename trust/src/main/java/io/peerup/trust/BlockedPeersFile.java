package io.peerup.trust;

import io.peerup.control.Failure;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// The file `blocked_peers` and everyone who wants to know when it changes. All methods are
/// thread-safe.
///
/// Whatever happens to the file, it never opens anything: at start a file that cannot be read, or
/// has a line that cannot be understood, is a failure; while running, such a file and one that has
/// gone leave the last content in force, and [#problem] says so.
public final class BlockedPeersFile implements AutoCloseable {

  private final Path path;
  private final List<Consumer<AuthorizedKeysFile.Change>> listeners = new CopyOnWriteArrayList<>();
  private final WatchedFile<BlockedPeers> file;

  private BlockedPeersFile(Path path) {
    this.path = path;
    this.file = WatchedFile.open(path, new Kind());
  }

  /// Loads the file and starts watching it. A missing file is no failure and blocks nobody; it
  /// appears with the first [#update].
  ///
  /// @throws Failure `blocked-peers-invalid`, or why it must not be read
  public static BlockedPeersFile open(Path path) {
    return new BlockedPeersFile(path);
  }

  /// The content in force. Never blocks.
  public BlockedPeers current() {
    return file.current();
  }

  /// Why the file on disk is not what is in force, or empty if it is.
  public Optional<Failure> problem() {
    return file.problem();
  }

  /// Calls `listener` after each change of who is blocked, as [AuthorizedKeysFile#onChange] does:
  /// `removed` are those who may no longer speak to us because they are blocked now, `added` those
  /// who are not blocked any more.
  public void onChange(Consumer<AuthorizedKeysFile.Change> listener) {
    listeners.add(listener);
  }

  /// Reads the file now.
  ///
  /// @throws Failure if it cannot or must not be read; the last content then stays in force
  public void reload() {
    file.reload();
  }

  /// Changes the file as [AuthorizedKeysFile#update] does. A file that has gone is written again
  /// with what is in force.
  ///
  /// @throws Failure if the file cannot be read, understood or written; nothing is changed then
  public BlockedPeers update(UnaryOperator<BlockedPeers> change) {
    return file.update(change);
  }

  /// Stops watching. Idempotent.
  @Override
  public void close() {
    file.close();
  }

  private final class Kind implements WatchedFile.Kind<BlockedPeers> {

    @Override
    public BlockedPeers parse(byte[] bytes) {
      try {
        return BlockedPeers.parse(bytes);
      } catch (MalformedInput e) {
        throw new Failure(
            "blocked-peers-invalid",
            path + ": " + e.getMessage(),
            "begin the line with a peer id, or put # in front of it",
            e);
      }
    }

    @Override
    public byte[] render(BlockedPeers content) {
      return content.render();
    }

    @Override
    public Failure busy() {
      return new Failure(
          "blocked-peers-busy", "another program keeps writing " + path, "close it and try again");
    }

    @Override
    public Optional<Failure> missing() {
      return Optional.of(
          new Failure(
              "blocked-peers-missing",
              path + " is gone; who was blocked stays blocked until a restart",
              "restore the file; or, to block nobody, make an empty one: install -m 600 /dev/null "
                  + path));
    }

    @Override
    public void accepted(BlockedPeers before, BlockedPeers now) {
      Set<PeerId> was = Set.copyOf(before.peers());
      Set<PeerId> is = Set.copyOf(now.peers());
      AuthorizedKeysFile.tell(listeners, AuthorizedKeysFile.Change.between(is, was));
    }

    @Override
    public void looked(BlockedPeers now) {
      // Nothing in this file ends by itself.
    }
  }
}
