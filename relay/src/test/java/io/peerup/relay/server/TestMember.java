package io.peerup.relay.server;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.GroupJoin;
import io.peerup.pairing.GroupMembership;
import io.peerup.pairing.Limits;
import io.peerup.pairing.PairMessages;
import io.peerup.relay.circuit.TestPeers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// A device with just enough of a node to join a group and to hear of its other members.
final class TestMember implements AutoCloseable {

  static final Duration SOON = Duration.ofSeconds(20);

  private final PrivateKey key;
  private final Host host;
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private volatile Optional<GroupMembership> membership = Optional.empty();

  TestMember(int number) {
    key = TestPeers.key(number);
    host = HostBuilder.create().identity(key).build();
    host.handle(PairMessages.NOTIFY_PROTOCOL, this::takeNotices);
  }

  PeerId id() {
    return host.id();
  }

  Host host() {
    return host;
  }

  PrivateKey key() {
    return key;
  }

  /// Connects to the relay in the code.
  Connection connect(GroupCode code) {
    return host.connect(code.relay().multiaddr(), code::pins, SOON);
  }

  Connection connect(TestRelay relay) {
    return host.connect(relay.address(), PeerExpectation.exactly(relay.id()), SOON);
  }

  /// Sends a request over a connection and returns the answer's bytes.
  static byte[] ask(Connection connection, byte[] request) {
    try (Stream stream = connection.openStream(List.of(PairMessages.PAIR_PROTOCOL), SOON)) {
      stream.deadline(SOON);
      stream.writeFrame(request);
      stream.closeWrite();
      return stream.readFrame(Limits.ANSWER_BYTES_MAX);
    }
  }

  /// Joins; true if the relay said yes.
  boolean join(GroupCode code, String name) {
    GroupJoin join = new GroupJoin(code, key, name, KeyRandom.secure());
    Connection connection = connect(code);
    byte[] answer = ask(connection, join.request());
    return switch (join.finish(connection.remotePeer(), answer)) {
      case GroupJoin.Result.Joined joined -> {
        membership = Optional.of(joined.membership());
        warnings.addAll(joined.warnings());
        yield true;
      }
      case GroupJoin.Result.Failed _ -> false;
    };
  }

  private void takeNotices(Stream stream) {
    while (true) {
      byte[] frame;
      try {
        frame = stream.readFrame(Limits.FRAME_BYTES_MAX);
      } catch (ProtocolViolation e) {
        return;
      }
      try {
        GroupMembership group = membership.orElseThrow();
        if (group.accept(PairMessages.decodeNotice(frame))
            instanceof GroupMembership.IntroResult.Rejected rejected) {
          warnings.add(rejected.reason());
        }
      } catch (MalformedInput e) {
        warnings.add(String.valueOf(e.getMessage()));
      }
    }
  }

  /// Whom it has been introduced to.
  List<PeerId> knows() {
    return membership.map(m -> new ArrayList<>(m.members())).orElseGet(ArrayList::new);
  }

  Map<PeerId, String> names() {
    return membership.orElseThrow().names();
  }

  List<String> warnings() {
    return warnings;
  }

  /// Goes offline, keeping what it knows.
  void disconnect() {
    host.connections().forEach(Connection::close);
  }

  @Override
  public void close() {
    host.close();
  }
}
