package io.peerup.libp2p.tls;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.testkit.Decoding;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class ClientHelloFuzzTest {

  /// What is read from one record is read from two, wherever the message is cut.
  @MethodSource("messages")
  @FuzzTest
  void message(byte[] input) {
    Optional<List<String>> whole =
        Decoding.of(
                input,
                ProtocolViolation.class,
                bytes -> ClientHelloTest.take(new ClientHello(), bytes))
            .flatMap(names -> names);
    whole.ifPresent(names -> {
      int read = names.stream().mapToInt(name -> name.length() + 1).sum();
      check(read <= input.length, "names are made of what came");
      int cut = input[input.length - 1] & 0xff;
      ClientHello again = new ClientHello();
      int first = Math.min(cut, input.length);
      Optional<List<String>> one = ClientHelloTest.take(again, Arrays.copyOf(input, first));
      Optional<List<String>> two =
          ClientHelloTest.take(again, Arrays.copyOfRange(input, first, input.length));
      same(one.or(() -> two), whole);
    });
  }

  static Stream<byte[]> messages() {
    return Stream.of(
        ClientHelloTest.hello(new byte[0], "/yamux/1.0.0", "libp2p", "peerup-offers:/noise"),
        ClientHelloTest.hello(new byte[3]),
        new byte[] {1, 0, 0, 0});
  }
}
