package io.peerup.trust;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// The content of `blocked_peers` (`docs/protocols/authorized-keys.md`): who gets nothing, whatever
/// else speaks for it. Immutable and thread-safe; changes make a new one.
///
/// The lines are those of `authorized_keys`, read the other way round: there a line in doubt lets
/// nobody in, here it lets nobody in either. Every line that begins with a peer id blocks it,
/// whatever follows, and a line that should but does not is refused with the whole file.
public final class BlockedPeers {

  private static final BlockedPeers NOBODY = new BlockedPeers(AuthorizedKeys.empty());

  private final AuthorizedKeys lines;
  private final Set<PeerId> peers;

  private BlockedPeers(AuthorizedKeys lines) {
    this.lines = lines;
    this.peers = Set.copyOf(lines.mentioned());
  }

  /// Nobody is blocked.
  public static BlockedPeers empty() {
    return NOBODY;
  }

  /// Reads a file's bytes. Throws [MalformedInput] naming the first line that is neither empty nor
  /// a comment nor begins with a peer id.
  public static BlockedPeers parse(byte[] content) {
    AuthorizedKeys lines = AuthorizedKeys.parse(content);
    lines
        .firstWithoutPeer()
        .ifPresent(line -> {
          throw new MalformedInput(
              "line %d does not say whom to block: %s".formatted(line.number(), line.reason()));
        });
    return new BlockedPeers(lines);
  }

  /// The file: byte for byte what was parsed, but for the changes made since.
  public byte[] render() {
    return lines.render();
  }

  public boolean contains(PeerId peer) {
    return peers.contains(peer);
  }

  /// Everyone who is blocked, sorted.
  public List<PeerId> peers() {
    return peers.stream().sorted().toList();
  }

  /// What the file calls a blocked peer, if it does.
  public Optional<String> name(PeerId peer) {
    return lines.find(peer).flatMap(AuthorizedPeer::givenName);
  }

  /// With this peer blocked; a name is for people. Throws [MalformedInput] if there are too many.
  public BlockedPeers with(PeerId peer, Optional<String> name) {
    if (contains(peer)) {
      return this;
    }
    if (peers.size() >= Limits.BLOCKED_MAX) {
      throw new MalformedInput(
          "there are %d blocked peers already".formatted(peers.size()),
          "unblock peers that have gone: an unknown peer gets nothing either");
    }
    AuthorizedPeer line = AuthorizedPeer.of(peer);
    return new BlockedPeers(lines.with(name.map(line::withName).orElse(line)));
  }

  /// Without this peer: every line that begins with its id goes.
  public BlockedPeers without(PeerId peer) {
    return contains(peer) ? new BlockedPeers(lines.without(peer)) : this;
  }

  /// Equal when the files are.
  @Override
  public boolean equals(Object other) {
    return other instanceof BlockedPeers that && lines.equals(that.lines);
  }

  @Override
  public int hashCode() {
    return Objects.hash(peers);
  }

  @Override
  public String toString() {
    return "BlockedPeers[peers=%d]".formatted(peers.size());
  }
}
