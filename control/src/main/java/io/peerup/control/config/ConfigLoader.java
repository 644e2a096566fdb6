package io.peerup.control.config;

import io.peerup.control.Failure;
import io.peerup.control.FileFacts;
import io.peerup.control.FileTrouble;
import io.peerup.control.Printable;
import io.peerup.control.config.Config.RelayLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.Node;

/// Reads `config.yaml`: a missing file means all defaults, a wrong one is refused with everything
/// that is wrong with it.
public final class ConfigLoader {
  private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final int ONE_MILLION = 1_000_000;
  private static final Duration YEAR = Duration.ofDays(365);

  private ConfigLoader() {}

  /// A further look at values that only a higher room understands, such as multiaddrs. What it
  /// notes is reported together with the loader's own problems.
  @FunctionalInterface
  public interface Check {
    void look(Config config, Problems problems);
  }

  /// Reads `file` and lets `checks` look at the values.
  ///
  /// @throws Failure `config-invalid` with all problems as `file:line: key: problem`;
  ///   `config-unsafe` when others may change the file; `config-unreadable` when reading fails
  public static Config load(Path file, Check... checks) {
    return parse(file.toString(), read(file), checks);
  }

  /// As [#load], from text.
  ///
  /// @param name how the file is named in problems
  public static Config parse(String name, String yaml, Check... checks) {
    Problems problems = new Problems(name);
    Node root = YamlNodes.compose(yaml, problems);
    // Without a document there is nothing more to find, and defaults are not worth checking.
    problems.throwIfAny();
    Config config = interpret(name, new Settings(root, problems), problems);
    for (Check check : checks) {
      check.look(config, problems);
    }
    problems.throwIfAny();
    return config;
  }

  private static Config interpret(String name, Settings settings, Problems problems) {
    Config defaults = Config.defaults();
    settings.integer("version", 1, 1, 1);
    Located<String> network = settings.text("discovery.network", "");
    if (!network.value().isEmpty() && !DNS_LABEL.matcher(network.value()).matches()) {
      problems.add(
          network, "must be at most 63 of a-z, 0-9 and dashes, without a dash at either end");
    }
    return new Config(
        name,
        new Config.Network(
            settings.texts("network.listen", defaults.network().listen()),
            settings.oneOf(
                "network.security", Config.Security.class, defaults.network().security())),
        new Config.Discovery(network, settings.bool("discovery.lan", defaults.discovery().lan())),
        new Config.Relay(
            settings.texts("relay.addresses", defaults.relay().addresses()),
            settings.bool("relay.direct", defaults.relay().direct())),
        new Config.RelayServer(
            settings.texts("relay-server.listen", defaults.relayServer().listen()),
            settings.bool("relay-server.members-invite", defaults.relayServer().membersInvite()),
            limits(settings, defaults.relayServer().limits())),
        new Config.Secrets(settings.text("secrets.passphrase-file", "")),
        new Config.Log(settings.oneOf("log.level", Config.Level.class, defaults.log().level())));
  }

  private static RelayLimits limits(Settings settings, RelayLimits defaults) {
    String section = "relay-server.limits.";
    return new RelayLimits(
        settings.integer(section + "reservations", 0, ONE_MILLION, defaults.reservations()),
        settings.duration(
            section + "reservation-ttl", Duration.ofMinutes(1), YEAR, defaults.reservationTtl()),
        settings.integer(section + "circuits-per-peer", 0, ONE_MILLION, defaults.circuitsPerPeer()),
        settings.size(section + "circuit-bytes", defaults.circuitBytes()),
        settings.duration(
            section + "circuit-duration", Duration.ZERO, YEAR, defaults.circuitDuration()));
  }

  /// The file's text, empty when there is no file. It holds no secret, so others may read it; but
  /// whoever may change it decides whom this peer talks to.
  private static String read(Path file) {
    try {
      refuseUnsafe(file, FileFacts.following(file));
      try (InputStream in = Files.newInputStream(file)) {
        byte[] content = in.readNBytes(Limits.FILE_BYTES + 1);
        if (content.length > Limits.FILE_BYTES) {
          throw new IOException("it is larger than " + Limits.FILE_BYTES / 1024 + " KiB");
        }
        return decode(file, content);
      }
    } catch (NoSuchFileException _) {
      return "";
    } catch (IOException e) {
      throw FileTrouble.failure("config-unreadable", "cannot read", file, e);
    }
  }

  private static String decode(Path file, byte[] content) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException _) {
      Problems problems = new Problems(file.toString());
      problems.add(lineOfBadUtf8(content), "", "this is not UTF-8 text");
      problems.throwIfAny();
      throw new IllegalStateException("a noted problem is thrown");
    }
  }

  private static int lineOfBadUtf8(byte[] content) {
    ByteBuffer input = ByteBuffer.wrap(content);
    StandardCharsets.UTF_8.newDecoder().decode(input, CharBuffer.allocate(content.length), true);
    int line = 1;
    for (int i = 0; i < input.position(); i++) {
      line += content[i] == '\n' ? 1 : 0;
    }
    return line;
  }

  private static void refuseUnsafe(Path file, FileFacts facts) {
    String name = Printable.of(file.toString());
    if (!facts.isRegularFile()) {
      throw new Failure(
          "config-unreadable",
          name + " is " + facts.kind() + ", not a file",
          "move it away: mv " + name + " " + name + ".old");
    }
    if (!facts.isOurs() && facts.uid() != 0) {
      throw new Failure(
          "config-unsafe",
          name + " belongs to user " + facts.uid() + ", not to us (" + FileFacts.ourUid() + ")",
          "chown " + FileFacts.ourUid() + " " + name);
    }
    if (facts.isWritableByOthers()) {
      throw new Failure(
          "config-unsafe",
          name + " may be changed by other users (mode " + facts.permissions() + ")",
          "chmod go-w " + name);
    }
  }
}
