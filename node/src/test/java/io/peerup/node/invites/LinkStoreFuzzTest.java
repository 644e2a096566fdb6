package io.peerup.node.invites;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.node.Ids;
import io.peerup.pairing.InviteAccept;
import io.peerup.pairing.InviteUrl;
import io.peerup.pairing.PeerCard;
import io.peerup.pairing.UrlInvites;
import io.peerup.pairing.mailbox.CapabilityHash;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// The file of a node's links, damaged in any way: read or refused, within its bounds, and written
/// as it was read.
class LinkStoreFuzzTest {

  private static final SeededRandom CHANCE = SeededRandom.fixed(6);
  private static final KeyRandom RANDOM = CHANCE::nextBytes;
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final PeerId RELAY = Ids.peer(9);

  @MethodSource("files")
  @FuzzTest
  void file(byte[] input) {
    Decoding.of(input, Failure.class, LinkStoreFuzzTest::read)
        .ifPresent(store -> {
          check(store.revoked.size() <= Limits.REVOKED_MAX, "so many to forget");
          check(store.refusals().size() <= Limits.REFUSALS_MAX, "so many reasons");
          check(store.accepted.size() <= Limits.ACCEPTED_MAX, "so many accepted");
          check(
              Stream.concat(
                      store.made.values().stream().flatMap(each -> each.relays().stream()),
                      store.accepted.stream().flatMap(each -> each.relays.stream()))
                  .allMatch(relay -> relay.peer().isPresent()),
              "each relay has its peer id");
          JsonObject written = store.snapshot();
          same(read(bytes(written)).snapshot(), written);
        });
  }

  private static LinkStore read(byte[] bytes) {
    return new LinkStore(Path.of("links.json"), Optional.of(bytes));
  }

  static Stream<byte[]> files() {
    Multiaddr relay = Multiaddr.parse("/ip4/45.33.1.1/tcp/7777").withPeer(RELAY);
    LinkStore store = new LinkStore(Path.of("links.json"), Optional.empty());
    JsonObject empty = store.snapshot();
    UrlInvites.Spec spec = new UrlInvites.Spec(List.of(relay), new byte[32], "crew", "home");
    InviteUrl url = store.table().create(Ids.key(1), spec, 2, Duration.ofHours(1), RANDOM, NOW);
    String id = store.table().links().getFirst().id();
    CapabilityHash capability = CapabilityHash.of(new byte[32]);
    store.made.put(
        id, new LinkStore.Made(capability, 2, NOW, url.expires(), List.of(relay), false));
    JsonObject made = store.snapshot();
    store.revoke(new LinkStore.Revoked(RELAY, capability, url.expires()));
    store.refuse(NOW, "cafe0123", "it came too late");
    store.accepted.add(
        new Acceptance(
            InviteAccept.of(url, Ids.key(2), PeerCard.of("laptop", List.of()), RANDOM, NOW),
            url.relays(),
            url.depositCapability(),
            capability,
            "laptop",
            Optional.of("crew")));
    return Stream.of(empty, made, store.snapshot(), parts(store)).map(LinkStoreFuzzTest::bytes);
  }

  /// What is not in the tables of other rooms, which have their own targets: small enough to be
  /// changed everywhere.
  private static JsonObject parts(LinkStore store) {
    JsonObject root = store.snapshot();
    root.add("links", new UrlInvites().snapshot());
    root.add("accepted", new JsonArray());
    return root;
  }

  private static byte[] bytes(JsonObject tree) {
    return tree.toString().getBytes(StandardCharsets.UTF_8);
  }
}
