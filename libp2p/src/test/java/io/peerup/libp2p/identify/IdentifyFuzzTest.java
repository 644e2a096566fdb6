package io.peerup.libp2p.identify;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerRecord;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.libp2p.wire.SafeText;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.Vectors;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class IdentifyFuzzTest {

  private static final PrivateKey KEY = PrivateKey.ofEd25519Seed(new byte[32]);

  /// Frames behind their lengths, as they come from the stream.
  @MethodSource("messages")
  @FuzzTest
  void frames(byte[] input) {
    Decoding.of(input, MalformedInput.class, IdentifyFuzzTest::decode)
        .ifPresent(message -> {
          check(message.listenAddresses().size() <= Limits.ADDRESSES_MAX, "as many as allowed");
          check(message.protocols().size() <= Limits.PROTOCOLS_MAX, "as many as allowed");
          Stream.concat(
                  message.protocols().stream(),
                  Stream.of(message.agentVersion(), message.protocolVersion())
                      .flatMap(Optional::stream))
              .forEach(
                  text -> check(text.codePoints().allMatch(SafeText::isPrintable), "printable"));
          comesBack(message);
        });
  }

  /// Our own encoding of it, unless that had to leave something out, reads as the same.
  private static void comesBack(IdentifyMessage message) {
    List<byte[]> frames = message.encode(new byte[0]);
    check(frames.getFirst().length <= Limits.FIRST_FRAME_BYTES_MAX, "one frame that all read");
    IdentifyMessage.Decoder decoder = new IdentifyMessage.Decoder();
    frames.forEach(decoder::add);
    IdentifyMessage again = decoder.message();
    same(again.key(), message.key());
    same(again.observedAddress(), message.observedAddress());
    check(message.protocols().containsAll(again.protocols()), "nothing new");
    check(message.listenAddresses().containsAll(again.listenAddresses()), "nothing new");
  }

  private static IdentifyMessage decode(byte[] input) {
    IdentifyMessage.Decoder decoder = new IdentifyMessage.Decoder();
    ByteReader in = new ByteReader(input);
    while (in.hasRemaining()) {
      decoder.add(in.lengthPrefixed(Limits.FRAME_BYTES_MAX));
    }
    return decoder.message();
  }

  static Stream<byte[]> messages() {
    Multiaddr address = Multiaddr.parse("/ip4/192.0.2.1/tcp/4001");
    IdentifyMessage message =
        new IdentifyMessage(
            Optional.of(KEY.publicKey()),
            List.of(address),
            List.of("/ipfs/ping/1.0.0", "/ipfs/id/1.0.0"),
            Optional.of(address),
            Optional.of("ipfs/0.1.0"),
            Optional.of("peerup"),
            Optional.empty());
    byte[] record = new PeerRecord(KEY.peerId(), 1, List.of(address)).toEnvelope(KEY).encoded();
    IdentifyMessage bare =
        new IdentifyMessage(
            Optional.empty(),
            List.of(),
            List.of("/a"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    Stream<byte[]> js =
        Vectors.seeds("libp2p/js-generated.json", "identify").map(each -> frames(List.of(each)));
    Stream<byte[]> own =
        Stream.of(
            frames(message.encode(new byte[0])),
            frames(message.encode(record)),
            frames(List.of(bare.encode(new byte[0]).getFirst(), new byte[] {26, 2, '/', 'b'})));
    return Stream.concat(own, js);
  }

  private static byte[] frames(List<byte[]> frames) {
    ByteWriter out = new ByteWriter();
    frames.forEach(out::lengthPrefixed);
    return out.toByteArray();
  }
}
