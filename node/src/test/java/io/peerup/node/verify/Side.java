package io.peerup.node.verify;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.StreamHandler;
import io.peerup.pairing.AttemptLimit;
import io.peerup.testkit.VirtualClock;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.Verified;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// One device in memory: what it trusts, and its verifications.
final class Side implements AutoCloseable {

  final PrivateKey key;
  final PeerId id;
  final AuthorizedKeysFile keys;
  final Verifications verifications;
  private final Map<PeerId, Connection> ways = new ConcurrentHashMap<>();

  Side(Path directory, VirtualClock clock, PrivateKey key) {
    this.key = key;
    this.id = PeerId.of(key.publicKey());
    this.keys = AuthorizedKeysFile.open(directory.resolve("keys-" + id), clock);
    AttemptLimit attempts = new AttemptLimit();
    this.verifications =
        new Verifications(
            id,
            keys,
            peer -> keys.current().find(peer).isPresent(),
            new Verifications.Attempts() {
              @Override
              public synchronized boolean isLeft(PeerId peer) {
                return attempts.left(AttemptLimit.keyOf(peer), clock.instant()) > 0;
              }

              @Override
              public synchronized void count(PeerId peer) throws LimitReached {
                attempts.count(AttemptLimit.keyOf(peer), clock.instant());
              }
            },
            this::connect,
            KeyRandom.secure(),
            clock);
  }

  private Connection connect(PeerId peer) {
    Connection way = ways.get(peer);
    if (way == null) {
      throw new PeerUnreachable("no way to " + peer);
    }
    return way;
  }

  /// Trusts a peer; streams to it end at this handler.
  void knows(String name, PrivateKey peer, byte[] binding, StreamHandler handler) {
    PeerId other = PeerId.of(peer.publicKey());
    keys.update(all -> all.with(AuthorizedPeer.of(other, name)));
    ways.put(
        other,
        Pipe.connection(peer, binding, Optional.of(() -> Pipe.open(key, peer, binding, handler))));
  }

  /// Both trust each other and are connected.
  static void connect(Side one, Side other) {
    byte[] binding = new byte[32];
    KeyRandom.secure().fill(binding);
    one.knows("other", other.key, binding, other.verifications);
    other.knows("one", one.key, binding, one.verifications);
  }

  /// What a person's command does, up to the code.
  Shown verify(Side other) throws InterruptedException {
    return verify(other.id);
  }

  Shown verify(PeerId other) throws InterruptedException {
    Run run = verifications.begin(other);
    var code = run.awaitCode();
    for (Optional<Run> next = run.successor(); next.isPresent(); next = run.successor()) {
      run = next.get();
      run.watch();
      code = run.awaitCode();
    }
    return new Shown(run, code.map(each -> each.digits()).orElse(""));
  }

  /// What a person sees, and may answer.
  record Shown(Run run, String digits) {}

  boolean isMarked(Side other) {
    return keys.current().find(other.id).filter(each -> Verified.holds(each, id)).isPresent();
  }

  @Override
  public void close() {
    verifications.close();
    keys.close();
  }
}
