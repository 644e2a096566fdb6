package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerRecord;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.PublicKey;
import io.peerup.libp2p.identify.Identify;
import io.peerup.libp2p.multistream.MultistreamInitiator;
import io.peerup.libp2p.multistream.MultistreamResponder;
import io.peerup.libp2p.noise.NoiseFramer;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.libp2p.wire.ProtoReader;
import io.peerup.libp2p.yamux.YamuxLimits;
import io.peerup.libp2p.yamux.YamuxListener;
import io.peerup.libp2p.yamux.YamuxOutput;
import io.peerup.libp2p.yamux.YamuxSession;
import io.peerup.libp2p.yamux.YamuxStream;
import io.peerup.testkit.Allocated;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A length is a claim. At each place of this module where one is read, claims of every size come
/// with a few bytes behind them: what is allocated is bounded by what is legal there, and far
/// smaller than the claim if it is not.
class AllocationTest {

  /// An exception with its stack trace, a machine, a stream's state.
  private static final int SLACK = 32 << 10;

  private static final PrivateKey KEY = PrivateKey.generate(KeyRandom.secure());

  /// What the varints of our formats can say, and protobuf's ten bytes beyond that.
  private static LongStream claims() {
    return LongStream.of(
        64 << 10, 1 << 20, 1 << 30, Integer.MAX_VALUE, 1L << 31, (1L << 32) - 1, Long.MAX_VALUE);
  }

  private static byte[] claim(long length) {
    return new ByteWriter().varint(length).bytes(new byte[8]).toByteArray();
  }

  /// The readers of varint lengths, each with what may be read there at most.
  private static Map<String, Consumer<byte[]>> readers() {
    Map<String, Consumer<byte[]>> all = new TreeMap<>();
    all.put("frame of a stream", in -> new FedStream(in).readFrame(4096));
    all.put("identify", in -> Identify.receive(new FedStream(in, connection()), TIMEOUT));
    all.put(
        "multistream, responder",
        in -> new MultistreamResponder(_ -> true).consume(in, 0, in.length));
    all.put(
        "multistream, initiator",
        in -> {
          MultistreamInitiator machine = new MultistreamInitiator(List.of("/test/1"), false);
          machine.start();
          machine.consume(in, 0, in.length);
        });
    all.put("field of our formats", in -> new ByteReader(in).lengthPrefixed(Integer.MAX_VALUE));
    all.put(
        "field of protobuf",
        in -> {
          ProtoReader reader = new ProtoReader(behind("0a", in));
          reader.next();
          reader.bytes();
        });
    all.put(
        "field of protobuf that is skipped",
        in -> {
          ProtoReader reader = new ProtoReader(behind("0a", in));
          reader.next();
          reader.skip();
        });
    all.put("name in a multiaddr", in -> Multiaddr.fromBytes(behind("36", in)));
    all.put("peer in a multiaddr", in -> Multiaddr.fromBytes(behind("a503", in)));
    all.put("peer id", in -> PeerId.fromBytes(behind("00", in)));
    all.put("key", in -> PublicKey.decode(behind("080112", in)));
    all.put("signed record", in -> PeerRecord.fromEnvelope(behind("0a", in)));
    return all;
  }

  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private static byte[] behind(String hex, byte[] bytes) {
    return new ByteWriter().bytes(HexFormat.of().parseHex(hex)).bytes(bytes).toByteArray();
  }

  private static Connection connection() {
    return (Connection)
        Proxy.newProxyInstance(
            AllocationTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (_, method, _) -> {
              assertThat(method.getName()).isEqualTo("remotePeer");
              return KEY.peerId();
            });
  }

  static Stream<Arguments> readersAndClaims() {
    return readers().keySet().stream()
        .flatMap(reader -> claims().mapToObj(claim -> Arguments.of(reader, claim)));
  }

  @ParameterizedTest
  @MethodSource("readersAndClaims")
  void aClaimedLengthIsRefusedAndNothingIsAllocatedForIt(String reader, long claim) {
    Consumer<byte[]> read = readers().getOrDefault(reader, _ -> {});
    byte[] input = claim(claim);
    assertThatThrownBy(() -> read.accept(input)).isInstanceOf(OverlayException.class);
    assertThat(
            Allocated.by(() -> {
              try {
                read.accept(input);
              } catch (OverlayException refused) {
                // as it should
              }
            }))
        .isLessThan(SLACK);
  }

  /// Every protocol of the stack reads its frames with this; these are the limits they give.
  @ParameterizedTest
  @ValueSource(ints = {256, 1024, 4096, 8192, 65_536})
  void theLargestLegalFrameOfAStreamCostsWhatItMayHold(int limit) {
    byte[] input = claim(limit);
    assertThatThrownBy(() -> new FedStream(input).readFrame(limit))
        .isInstanceOf(OverlayException.class);
    assertThat(
            Allocated.by(() -> {
              try {
                new FedStream(input).readFrame(limit);
              } catch (OverlayException ended) {
                // as it should
              }
            }))
        .isLessThan(limit + SLACK);
  }

  @Test
  void aNoiseFrameOfAStrangerIsRefusedAtItsLength() {
    int max = io.peerup.libp2p.noise.Limits.HANDSHAKE_FRAME_BYTES_MAX;
    byte[] input = {(byte) 0xff, (byte) 0xff, 1, 2, 3};
    assertThatThrownBy(() -> new NoiseFramer(max).consume(input, 0, input.length))
        .isInstanceOf(OverlayException.class);
    assertThat(
            Allocated.by(() -> {
              try {
                new NoiseFramer(max).consume(input, 0, input.length);
              } catch (OverlayException refused) {
                // as it should
              }
            }))
        .isLessThan(SLACK);
    byte[] legal = {(byte) (max >>> 8), (byte) max, 1, 2, 3};
    assertThat(Allocated.by(() -> new NoiseFramer(max).consume(legal, 0, legal.length)))
        .isLessThan(max + SLACK);
  }

  /// The length of a data frame may be anything up to 2^32 - 1; what is in the window is legal.
  @ParameterizedTest
  @ValueSource(longs = {256 << 10, (256 << 10) + 1, 1 << 24, 1 << 30, (1L << 32) - 1})
  void aYamuxFrameIsBufferedAsItComesAndNotAsItClaims(long length) {
    ByteBuffer frame = ByteBuffer.allocate(12 + 100);
    frame.put((byte) 0).put((byte) 0).putShort((short) 1).putInt(1).putInt((int) length);
    assertThat(
            Allocated.by(() -> {
              Ended listener = new Ended();
              YamuxSession session =
                  new YamuxSession(false, YamuxLimits.DEFAULT, () -> 0, new Nowhere(), listener);
              session.receive(frame.array(), 0, frame.capacity());
              boolean legal = length <= YamuxLimits.INITIAL_WINDOW_BYTES;
              assertThat(listener.ended).isEqualTo(!legal);
            }))
        .isLessThan(SLACK);
  }

  private static final class Ended implements YamuxListener {
    private boolean ended;

    @Override
    public void onStream(YamuxStream stream) {}

    @Override
    public void onReadingPaused(boolean paused) {}

    @Override
    public void onClosed(OverlayException cause) {
      ended = true;
    }
  }

  private static final class Nowhere implements YamuxOutput {
    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void frame(byte[] header, byte[] payload, int offset, int length) {}

    @Override
    public void flush() {}
  }

  /// DER has lengths of its own: of a sequence, of a bit string, of an integer.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "30847fffffff",
        "3084ffffffff",
        "30887fffffffffffffff",
        "300d03847fffffff00",
        "300d02847fffffff00"
      })
  void aLengthInsideAKeyIsRefusedAndNothingIsAllocatedForIt(String der) {
    byte[] data = Arrays.copyOf(HexFormat.of().parseHex(der), 32);
    byte[] key = new ByteWriter().bytes(new byte[] {8, 0, 0x12, 32}).bytes(data).toByteArray();
    assertThatThrownBy(() -> PublicKey.decode(key)).isInstanceOf(MalformedInput.class);
    assertThat(
            Allocated.by(() -> {
              try {
                PublicKey.decode(key);
              } catch (MalformedInput refused) {
                // as it should
              }
            }))
        .isLessThan(SLACK);
  }
}
