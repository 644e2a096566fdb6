package io.peerup.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClientHelloTest {

  private static final byte[] HELLO = hello(new byte[0], "/yamux/1.0.0", "libp2p");

  @Test
  void theNamesAreReadOnce() {
    ClientHello read = new ClientHello();
    assertThat(take(read, HELLO)).contains(List.of("/yamux/1.0.0", "libp2p"));
    assertThat(take(read, HELLO)).isEmpty();
  }

  @Test
  void itMayBeCutAnywhereAndOtherRecordsMayLieBetween() {
    for (int cut = 0; cut <= HELLO.length; cut++) {
      ClientHello read = new ClientHello();
      Optional<List<String>> first = take(read, Arrays.copyOf(HELLO, cut));
      read.record(new byte[] {20, 3, 3, 0, 1, 1}, 0, 6);
      Optional<List<String>> second = take(read, Arrays.copyOfRange(HELLO, cut, HELLO.length));
      assertThat(first.or(() -> second)).contains(List.of("/yamux/1.0.0", "libp2p"));
    }
  }

  @Test
  void aHelloWithoutNamesHasNone() {
    assertThat(take(new ClientHello(), hello(new byte[0]))).contains(List.of());
  }

  @Test
  void aMessageAtTheLimitIsReadAndALongerOneRefused() {
    int room = Limits.HELLO_BYTES_MAX - Limits.HEADER_BYTES - hello(new byte[0], "a").length;
    assertThat(take(new ClientHello(), hello(new byte[room], "a"))).contains(List.of("a"));
    byte[] longer = hello(new byte[room + 1], "a");
    assertThatThrownBy(() -> take(new ClientHello(), longer))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("" + Limits.HELLO_BYTES_MAX);
  }

  @Test
  void whatClaimsToBeLongerIsRefusedBeforeItComes() {
    assertThatThrownBy(() -> take(new ClientHello(), new byte[] {1, 1, 0, 0}))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("claims 65536 bytes");
  }

  @Test
  void anotherMessageIsRefused() {
    assertThatThrownBy(() -> take(new ClientHello(), new byte[] {2, 0, 0, 0}))
        .isInstanceOf(ProtocolViolation.class);
  }

  @Test
  void lengthsThatLeadOutOfItAreRefused() {
    for (int at = 4; at < HELLO.length; at++) {
      byte[] changed = HELLO.clone();
      changed[at] = (byte) 0xff;
      ClientHello read = new ClientHello();
      try {
        assertThat(take(read, changed)).isPresent();
      } catch (ProtocolViolation e) {
        assertThat(e).hasMessageContaining("malformed");
      }
    }
  }

  static Optional<List<String>> take(ClientHello read, byte[] message) {
    byte[] record =
        new ByteWriter()
            .bytes(new byte[] {22, 3, 1})
            .u16(message.length)
            .bytes(message)
            .toByteArray();
    return read.record(record, 0, record.length);
  }

  /// A hello with an extension of padding and one of names.
  static byte[] hello(byte[] padding, String... names) {
    ByteWriter list = new ByteWriter();
    for (String name : names) {
      list.u8(name.length()).bytes(name.getBytes(StandardCharsets.US_ASCII));
    }
    byte[] alpn = list.toByteArray();
    ByteWriter extensions = new ByteWriter().u16(21).u16(padding.length).bytes(padding);
    extensions.u16(16).u16(alpn.length + 2).u16(alpn.length).bytes(alpn);
    byte[] all = extensions.toByteArray();
    byte[] body =
        new ByteWriter()
            .u16(0x0303)
            .bytes(new byte[32])
            .u8(0)
            .u16(2)
            .u16(0x1301)
            .u8(1)
            .u8(0)
            .u16(all.length)
            .bytes(all)
            .toByteArray();
    return new ByteWriter()
        .u8(1)
        .u8(body.length >> 16)
        .u16(body.length & 0xffff)
        .bytes(body)
        .toByteArray();
  }
}
