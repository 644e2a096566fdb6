package io.peerup.libp2p.wire;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.MalformedInput;
import io.peerup.testkit.Decoding;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// The readers and text forms that every message goes through.
class WireFuzzTest {

  @MethodSource("varints")
  @FuzzTest
  void varint(byte[] input) {
    ByteReader in = new ByteReader(input);
    Decoding.of(input, MalformedInput.class, _ -> in.varint(Long.MAX_VALUE))
        .ifPresent(value -> {
          int length = input.length - in.remaining();
          check(length <= Varint.BYTES_MAX, "a number takes at most nine bytes");
          same(Varint.encode(value), Arrays.copyOf(input, length));
        });
  }

  static Stream<byte[]> varints() {
    return Stream.of(new byte[] {0}, new byte[] {(byte) 0x80, 1}, Varint.encode(Long.MAX_VALUE));
  }

  /// Walks any message as its decoder would, descending into whatever may be one.
  @MethodSource("messages")
  @FuzzTest
  void proto(byte[] input) {
    Decoding.of(input, MalformedInput.class, message -> walk(message, 0));
  }

  private static int walk(byte[] message, int depth) {
    ProtoReader in = new ProtoReader(message);
    int seen = 0;
    while (in.next()) {
      check(in.field() > 0, "field numbers begin at 1");
      switch (in.field() % 8) {
        case 0 -> in.skip();
        case 1 -> seen += (int) in.uint();
        case 2 -> check(in.uint31() >= 0, "not negative");
        case 3 -> check(in.bytes().length <= message.length, "within its message");
        case 4 -> seen += in.string().length();
        case 5 -> seen += (int) in.fixed64();
        default -> {
          byte[] inner = in.bytes();
          seen += depth < 8 ? walk(inner, depth + 1) : 0;
        }
      }
    }
    return seen;
  }

  static Stream<byte[]> messages() {
    ProtoWriter inner =
        new ProtoWriter().uint(1, -1).uint(2, 300).bytes(3, new byte[3]).string(4, "é").uint(8, 1);
    return Stream.of(
        inner.toByteArray(),
        new ProtoWriter().message(6, inner).fixed64(5, 7).message(15, inner).toByteArray());
  }

  @MethodSource("multibases")
  @FuzzTest
  void multibase(byte[] input) {
    String text = text(input);
    Decoding.of(input, MalformedInput.class, _ -> Multibase.decode(text))
        .ifPresent(value -> {
          String again =
              switch (text.charAt(0)) {
                case 'b' -> "b" + Base32.encode(value);
                case 'k' -> "k" + Radix.BASE36.encode(value);
                case 'z' -> "z" + Radix.BASE58.encode(value);
                case 'u' -> Multibase.base64Url(value);
                default -> "f" + HexFormat.of().formatHex(value);
              };
          same(again, text);
        });
  }

  static Stream<byte[]> multibases() {
    return Stream.of("bafzaajaiaejca", "k51qzi5uqu5d", "z12D3KooW", "uEiAg", "f0012ff", "z1111")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("ipTexts")
  @FuzzTest
  void ipLiteral(byte[] input) {
    String text = text(input);
    Decoding.of(input, MalformedInput.class, _ -> IpLiteral.parse4(text))
        .ifPresent(address -> same(IpLiteral.format(address), text));
    Decoding.of(input, MalformedInput.class, _ -> IpLiteral.parse6(text))
        .ifPresent(address -> same(IpLiteral.parse6(IpLiteral.format(address)), address));
  }

  static Stream<byte[]> ipTexts() {
    return Stream.of("192.0.2.1", "2001:db8::1", "64:ff9b::192.0.2.1", "::", "1:2:3:4:5:6:7:8")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("names")
  @FuzzTest
  void safeText(byte[] input) {
    Decoding.of(input, MalformedInput.class, utf8 -> SafeText.decode(utf8, 64, "the name"))
        .ifPresent(text -> {
          same(text.getBytes(StandardCharsets.UTF_8), input);
          check(text.codePoints().allMatch(SafeText::isPrintable), "printable");
          same(SafeText.check(text, 64, "the name"), text);
        });
  }

  static Stream<byte[]> names() {
    return Stream.of("laptop", "Zoë's phone", "e\u0301", "a\u202eb", "電話 2")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte[] input) {
    return new String(input, StandardCharsets.UTF_8);
  }
}
