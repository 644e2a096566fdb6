package io.peerup.node.network;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.node.Ids;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.GroupJoin;
import io.peerup.pairing.GroupKey;
import io.peerup.pairing.Intro;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.PairMessages.PeerNotice;
import io.peerup.pairing.RelayHost;
import io.peerup.testkit.SeededRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A group as its relay hands it out, without the relay.
final class TestGroup {

  static final PeerId RELAY = Ids.peer(200);

  private final KeyRandom random;
  private final GroupCode code;
  private final GroupKey key;

  TestGroup(String label) {
    this(SeededRandom.of(label));
  }

  TestGroup(SeededRandom chance) {
    this.random = chance::nextBytes;
    this.code =
        GroupCode.generate(
                1, RELAY, RelayHost.of(Multiaddr.parse("/ip4/203.0.113.7/tcp/7777")), "", random)
            .codes()
            .getFirst();
    this.key = code.secrets().groupKey();
  }

  String id() {
    return key.groupId();
  }

  /// What this device gets when it joins a group whose members are these.
  GroupJoin.Result.Joined join(
      int self, String name, Optional<Instant> expires, Map<Integer, String> members) {
    List<byte[]> intros = new ArrayList<>();
    new TreeMap<>(members).forEach((member, called) -> intros.add(intro(member, called)));
    return (GroupJoin.Result.Joined)
        new GroupJoin(code, Ids.key(self), name, random)
            .finish(RELAY, PairMessages.encode(new PairMessages.Admitted(expires, intros)));
  }

  PeerNotice notice(int member, String name) {
    return new PeerNotice(key.selector(), intro(member, name));
  }

  private byte[] intro(int member, String name) {
    return Intro.create(key, Ids.key(member), name, random).encoded();
  }
}
