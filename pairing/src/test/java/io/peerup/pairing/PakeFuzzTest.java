package io.peerup.pairing;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.crypto.MlKem768;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.pairing.PakeMessages.HelloA;
import io.peerup.pairing.PakeMessages.HelloB;
import io.peerup.pairing.PakeMessages.Proof;
import io.peerup.pairing.PakeMessages.Share;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.Vectors;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// The frames of a pairing run by code, and both machines that take them.
class PakeFuzzTest {

  private static final PrivateKey JOINER = Fixtures.identity(3);
  private static final String KNOWN = "pairing/pairing_known_answers.json";

  @MethodSource("hellos")
  @FuzzTest
  void helloOfJoiner(byte[] input) {
    Decoding.of(input, MalformedInput.class, HelloA::decode)
        .ifPresent(hello -> same(hello.encoded(), input));
  }

  @MethodSource("hellos")
  @FuzzTest
  void helloOfInviter(byte[] input) {
    Decoding.of(input, MalformedInput.class, HelloB::decode)
        .ifPresent(hello -> same(hello.encoded(), input));
  }

  static Stream<byte[]> hellos() {
    return Stream.concat(
        Stream.of(
            new HelloA(2, new byte[8], new byte[32], JOINER.peerId()).encoded(),
            new HelloB(new byte[32], JOINER.peerId()).encoded()),
        Vectors.seeds(KNOWN, "m1", "m2"));
  }

  @MethodSource("shares")
  @FuzzTest
  void share(byte[] input) {
    for (int type : new int[] {PakeMessages.SHARE_A, PakeMessages.SHARE_B}) {
      Decoding.of(input, MalformedInput.class, frame -> Share.decode(frame, type))
          .ifPresent(share -> same(share.encoded(type), input));
    }
  }

  static Stream<byte[]> shares() {
    byte[] share = new byte[CPace25519.SHARE_BYTES];
    Stream<byte[]> known =
        Stream.concat(
                Vectors.seeds(KNOWN, "Ya", "Yb"), Vectors.seeds("cpace/x25519_low_order.json", "u"))
            .map(each -> new Share(each, new byte[MlKem768.CIPHERTEXT_BYTES]))
            .map(each -> each.encoded(PakeMessages.SHARE_B));
    return Stream.concat(
        Stream.of(
            new Share(share, new byte[MlKem768.KEY_BYTES]).encoded(PakeMessages.SHARE_A),
            new Share(share, new byte[MlKem768.CIPHERTEXT_BYTES]).encoded(PakeMessages.SHARE_B)),
        known);
  }

  @MethodSource("proofs")
  @FuzzTest
  void proof(byte[] input) {
    Decoding.of(input, MalformedInput.class, Proof::decode)
        .ifPresent(proof -> same(proof.encoded(), input));
  }

  static Stream<byte[]> proofs() {
    return Stream.concat(
        Stream.of(new Proof(new byte[32], new byte[64], new byte[20]).encoded()),
        Vectors.seeds(KNOWN, "m5", "m6", "m7"));
  }

  @MethodSource("cards")
  @FuzzTest
  void peerCard(byte[] input) {
    Decoding.of(input, MalformedInput.class, PeerCard::decode)
        .ifPresent(card -> {
          check(card.addresses().size() <= Limits.CARD_ADDRESSES_MAX, "as many as allowed");
          PeerCard again = PeerCard.decode(card.encoded());
          same(again.encoded(), card.encoded());
          same(again.addresses(), card.addresses());
          same(again.name(), card.name());
        });
  }

  static Stream<byte[]> cards() {
    Multiaddr address = Multiaddr.parse("/ip4/192.0.2.1/tcp/7777");
    return Stream.of(
        PairingWorld.card("home").encoded(),
        new PeerCard("a", List.of(address), "peerup 1", "home", List.of(address), new byte[4])
            .encoded());
  }

  /// Frames that a joiner without the code sends: nothing is thrown, nobody is let in.
  @MethodSource("runs")
  @FuzzTest
  void inviter(byte[] input) {
    PairingWorld world = world();
    PairingResponder responder = world.inviter(JOINER);
    ByteReader in = new ByteReader(input);
    for (int i = 0; i < 4 && in.remaining() >= 2; i++) {
      byte[] frame = in.bytes(Math.min(in.u16(), in.remaining()));
      PairingResponder.Step step = responder.receive(frame, world.now());
      check(!(step instanceof PairingResponder.Step.Commit), "nobody without the code is let in");
    }
    check(world.table.unentered().isEmpty(), "nobody was let in");
  }

  /// Frames that somebody sends who claims to be the inviter.
  @MethodSource("runs")
  @FuzzTest
  void joiner(byte[] input) {
    PairingWorld world = world();
    PairingInitiator initiator = world.joiner(world.secret, JOINER);
    initiator.start(world.now());
    ByteReader in = new ByteReader(input);
    for (int i = 0; i < 4 && in.remaining() >= 2; i++) {
      byte[] frame = in.bytes(Math.min(in.u16(), in.remaining()));
      PairingInitiator.Step step = initiator.receive(frame, world.now());
      check(!(step instanceof PairingInitiator.Step.Paired), "only who has the code is believed");
    }
  }

  static Stream<byte[]> runs() {
    byte[] secretSelector = world().secret.selector();
    byte[] hello = new HelloA(2, secretSelector, new byte[32], JOINER.peerId()).encoded();
    byte[] answer = new HelloB(new byte[32], PairingWorld.INVITER.peerId()).encoded();
    return Stream.of(run(hello, new byte[50]), run(answer, new byte[50]));
  }

  private static PairingWorld world() {
    return new PairingWorld(SeededRandom.fixed(3));
  }

  private static byte[] run(byte[]... frames) {
    ByteWriter out = new ByteWriter();
    for (byte[] frame : frames) {
      out.u16(frame.length).bytes(frame);
    }
    return out.toByteArray();
  }
}
