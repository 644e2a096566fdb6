package io.peerup.node.invites;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PrivateKey;
import io.peerup.node.Ids;
import io.peerup.pairing.InviteAccept;
import io.peerup.pairing.InviteUrl;
import io.peerup.pairing.PeerCard;
import io.peerup.pairing.UrlInvites;
import io.peerup.pairing.mailbox.CapabilityHash;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A link for an hour that has just been accepted.
final class TestAcceptance {

  static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  private static final Multiaddr RELAY =
      Multiaddr.parse("/ip4/45.33.1.1/tcp/7777").withPeer(Ids.peer(9));
  private static final PrivateKey INVITER = Ids.key(1);
  private static final PrivateKey JOINER = Ids.key(2);

  private TestAcceptance() {}

  static Acceptance make() {
    KeyRandom random = KeyRandom.secure();
    UrlInvites.Spec spec = new UrlInvites.Spec(List.of(RELAY), new byte[32], "crew", "home");
    InviteUrl url = new UrlInvites().create(INVITER, spec, 1, Duration.ofHours(1), random, NOW);
    return new Acceptance(
        InviteAccept.of(url, JOINER, PeerCard.of("laptop", List.of()), random, NOW),
        url.relays(),
        url.depositCapability(),
        CapabilityHash.of(new byte[32]),
        "laptop",
        Optional.empty());
  }
}
