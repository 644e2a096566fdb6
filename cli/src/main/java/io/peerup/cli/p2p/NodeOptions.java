package io.peerup.cli.p2p;

import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Refused;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options of the host that every tool makes.
final class NodeOptions {

  /// Security protocols that exist here.
  enum Security {
    noise
  }

  /// Transports that exist here.
  enum Transport {
    tcp("/ip4/127.0.0.1/tcp/0"),
    quic("/ip4/127.0.0.1/udp/0/quic-v1");

    private final String anyPort;

    Transport(String anyPort) {
      this.anyPort = anyPort;
    }

    /// Where to listen when nobody says where.
    Multiaddr anyPort() {
      return Multiaddr.parse(anyPort);
    }

    boolean carries(Multiaddr address) {
      return address.isQuic() == (this == quic);
    }
  }

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "Be the peer whose libp2p private key (protobuf, as in identity.key) is in FILE; a"
              + " throw-away Ed25519 key otherwise.")
  private @Nullable Path key;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      converter = Converters.Seconds.class,
      description = "End after this time. Default: 30 s, for listening and holding no end.")
  private @Nullable Duration timeout;

  @Option(
      names = "--security",
      paramLabel = "NAME",
      defaultValue = "noise",
      description = "The security protocol: ${COMPLETION-CANDIDATES}.")
  @SuppressWarnings("UnusedVariable") // one value so far; the check of the word is the point
  private Security security = Security.noise;

  @Option(
      names = "--transport",
      paramLabel = "NAME",
      description =
          "The transport: ${COMPLETION-CANDIDATES}. Says what to listen on where no address does (tcp"
              + " otherwise), and what an address that is dialled must be of.")
  private @Nullable Transport transport;

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

  /// Where to listen when nobody says where.
  Multiaddr listenDefault() {
    return (transport == null ? Transport.tcp : transport).anyPort();
  }

  /// Throws [Refused] if another transport was asked for than this address is of.
  void checkTransport(Multiaddr address) {
    if (transport != null && !transport.carries(address)) {
      throw new Refused(
          address + " is not an address of the transport " + transport,
          "leave --transport out: the address says what it is of");
    }
  }

  /// How long a command that does one thing may take.
  Duration timeoutOrDefault() {
    return timeout == null ? DEFAULT_TIMEOUT : timeout;
  }

  /// What the user said, for commands that may stay for ever.
  Optional<Duration> timeout() {
    return Optional.ofNullable(timeout);
  }

  /// The key to be known by. Throws [Failure] if the file cannot be used.
  PrivateKey identity() {
    if (key == null) {
      return PrivateKey.generate(KeyRandom.secure());
    }
    byte[] bytes = PrivateFiles.read(key);
    try {
      return PrivateKey.decode(bytes);
    } catch (MalformedInput wrong) {
      throw new Failure(
          "key-damaged",
          key + " does not hold a libp2p private key: " + wrong.getMessage(),
          "name a file in the form of a home's identity.key (`peerup init` makes one)",
          wrong);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
