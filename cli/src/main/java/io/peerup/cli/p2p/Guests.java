package io.peerup.cli.p2p;

import io.peerup.control.Home;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.trust.AuthorizedKeys;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.Authorizer;
import io.peerup.trust.BlockedPeersFile;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.Optional;

/// Who may connect to a listening tool. Whom we dial ourselves is our own choice and not asked
/// about, unless it is blocked. Decides from memory, on event loops.
final class Guests implements ConnectionGater, AutoCloseable {

  private final InstantSource clock = InstantSource.system();
  private final Optional<AuthorizedKeysFile> keys;
  private final BlockedPeersFile blocked;
  private final Authorizer authorizer;

  private Guests(Home home, Optional<AuthorizedKeysFile> keys) {
    this.keys = keys;
    this.blocked = BlockedPeersFile.open(home.blockedPeers());
    this.authorizer =
        new Authorizer(
            () -> keys.map(AuthorizedKeysFile::current).orElse(AuthorizedKeys.empty()),
            blocked::current);
  }

  /// Everyone whom this home does not block.
  static Guests everyone(Home home) {
    return new Guests(home, Optional.empty());
  }

  /// The peers in this home's `authorized_keys`; everyone if it has no such file.
  static Guests ofHome(Home home) {
    return Files.exists(home.authorizedKeys())
        ? new Guests(
            home,
            Optional.of(AuthorizedKeysFile.open(home.authorizedKeys(), InstantSource.system())))
        : everyone(home);
  }

  boolean everyoneMayCome() {
    return keys.isEmpty();
  }

  @Override
  public boolean allowDial(PeerId peer, Multiaddr address) {
    return !authorizer.isBlocked(peer);
  }

  @Override
  public boolean allowSecured(Direction direction, PeerId peer, Multiaddr remote) {
    return (direction == Direction.OUTBOUND || everyoneMayCome())
        ? !authorizer.isBlocked(peer)
        : authorizer.decide(peer, clock.instant()).allowed();
  }

  @Override
  public boolean allowStream(Direction direction, Connection connection, String protocol) {
    return !authorizer.isBlocked(connection.remotePeer());
  }

  @Override
  public void close() {
    keys.ifPresent(AuthorizedKeysFile::close);
    blocked.close();
  }
}
