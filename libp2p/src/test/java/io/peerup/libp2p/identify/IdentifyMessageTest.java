package io.peerup.libp2p.identify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerRecord;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.wire.ProtoWriter;
import io.peerup.testkit.SeededRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IdentifyMessageTest {

  private static final PrivateKey KEY = PrivateKey.generate(KeyRandom.secure());
  private static final PeerId PEER = PeerId.of(KEY.publicKey());

  private static Multiaddr address(int port) {
    return Multiaddr.parse("/ip4/192.0.2.1/tcp/" + port);
  }

  private static IdentifyMessage message(List<Multiaddr> addresses, List<String> protocols) {
    return new IdentifyMessage(
        Optional.of(KEY.publicKey()),
        addresses,
        protocols,
        Optional.of(address(7)),
        Optional.of("ipfs/0.1.0"),
        Optional.of("test/1"),
        Optional.empty());
  }

  private static byte[] envelope(List<Multiaddr> addresses) {
    return new PeerRecord(PEER, 1, addresses).toEnvelope(KEY).encoded();
  }

  private static IdentifyMessage decode(List<byte[]> frames) {
    IdentifyMessage.Decoder decoder = new IdentifyMessage.Decoder();
    frames.forEach(decoder::add);
    return decoder.message();
  }

  @Test
  void everyFieldSurvivesTheWire() {
    List<Multiaddr> addresses = List.of(address(1), address(2));
    IdentifyMessage sent = message(addresses, List.of("/a/1", "/b/2"));
    List<byte[]> frames = sent.encode(envelope(addresses));
    assertThat(frames).hasSize(1);
    IdentifyMessage seen = decode(frames);
    assertThat(seen.key()).contains(KEY.publicKey());
    assertThat(seen.listenAddresses()).isEqualTo(addresses);
    assertThat(seen.protocols()).containsExactly("/a/1", "/b/2");
    assertThat(seen.observedAddress()).contains(address(7));
    assertThat(seen.protocolVersion()).contains("ipfs/0.1.0");
    assertThat(seen.agentVersion()).contains("test/1");
    assertThat(seen.signedRecord()).contains(new PeerRecord(PEER, 1, addresses));
  }

  @Test
  void fieldNumbersAreThoseOfTheSchema() {
    IdentifyMessage small =
        new IdentifyMessage(
            Optional.empty(),
            List.of(address(1)),
            List.of("/a"),
            Optional.empty(),
            Optional.of("v"),
            Optional.of("g"),
            Optional.empty());
    assertThat(HexFormat.of().formatHex(small.encode(new byte[0]).getFirst()))
        .isEqualTo("1208" + "04c0000201060001" + "1a02" + "2f61" + "2a01" + "76" + "3201" + "67");
  }

  @Test
  void theRecordGoesIntoASecondFrameWhenTheFirstWouldBeTooLong() {
    List<Multiaddr> addresses = IntStream.range(1, 100).mapToObj(port -> address(port)).toList();
    List<String> protocols = IntStream.range(0, 170).mapToObj(i -> "/protocol/" + i).toList();
    byte[] envelope = envelope(addresses);
    List<byte[]> frames = message(addresses, protocols).encode(envelope);
    assertThat(frames).hasSize(2);
    assertThat(frames.getFirst().length).isLessThanOrEqualTo(Limits.FIRST_FRAME_BYTES_MAX);
    assertThat(decode(List.of(frames.getFirst())).protocols()).isEqualTo(protocols);
    assertThat(decode(List.of(frames.getFirst())).listenAddresses()).isEqualTo(addresses);
    assertThat(decode(frames).signedRecord()).isPresent();
  }

  @Test
  void theFirstFrameFitsWhateverWeServe() {
    List<Multiaddr> addresses = IntStream.range(1, 500).mapToObj(port -> address(port)).toList();
    List<String> protocols = IntStream.range(0, 500).mapToObj(i -> "/protocol/" + i).toList();
    List<byte[]> frames = message(addresses, protocols).encode(new byte[0]);
    assertThat(frames).hasSize(1);
    assertThat(frames.getFirst().length).isLessThanOrEqualTo(Limits.FIRST_FRAME_BYTES_MAX);
    IdentifyMessage seen = decode(frames);
    assertThat(seen.key()).isPresent();
    assertThat(seen.listenAddresses()).isNotEmpty();
    assertThat(seen.protocols()).isNotEmpty();
  }

  @Test
  void framesMergeRepeatedFieldsAppendAndTheLastScalarWins() {
    IdentifyMessage seen =
        decode(
            List.of(
                new ProtoWriter().string(3, "/a").string(6, "one").toByteArray(),
                new ProtoWriter().string(3, "/b").string(6, "two").toByteArray()));
    assertThat(seen.protocols()).containsExactly("/a", "/b");
    assertThat(seen.agentVersion()).contains("two");
  }

  @Test
  void theTenthFrameIsTakenAndTheEleventhRefused() {
    IdentifyMessage.Decoder decoder = new IdentifyMessage.Decoder();
    for (int i = 0; i < Limits.FRAMES_MAX; i++) {
      decoder.add(new byte[0]);
    }
    assertThatThrownBy(() -> decoder.add(new byte[0])).isInstanceOf(MalformedInput.class);
  }

  @Test
  void asManyAddressesAreTakenAsTheLimitAndTheRestIsLeftOut() {
    ProtoWriter many = new ProtoWriter();
    for (int port = 1; port <= Limits.ADDRESSES_MAX; port++) {
      many.bytes(2, address(port).bytes());
    }
    List<byte[]> frames = new ArrayList<>();
    frames.add(many.toByteArray());
    assertThat(decode(frames).listenAddresses()).hasSize(Limits.ADDRESSES_MAX);
    frames.add(new ProtoWriter().bytes(2, address(60_000).bytes()).toByteArray());
    assertThat(decode(frames).listenAddresses())
        .hasSize(Limits.ADDRESSES_MAX)
        .doesNotContain(address(60_000));
  }

  @Test
  void theLongestProtocolIsTakenAndOneByteLongerIsLeftOut() {
    String longest = "/" + "p".repeat(Limits.PROTOCOL_BYTES_MAX - 1);
    ProtoWriter both = new ProtoWriter().string(3, longest + "p").string(3, longest);
    assertThat(decode(List.of(both.toByteArray())).protocols()).containsExactly(longest);
  }

  @Test
  void protocolsAndTextsAreCutAtTheirLimits() {
    ProtoWriter many = new ProtoWriter();
    for (int i = 0; i < Limits.PROTOCOLS_MAX + 5; i++) {
      many.string(3, "/" + i);
    }
    many.string(6, "x".repeat(Limits.TEXT_MAX + 1));
    IdentifyMessage seen = decode(List.of(many.toByteArray()));
    assertThat(seen.protocols()).hasSize(Limits.PROTOCOLS_MAX);
    assertThat(seen.agentVersion().orElseThrow()).hasSize(Limits.TEXT_MAX);
  }

  @Test
  void anUnknownAddressOrRecordIsLeftOutAndTheRestStands() {
    IdentifyMessage seen =
        decode(
            List.of(
                new ProtoWriter()
                    .bytes(2, new byte[] {(byte) 0xff, 0x7f, 1})
                    .bytes(2, address(1).bytes())
                    .bytes(8, new byte[] {1, 2, 3})
                    .toByteArray()));
    assertThat(seen.listenAddresses()).containsExactly(address(1));
    assertThat(seen.signedRecord()).isEmpty();
  }

  @Test
  void textsThatCouldDeceiveATerminalAreDefused() {
    IdentifyMessage seen =
        decode(
            List.of(
                new ProtoWriter()
                    .string(3, "/good")
                    .string(3, "/bad\u001b[2J")
                    .string(6, "a\u001b[31m\u202eb\n")
                    .toByteArray()));
    assertThat(seen.protocols()).containsExactly("/good");
    assertThat(seen.agentVersion()).contains("a?[31m?b?");
  }

  @Test
  void aKeyThatIsNoKeyIsRefused() {
    assertThatThrownBy(
            () -> decode(List.of(new ProtoWriter().bytes(1, new byte[] {1}).toByteArray())))
        .isInstanceOf(MalformedInput.class);
  }

  @Test
  void randomBytesNeverThrowAnythingElse() {
    RandomGenerator random = SeededRandom.of(getClass());
    byte[] valid =
        message(List.of(address(1)), List.of("/a"))
            .encode(envelope(List.of(address(1))))
            .getFirst();
    for (int i = 0; i < 3000; i++) {
      byte[] bytes = valid.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        decode(List.of(bytes));
      } catch (MalformedInput expected) {
        // as promised
      }
    }
  }
}
