package io.peerup.relay.server;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.Probation;
import io.peerup.pairing.SourcePrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// The strangers that are connected now, on probation: a [Probation] for many threads. Never blocks
/// for longer than a look at ten entries, so event loops may ask.
final class Visitors {

  /// A stranger's connection: who, and from which socket.
  record Visitor(PeerId peer, Multiaddr remote) {
    static Visitor of(Connection connection) {
      return new Visitor(connection.remotePeer(), connection.remoteAddress());
    }
  }

  private final Probation<Visitor> probation = new Probation<>();
  private final Queue<Visitor> over = new ConcurrentLinkedQueue<>();

  /// A stranger passed the handshake. True if it may stay for a while. Others may have to go for
  /// it: [#takeOver] names them.
  boolean arrive(PeerId peer, Multiaddr remote, Instant now) {
    Optional<InetAddress> address = remote.socketAddress().map(InetSocketAddress::getAddress);
    if (address.isEmpty()) {
      return false;
    }
    synchronized (probation) {
      Probation.Admission<Visitor> admission =
          probation.arrive(new Visitor(peer, remote), SourcePrefix.of(address.get()), now);
      over.addAll(admission.close());
      return admission.admitted();
    }
  }

  /// Its first whole frame came.
  void spoke(Connection connection) {
    synchronized (probation) {
      probation.spoke(Visitor.of(connection));
    }
  }

  /// It has a circuit now, for which it may stay longer.
  void circuitBegan(Visitor visitor) {
    synchronized (probation) {
      probation.circuitBegan(visitor);
    }
  }

  /// Its circuit ended.
  void circuitEnded(Visitor visitor, Instant now) {
    synchronized (probation) {
      probation.circuitEnded(visitor, now);
    }
  }

  /// It is gone, or a member now.
  void leave(Visitor visitor) {
    synchronized (probation) {
      probation.leave(visitor);
    }
  }

  boolean contains(Visitor visitor) {
    synchronized (probation) {
      return probation.contains(visitor);
    }
  }

  int size() {
    synchronized (probation) {
      return probation.size();
    }
  }

  /// Those whose time ended by now or who made room: each is named once.
  List<Visitor> takeOver(Instant now) {
    synchronized (probation) {
      over.addAll(probation.expire(now));
      List<Visitor> named = List.copyOf(over);
      over.clear();
      return named;
    }
  }
}
