package io.peerup.cli.p2p;

import io.peerup.control.Home;
import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.Authorizer;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.Optional;

/// Who may connect to a listening tool. Whom we dial ourselves is our own choice and not asked
/// about. Decides from memory, on event loops.
final class Guests implements ConnectionGater, AutoCloseable {

  private final InstantSource clock = InstantSource.system();
  private final Optional<AuthorizedKeysFile> keys;
  private final Optional<Authorizer> authorizer;

  private Guests(Optional<AuthorizedKeysFile> keys) {
    this.keys = keys;
    this.authorizer = keys.map(file -> new Authorizer(file::current));
  }

  static Guests everyone() {
    return new Guests(Optional.empty());
  }

  /// The peers in this home's `authorized_keys`; everyone if it has no such file.
  static Guests ofHome(Home home) {
    return Files.exists(home.authorizedKeys())
        ? new Guests(
            Optional.of(AuthorizedKeysFile.open(home.authorizedKeys(), InstantSource.system())))
        : everyone();
  }

  boolean everyoneMayCome() {
    return authorizer.isEmpty();
  }

  @Override
  public boolean allowSecured(Direction direction, PeerId peer, Multiaddr remote) {
    return direction == Direction.OUTBOUND
        || authorizer.map(each -> each.decide(peer, clock.instant()).allowed()).orElse(true);
  }

  @Override
  public void close() {
    keys.ifPresent(AuthorizedKeysFile::close);
  }
}
